/// Why a text cannot be generated as asked.
public enum GenerationError: Error, Equatable, CustomStringConvertible {
    /// A name that is no generation option.
    case unknownOption(String, nearest: String?)
    /// An option of Hugging Face that is not supported yet.
    case unsupportedOption(String)
    /// A value that an option does not take.
    case wrongValue(String, expected: String, String)
    /// A value of a checkpoint's file that an option does not take.
    case wrongDefault(String, file: String, expected: String, String)
    /// Two options that do not go together, and why.
    case conflict(String, String, String)
    /// An option that this kind of model does not take.
    case wrongModel(String, expected: String)
    /// An id beyond the vocabulary among the values of an option.
    case optionTokenOutOfRange(String, Int32, vocabularySize: Int)
    /// The prompt holds no token.
    case emptyPrompt
    /// An id beyond the vocabulary.
    case tokenOutOfRange(Int32, vocabularySize: Int)
    /// A text to be scored that holds no token.
    case emptyText
    /// The prompt is as long as `max_length` allows the whole text to be.
    case noRoom(tokens: Int, maxLength: Int)
    /// A prompt and the text to be scored after it do not fit the model's context together.
    case textTooLong(tokens: Int, contextLength: Int)
    /// The prompt leaves no room in the model's context.
    case promptTooLong(tokens: Int, contextLength: Int)
    /// The text would need more room than the cache of keys and values has.
    case cacheTooSmall(needed: Int, positions: Int)
    /// An assistant that does not speak the model's tokens.
    case assistantDiffers(vocabularySize: Int, expected: Int)
    /// What a reply has to hold to needs more tokens than it may have.
    case constraintTooLong(needed: Int, limit: Int)
    /// A reply that has to be whole needs a token that ends it.
    case noEndToken
    /// So many requests are under way that no more are taken.
    case queueFull(Int)
    /// The model's numbers are not finite, so that no token can be chosen.
    case notFinite(position: Int)
    /// The options leave no token that may be chosen.
    case noTokenLeft(position: Int)

    /// What is wrong, and what was expected.
    public var description: String {
        switch self {
        case .unknownOption(let name, let nearest):
            "'\(name)' is not a generation option" + (nearest.map { "; did you mean '\($0)'?" } ?? "")
        case .unsupportedOption(let name):
            "the generation option '\(name)' is not supported yet"
        case .wrongValue(let name, let expected, let found):
            "the generation option '\(name)' is \(found), expected \(expected)"
        case .wrongDefault(let name, let file, let expected, let found):
            "'\(name)' in \(file) is \(found), expected \(expected); mend the file, or give the option another value"
        case .conflict(let name, let other, let reason):
            "the generation options '\(name)' and '\(other)' do not go together: \(reason)"
        case .wrongModel(let name, let expected):
            "the generation option '\(name)' needs \(expected)"
        case .optionTokenOutOfRange(let name, let id, let size):
            "the generation option '\(name)' has token id \(id), which is not in the vocabulary, whose ids are 0 to "
                + "\(size - 1)"
        case .emptyPrompt:
            "the prompt is empty; give at least one token"
        case .tokenOutOfRange(let id, let size):
            "token id \(id) is not in the vocabulary, whose ids are 0 to \(size - 1)"
        case .emptyText:
            "the text to be scored is empty; give at least one token"
        case .noRoom(let tokens, let maxLength):
            "the prompt has \(tokens) tokens, but max_length allows \(maxLength) in all; set max_new_tokens instead"
        case .textTooLong(let tokens, let length):
            "prompt and text have \(tokens) tokens together, but the model's context holds \(length)"
        case .promptTooLong(let tokens, let length):
            "the prompt has \(tokens) tokens, but the model's context holds \(length); shorten the prompt"
        case .cacheTooSmall(let needed, let positions):
            "the request may need \(needed) positions of the cache, which has \(positions); "
                + "ask for fewer new tokens or replies, or make the cache larger"
        case .assistantDiffers(let size, let expected):
            "the assistant has \(size) tokens, the model \(expected); both must be of one kind and have one vocabulary"
        case .constraintTooLong(let needed, let limit):
            "a reply that holds to the format may need \(needed) tokens, but only \(limit) are allowed; raise max_new_tokens"
        case .noEndToken:
            "a reply that holds to a format needs an end token; set eos_token_id"
        case .queueFull(let limit):
            "\(limit) requests are under way, which is the limit; try again later"
        case .notFinite(let position):
            "the logits at position \(position) are not numbers; the checkpoint may be damaged"
        case .noTokenLeft(let position):
            "the options leave no token that may come at position \(position); penalties and forbidden tokens are too many"
        }
    }
}

extension GenerationError {
    /// Why no token can be chosen: the model's logits, or what the options left of them.
    static func nothingToChoose(from logits: UnsafeBufferPointer<Float>, position: Int) -> GenerationError {
        LogSoftmax(logits) == nil ? .notFinite(position: position) : .noTokenLeft(position: position)
    }
}
