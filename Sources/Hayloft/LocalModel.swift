import HayGeneration
import HayJSON
import HayModels
import HayNN
import HayTemplate
import HayTensor
import HayTokenizer
import HayWeights

/// A checkpoint folder opened for use: weights, model, tokenizer, chat template and generation defaults.
public final class LocalModel: Sendable {
    /// The folder.
    public let folder: String
    /// The hardware that runs it.
    public let backend: any Backend
    /// `config.json`.
    public let config: ModelConfig
    /// The files of weights.
    public let checkpoint: Checkpoint
    /// The network.
    public let model: any LanguageModel
    /// The tokenizer, or why there is none: a model can be run on ids without.
    public let tokenizer: Result<Tokenizer, any Error>
    /// The checkpoint's `generation_config.json`, and whatever of it cannot be honoured.
    public let defaults: GenerationDefaults
    /// The options that count where a request does not say otherwise.
    public var generationDefaults: GenerationConfig { defaults.config }

    /// Opens a folder in Hugging Face layout.
    ///
    /// - Parameters:
    ///   - dtype: the type of the weights in memory; nil keeps the checkpoint's.
    ///   - staysInFiles: whether weights of that type are left in the mapped files and read as they are touched: for
    ///     looking at a model. Else they are copied into memory, which is read faster, unless they would take more than
    ///     two thirds of it.
    ///   - progress: told how far the weights are in memory.
    ///
    /// Throws the errors of files, checkpoints and configurations.
    public init(
        folder: String, on backend: any Backend, dtype: DType? = nil, staysInFiles: Bool = false,
        progress: LoadProgress.Observer? = nil
    ) throws {
        self.folder = folder
        self.backend = backend
        config = try ModelConfig(folder: folder)
        _ = try Architectures.model(for: config)
        checkpoint = try Checkpoint(folder: folder)
        let copiesFiles = !staysInFiles && checkpoint.byteCount / 2 <= SystemMemory.bytes / 3
        let weights = Weights(checkpoint, on: backend, dtype: dtype, copiesFiles: copiesFiles, progress: progress)
        model = try Architectures.load(weights, config)
        tokenizer = Result { try Tokenizer(folder: folder) }
        defaults = try GenerationDefaults(
            folder: folder, config.includingText, isEncoderDecoder: model.isEncoderDecoder)
    }

    /// What a multimodal checkpoint holds beside its text model, which alone is loaded, in a sentence; nil for others.
    public var leftAside: String? {
        guard config.hasTextPart, let type = config.value("model_type")?.string else { return nil }
        return checkpoint.unrequestedParts.isEmpty
            ? nil
            : "\(folder) is a multimodal checkpoint (\(type)) of which the text model is loaded; left aside are "
                + checkpoint.unrequestedParts.map { "\($0.name) (\($0.count) tensor\($0.count == 1 ? "" : "s"))" }
                .joined(separator: ", ")
    }

    /// The type that most of the stored weights have, as `--dtype` names it.
    public var storedType: String {
        checkpoint.parameterCounts.max { $0.value < $1.value }?.key.lowercased() ?? "f32"
    }
}
