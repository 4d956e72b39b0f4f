/// Why a reply ended.
public enum FinishReason: String, Sendable {
    /// An end token, or a stop text.
    case stop
    /// The limit on new tokens or on time, or the end of the model's context; also where a constraint made a reply whole
    /// before that, so that it is another one than the model would have written.
    case length
}

/// A token and the logarithm of its probability.
public struct TokenLogprob: Sendable, Equatable {
    /// The id.
    public let id: Int32
    /// The natural logarithm of the probability that the model gave it, before any processor.
    public let logprob: Float
}

/// One token of a reply.
public struct GeneratedToken: Sendable, Equatable {
    /// The id.
    public let id: Int32
    /// Its log-probability under the model, before any processor; nil unless asked for.
    public var logprob: Float?
    /// The likeliest tokens at its place, the best first, as many as were asked for.
    public var top: [TokenLogprob] = []
    /// The text that it lets show, where the request has a decoder and the token is reported as it comes.
    public var text: String?

    init(id: Int32, logprob: Float? = nil, top: [TokenLogprob] = []) {
        self.id = id
        self.logprob = logprob
        self.top = top
    }
}

/// What was generated for a prompt: one of its replies.
public struct Reply: Sendable, Equatable {
    /// Which of the request's replies it is, from 0; beams are ranked, the best first.
    public var index = 0
    /// The new tokens, a final end token included.
    public var tokens: [GeneratedToken] = []
    /// Why it ended; nil while it goes on.
    public var finishReason: FinishReason?
    /// Whether a stop text ended it.
    public var hasStopText = false
    /// The request's decoder after these tokens, perhaps without an end token; nil where the request has none.
    public var decoded: DecodedReply?
    /// The score of a beam: the sum of its tokens' log-probabilities ÷ length ^ length_penalty.
    public var score: Float?
    /// The processed logits [V] of each step, where `output_scores` asks for them.
    public var scores: [[Float]] = []
    /// The model's logits [V] of each step, where `output_logits` asks for them.
    public var logits: [[Float]] = []

    /// The new ids, a final end token included.
    public var tokenIDs: [Int32] { tokens.map(\.id) }
}

/// What happens while a request is answered.
public enum GenerationEvent: Sendable, Equatable {
    /// The request's turn has come: how many tokens its prompt has, and how many of them need not be computed again.
    case began(promptTokens: Int, reusedTokens: Int)
    /// The prompt is being read: how much of its work is done. Only told of work that takes several steps.
    case reading(done: Int, total: Int)
    /// A reply has one more token. Beam search chooses only at the end: its replies come whole.
    case token(GeneratedToken, reply: Int)
    /// A reply has ended.
    case reply(Reply)
    /// All replies have.
    case ended(GenerationTimings)
}

/// How long the parts of a request took, in seconds.
public struct GenerationTimings: Sendable, Equatable {
    /// Waiting for other requests.
    public var queue = 0.0
    /// From its turn to the first token: reading the prompt.
    public var prompt = 0.0
    /// From the first token to the last.
    public var decode = 0.0

    /// No time yet.
    public init() {}
}

/// All that came of a request.
public struct GenerationResult: Sendable, Equatable {
    /// As many as were asked for, by index.
    public var replies: [Reply] = []
    /// How many tokens the prompt has: for an encoder-decoder model those of the source.
    public var promptTokens = 0
    /// How many of them were there already from an earlier request.
    public var reusedTokens = 0
    /// How long it took.
    public var timings = GenerationTimings()

    /// Nothing yet.
    public init() {}

    /// Adds what happened.
    public mutating func add(_ event: GenerationEvent) {
        switch event {
        case .began(let prompt, let reused): (promptTokens, reusedTokens) = (prompt, reused)
        case .reading, .token: break
        case .reply(let reply):
            replies.insert(reply, at: replies.firstIndex { $0.index > reply.index } ?? replies.endIndex)
        case .ended(let timings): self.timings = timings
        }
    }
}
