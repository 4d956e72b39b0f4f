import HayComponents
import HayJSON
import HaystackRecordings
import Hayloft
import Logging

/// The local generators by the names that recordings have for them.
enum RecordedLocalComponents {
    static let types: [String: any Component.Type] = [
        "HuggingFaceLocalGenerator": HuggingFaceLocalGenerator.self,
        "HuggingFaceLocalChatGenerator": HuggingFaceLocalChatGenerator.self,
    ]

    /// A plain generator of recorded arguments.
    static func plain(
        _ arguments: RecordedArguments, environment: [String: String] = [:], logger: Logger = Logger(label: "test")
    ) throws -> HuggingFaceLocalGenerator {
        try HuggingFaceLocalGenerator(
            model: arguments.string("model") ?? "google/flan-t5-base", task: arguments.string("task"),
            device: arguments.device(), token: arguments.secret("token", default: .huggingFaceToken),
            generationKwargs: arguments.generationKwargs,
            huggingfacePipelineKwargs: arguments.object("huggingface_pipeline_kwargs"),
            stopWords: arguments.strings("stop_words"), streamingCallback: arguments.callback(),
            environment: environment, logger: logger)
    }

    /// A chat generator of recorded arguments.
    static func chat(
        _ arguments: RecordedArguments, environment: [String: String] = [:], logger: Logger = Logger(label: "test")
    ) throws -> HuggingFaceLocalChatGenerator {
        try HuggingFaceLocalChatGenerator(
            model: arguments.string("model") ?? "HuggingFaceH4/zephyr-7b-beta", task: arguments.string("task"),
            device: arguments.device(), token: arguments.secret("token", default: .huggingFaceToken),
            chatTemplate: arguments.string("chat_template"),
            generationKwargs: arguments.generationKwargs,
            huggingfacePipelineKwargs: arguments.object("huggingface_pipeline_kwargs"),
            stopWords: arguments.strings("stop_words"), streamingCallback: arguments.callback(),
            tools: arguments.tools(), toolParsingFunction: arguments.toolParser(), environment: environment,
            logger: logger)
    }
}
