import HayModels
import HayNN

/// What a model does, as the Hub calls it.
enum ModelTask: String, CaseIterable, Sendable {
    case textGeneration = "text-generation"
    case text2TextGeneration = "text2text-generation"

    /// The task that a checkpoint's `config.json` tells of, which need not be one of the two. A multimodal checkpoint whose
    /// text model is read generates text here, whatever the Hub says of the whole.
    ///
    /// Throws the configuration's errors.
    static func name(ofModelIn folder: String) throws -> String {
        let config = try ModelConfig(folder: folder)
        let architecture = config.value("architectures")?.array?.first?.string ?? ""
        if Architectures.readsTextPart(of: config) { return ModelTask.textGeneration.rawValue }
        if config.value("vision_config") != nil { return "image-text-to-text" }
        for (ending, task) in otherTasks where architecture.hasSuffix(ending) { return task }
        let isEncoderDecoder = try config["is_encoder_decoder", default: false]
        let answers = isEncoderDecoder || architecture.hasSuffix("ForConditionalGeneration")
        return (answers ? ModelTask.text2TextGeneration : .textGeneration).rawValue
    }

    /// What the names of other architectures end with.
    private static let otherTasks = [
        ("ForSequenceClassification", "text-classification"), ("ForTokenClassification", "token-classification"),
        ("ForQuestionAnswering", "question-answering"), ("ForMaskedLM", "fill-mask"),
        ("ForImageClassification", "image-classification"), ("ForMultipleChoice", "multiple-choice"),
    ]
}
