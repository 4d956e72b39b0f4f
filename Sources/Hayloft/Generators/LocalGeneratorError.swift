import HayComponents

/// Why a local generator cannot be made, loaded or run.
public enum LocalGeneratorError: ClassifiedError, Equatable {
    /// A task that the local generators do not do.
    case unsupportedTask(String, supported: [String])
    /// A model of one task was to do another.
    case wrongTask(String, model: String, expected: String)
    /// Stop words are given twice, in ways that exclude each other.
    case stopWordsAndCriteria
    /// The component's model has not been loaded.
    case notWarmedUp(component: String)
    /// There is no message to answer.
    case noMessages
    /// Hardware that the engine does not run on.
    case unsupportedDevice(String)
    /// An option of `huggingface_pipeline_kwargs` that has no meaning here.
    case unsupportedOption(String, reason: String)
    /// An option's value is not what it has to be.
    case wrongOption(String, expected: String, found: String)
    /// The prompt was asked to be part of replies that hold to a format.
    case fullTextWithFormat

    /// The sort of mistake.
    public var kind: ErrorKind {
        switch self {
        case .notWarmedUp: .runtime
        default: .value
        }
    }

    /// The error in one sentence.
    public var description: String {
        switch self {
        case .unsupportedTask(let task, let supported):
            "Task '\(task)' is not supported. The supported tasks are: \(supported.joined(separator: ", "))."
        case .wrongTask(let task, let model, let expected):
            "the task is '\(task)', but the model in \(model) does '\(expected)'; leave the task out"
        case .stopWordsAndCriteria:
            "Found both the `stop_words` init parameter and the `stopping_criteria` key in `generation_kwargs`. "
                + "Please specify only one of them."
        case .notWarmedUp("HuggingFaceLocalGenerator"):
            "The component HuggingFaceLocalGenerator was not warmed up. Please call warm_up() before running."
        case .notWarmedUp: "The generation model has not been loaded. Please call warm_up() before running."
        case .noMessages: "There are no messages to answer; give at least one."
        case .unsupportedDevice(let device):
            "the device '\(device)' is not supported; use 'cpu', or leave it out"
        case .unsupportedOption(let name, let reason):
            "the option '\(name)' of huggingface_pipeline_kwargs has no meaning here: \(reason)"
        case .wrongOption(let name, let expected, let found): "'\(name)' must be \(expected), found \(found)"
        case .fullTextWithFormat:
            "'return_full_text' and 'response_format' do not go together: a reply with its prompt would not hold to it"
        }
    }
}
