/// Why a grammar cannot be made, or not be met with a vocabulary. Paths are JSON pointers into the schema, after `#`.
public enum GrammarError: Error, Equatable, CustomStringConvertible {
    /// A keyword has a value that it cannot have.
    case wrongValue(path: String, expected: String, found: String)
    /// A keyword, or a use of one, that cannot be honoured.
    case unsupported(path: String, reason: String)
    /// A regular expression that is wrong, or asks for more than the regular ones can say.
    case wrongPattern(path: String, pattern: String, offset: Int, reason: String)
    /// A reference to what is not in the schema.
    case missingReference(path: String, reference: String)
    /// A schema that is made of itself.
    case endlessReference(path: String)
    /// A schema that no value satisfies, or none that can be written.
    case noValue(path: String)
    /// A schema that would take too much time or memory.
    case tooLarge(path: String, what: String, limit: Int)
    /// The vocabulary cannot spell what every text of the grammar holds.
    case missingToken(byte: UInt8)
    /// There is no token that could end a text.
    case noEndToken

    /// The path and what is wrong there, in one sentence.
    public var description: String {
        switch self {
        case .wrongValue(let path, let expected, let found): "\(path): expected \(expected), found \(found)"
        case .unsupported(let path, let reason): "\(path): \(reason)"
        case .wrongPattern(let path, let pattern, let offset, let reason):
            "\(path): '\(pattern)' at character \(offset): \(reason)"
        case .missingReference(let path, let reference): "\(path): the schema has no '\(reference)'"
        case .endlessReference(let path): "\(path): the schema refers to itself and nothing else"
        case .noValue(let path): "\(path): no value satisfies the schema"
        case .tooLarge(let path, let what, let limit): "\(path): the schema needs more than \(limit) \(what)"
        case .missingToken(let byte):
            "the vocabulary has no token for \(GrammarError.name(of: byte)) alone, which the grammar needs"
        case .noEndToken: "there is no end token, so no text could end"
        }
    }

    private static func name(of byte: UInt8) -> String {
        (0x21 ... 0x7E).contains(byte)
            ? "'\(Unicode.Scalar(byte))'" : "the byte 0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
}
