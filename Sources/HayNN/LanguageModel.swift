import HayTensor
import HayWeights

/// A transformer that gives the logits of the next token.
///
/// Letters in shapes: B rows, T new tokens, C hidden size, N any count of rows, V vocabulary.
public protocol LanguageModel: Sendable {
    /// The values of `model_type` in `config.json` that this model reads.
    static var modelTypes: [String] { get }

    /// The model of a checkpoint. Throws `ConfigError` or `CheckpointError`.
    init(_ weights: Weights, _ config: ModelConfig) throws

    /// What a cache for this model holds.
    var cacheShape: CacheShape { get }

    /// How many tokens there are; ids are below.
    var vocabularySize: Int { get }

    /// The longest text that the model was made for, in tokens; nil where the architecture sets no limit.
    var contextLength: Int? { get }

    /// Whether the prompt is a source that an encoder reads, apart from what is generated.
    var isEncoderDecoder: Bool { get }

    /// The id that the decoder of an encoder-decoder model begins with.
    var decoderStartToken: Int32 { get }

    /// Takes the prompt [B, T] and gives the ids that `hidden` is to see first: the prompt itself; for an
    /// encoder-decoder model the decoder's first ids, after the source was encoded into the cache.
    func begin(_ prompt: Tensor, _ cache: KVCache) -> Tensor

    /// The hidden states of new tokens [B, T] -> [B, T, C]; their keys and values join the cache.
    func hidden(_ tokens: Tensor, _ cache: KVCache) -> Tensor

    /// The logits of hidden states [N, C] -> [N, V].
    func logits(_ hidden: Tensor) -> Tensor
}

extension LanguageModel {
    /// A decoder reads its prompt as it is.
    public var isEncoderDecoder: Bool { false }

    /// A decoder has none; its text begins with the prompt.
    public var decoderStartToken: Int32 { 0 }

    /// The prompt.
    public func begin(_ prompt: Tensor, _ cache: KVCache) -> Tensor { prompt }
}
