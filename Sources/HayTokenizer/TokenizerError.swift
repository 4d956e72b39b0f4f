import HayJSON

/// Why a tokenizer cannot be read: which file, which key, and what was expected there.
public enum TokenizerError: Error, Equatable, CustomStringConvertible {
    /// A file that is not there or cannot be read.
    case unreadable(file: String, reason: String)
    /// A file above the size that is read.
    case tooLarge(file: String, size: Int, limit: Int)
    /// A file that is not JSON.
    case notJSON(file: String, JSONError)
    /// A file that is not UTF-8 text.
    case notText(file: String)
    /// A key that must be there.
    case missingKey(file: String, key: String)
    /// A value of another kind than its key needs.
    case wrongValue(file: String, key: String, expected: String, found: String)
    /// A component or an option that Hayloft does not know.
    case unsupported(file: String, key: String, component: String)
    /// A token whose id is negative or above the largest that is read.
    case idOutOfRange(file: String, key: String, token: String, id: Int, limit: Int)
    /// A token that is named where the vocabulary must have it.
    case unknownToken(file: String, key: String, token: String)
    /// A token with more bytes than can be matched in bounded time.
    case tokenTooLong(file: String, key: String, size: Int, limit: Int)
    /// A score that is not a number or not finite.
    case badScore(file: String, key: String, token: String)
    /// Replacements that could make a short text too long for any memory.
    case expandsTooMuch(file: String, key: String, factor: Double, limit: Double)
    /// A text that cannot be cut to a number of tokens.
    case cannotTruncate(to: Int, reason: String)
    /// Normalization data that contradicts its own sizes.
    case badCharsMap(file: String, key: String, reason: String)
    /// A sentencepiece model whose bytes or fields are not in order; the key is empty for the file as a whole.
    case badModelFile(file: String, key: String, reason: String)

    /// What is wrong, where, and what was expected, in one sentence.
    public var description: String {
        switch self {
        case .unreadable(let file, let reason): "\(file) cannot be read: \(reason)"
        case .tooLarge(let file, let size, let limit):
            "\(file) has \(size) bytes, more than the \(limit) that a tokenizer file may have"
        case .notJSON(let file, let error): "\(file) is not JSON: \(error)"
        case .notText(let file): "\(file) is not UTF-8 text"
        case .missingKey(let file, let key): "\(file) has no key '\(key)'"
        case .wrongValue(let file, let key, let expected, let found):
            key.isEmpty
                ? "\(file) is \(found), expected \(expected)"
                : "\(file): '\(key)' is \(found), expected \(expected)"
        case .unsupported(let file, let key, let component):
            "\(file): \(component) is not supported yet (at '\(key)')"
        case .idOutOfRange(let file, let key, let token, let id, let limit):
            "\(file): '\(key)' gives token '\(token)' the id \(id), expected 0 to \(limit)"
        case .unknownToken(let file, let key, let token):
            "\(file): '\(key)' names the token '\(token)', which the vocabulary does not have"
        case .tokenTooLong(let file, let key, let size, let limit):
            "\(file): '\(key)' is a token of \(size) bytes, expected at most \(limit)"
        case .badScore(let file, let key, let token):
            "\(file): '\(key)' gives token '\(token)' a score that is not a finite number"
        case .expandsTooMuch(let file, let key, let factor, let limit):
            "\(file): '\(key)' may make a text \(factor) times as long, expected at most \(limit) times"
        case .cannotTruncate(let length, let reason): "cannot cut to \(length) tokens: \(reason)"
        case .badCharsMap(let file, let key, let reason): "\(file): '\(key)' \(reason)"
        case .badModelFile(let file, let key, let reason):
            key.isEmpty ? "\(file) \(reason)" : "\(file): '\(key)' \(reason)"
        }
    }
}
