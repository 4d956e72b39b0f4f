/// How tokens are chosen and when to stop, with the meanings and the defaults of Hugging Face's GenerationConfig.
///
/// `set(_:)` takes options under Hugging Face's names, and under OpenAI's what only OpenAI has.
public struct GenerationConfig: Sendable, Equatable {
    // MARK: Length

    /// The most tokens to generate, without the prompt.
    public var maxNewTokens: Int?
    /// The most tokens in all, the prompt included for a decoder. `maxNewTokens` wins over it.
    public var maxLength: Int?
    /// No end token before the text has this many tokens, the prompt included for a decoder.
    public var minLength = 0
    /// No end token before this many new tokens. It wins over `minLength`.
    public var minNewTokens: Int?
    /// No new token is begun after this many seconds.
    public var maxTime: Double?
    /// Texts that end the reply; they do not appear in it.
    public var stopStrings: [String] = []

    // MARK: Tokens with a role

    /// Tokens that end the text.
    public var eosTokenIDs: [Int32] = []
    /// The only token that may follow the first.
    public var forcedBOSTokenID: Int32?
    /// The only tokens that may come last when the text reaches its greatest length.
    public var forcedEOSTokenIDs: [Int32] = []
    /// What an encoder-decoder model's answer starts from; nil is the model's own.
    public var decoderStartTokenID: Int32?
    /// The beginning of an encoder-decoder model's answer.
    public var decoderInputIDs: [Int32]?
    /// What a group of beams counts as taking once it is done; no reply is padded.
    public var padTokenID: Int32?

    // MARK: Sampling

    /// Whether to draw from the distribution; otherwise the most likely token is taken.
    public var doSample = false
    /// What the random numbers follow from; nil takes a new one each time.
    public var seed: UInt64?
    /// Divides the logits before drawing: below 1 sharper, above 1 flatter.
    public var temperature: Double = 1
    /// Draw only from this many most likely tokens; 0 means from all. Hugging Face's default is 50.
    public var topK = 50
    /// Draw only from the most likely tokens that together have this probability.
    public var topP: Double = 1
    /// Draw only from tokens with this share of the best one's probability.
    public var minP: Double = 0
    /// Draw only from the most likely tokens that together have this share of the entropy.
    public var topH: Double?
    /// Draw only from the tokens of the most typical surprise that together have this probability.
    public var typicalP: Double = 1
    /// Draw only from tokens with this probability.
    public var epsilonCutoff: Double = 0
    /// Draw only from tokens with this probability, or a lower one where the entropy is high.
    public var etaCutoff: Double = 0

    // MARK: Penalties and biases

    /// Above 1, tokens of the text so far are less likely.
    public var repetitionPenalty: Double = 1
    /// Above 1, tokens of the source, or of a decoder's prompt, are likelier.
    public var encoderRepetitionPenalty: Double = 1
    /// No run of this many tokens comes twice; 0 for no such rule.
    public var noRepeatNGramSize = 0
    /// No run of this many tokens of the source, or of a decoder's prompt, comes again; 0 for no such rule.
    public var encoderNoRepeatNGramSize = 0
    /// Sequences that do not come.
    public var badWordsIDs: [[Int32]] = []
    /// What is added to the logits of tokens that complete a sequence.
    public var sequenceBias: [SequenceBias] = []
    /// Tokens that do not come.
    public var suppressTokens: [Int32] = []
    /// Tokens that do not come first.
    public var beginSuppressTokens: [Int32] = []
    /// Makes end tokens likelier with each token from some length.
    public var exponentialDecayLengthPenalty: ExponentialDecayLengthPenalty?
    /// Whether logits become logarithms of probabilities once all is applied.
    public var renormalizesLogits = false
    /// Whether logits that are no numbers are replaced by numbers.
    public var removesInvalidValues = false
    /// How far to go from what follows the negative prompt towards what follows the prompt; 1 ignores the former.
    public var guidanceScale: Double = 1
    /// The prompt to go away from; nil is the last token of the prompt.
    public var negativePromptIDs: [Int32]?
    /// What is taken off a token's logit for each time that it came among the new ones (OpenAI).
    public var frequencyPenalty: Double = 0
    /// What is taken off a token's logit once it came among the new ones (OpenAI).
    public var presencePenalty: Double = 0
    /// What is added to the logits of tokens (OpenAI).
    public var logitBias: [Int32: Float] = [:]

    // MARK: Search

    /// How many texts are followed at once; 1 is no beam search.
    public var beamCount = 1
    /// Into how many groups the beams are divided that differ from each other.
    public var beamGroupCount = 1
    /// What is taken off a token's score for each earlier group that chose it in the same step.
    public var diversityPenalty: Double = 0
    /// The power of its length that a text's score is divided by: above 0 longer texts are better.
    public var lengthPenalty: Double = 1
    /// When a beam search ends.
    public var earlyStopping = EarlyStopping.heuristic
    /// How many replies to give.
    public var returnCount = 1
    /// How much a token's likeness to what came counts against it in contrastive search; 0 is no such search.
    public var contrastivePenalty: Double = 0

    // MARK: Guessing ahead

    /// How many tokens to guess from what followed the same tokens earlier; nil for no such guesses.
    public var promptLookupTokens: Int?
    /// The most tokens to look for in such a search.
    public var maxMatchingNGramSize = 2
    /// How many tokens a smaller model guesses at a time.
    public var assistantTokens = 20
    /// How that number changes.
    public var assistantSchedule = AssistantSchedule.constant
    /// The probability below which the smaller model stops guessing.
    public var assistantConfidenceThreshold: Double = 0.4

    // MARK: What is reported

    /// Whether the processed logits of each token are kept.
    public var outputsScores = false
    /// Whether the model's own logits of each token are kept.
    public var outputsLogits = false
    /// How many of the likeliest tokens to report with each token's logarithm of probability; nil for none of it (OpenAI).
    public var topLogprobs: Int?

    /// Values of a checkpoint's file that cannot be used, by option: errors where those options count.
    var doubtfulDefaults: [String: DoubtfulDefault] = [:]

    /// Greedy decoding without a limit of its own.
    public init() {}

    /// How many tokens may follow `prefix` ids that count towards `maxLength`; `fallback` where nothing is said.
    public func newTokenLimit(after prefix: Int, fallback: Int) -> Int {
        maxNewTokens ?? maxLength.map { max(0, $0 - prefix) } ?? fallback
    }
}
