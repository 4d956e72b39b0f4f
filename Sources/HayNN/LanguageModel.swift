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

    /// The type of keys and values that suits the weights: f16 where those are narrower than f32, as it rounds no more
    /// coarsely than they do, else f32.
    var cacheType: DType { get }

    /// How many tokens there are; ids are below.
    var vocabularySize: Int { get }

    /// The longest text that the model was made for, in tokens; nil where the architecture sets no limit.
    var contextLength: Int? { get }

    /// Whether the keys of a position follow from the tokens up to it alone, so that texts with a common beginning may
    /// share them.
    var sharesPrefixes: Bool { get }

    /// The share of its experts that a token is given to; 1 where there are none.
    var expertShare: Double { get }

    /// The length beyond which a text that grows is read anew, as all of its keys become others; nil where keys once
    /// computed are kept.
    var rereadLength: Int? { get }

    /// Whether the prompt is a source that an encoder reads, apart from what is generated.
    var isEncoderDecoder: Bool { get }

    /// The id that the decoder of an encoder-decoder model begins with.
    var decoderStartToken: Int32 { get }

    /// Encodes a source [1, S] and makes its keys and values the cache's source. Does nothing in a decoder.
    ///
    /// - Parameter progress: told how many of its layers are done.
    /// - Returns: the encoder's output [1, S, C]; nil in a decoder.
    @discardableResult
    func encode(_ source: Tensor, into cache: KVCache, progress: (_ done: Int, _ total: Int) -> Void) -> Tensor?

    /// The hidden states of a pass's new tokens [B, T] -> [B, T, C]; their keys and values join the rows' caches.
    func hidden(_ tokens: Tensor, _ step: CacheStep) -> Tensor

    /// The logits of hidden states [N, C] -> [N, V].
    func logits(_ hidden: Tensor) -> Tensor
}

extension LanguageModel {
    /// f32.
    public var cacheType: DType { .f32 }

    /// True of a decoder whose positions do not stretch.
    public var sharesPrefixes: Bool { !isEncoderDecoder }

    /// No experts.
    public var expertShare: Double { 1 }

    /// Nil: keys once computed are kept.
    public var rereadLength: Int? { nil }

    /// A decoder reads its prompt as it is.
    public var isEncoderDecoder: Bool { false }

    /// A decoder has none; its text begins with the prompt.
    public var decoderStartToken: Int32 { 0 }

    /// Nothing: a decoder has no source.
    public func encode(_ source: Tensor, into cache: KVCache, progress: (_ done: Int, _ total: Int) -> Void) -> Tensor?
    {
        nil
    }

    /// The same without telling how far it is.
    @discardableResult
    public func encode(_ source: Tensor, into cache: KVCache) -> Tensor? {
        encode(source, into: cache) { _, _ in }
    }
}
