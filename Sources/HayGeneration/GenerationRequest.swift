import HayNN

/// What is to be generated: a prompt in ids, how tokens are chosen, and what else decides about them.
public struct GenerationRequest: Sendable {
    /// The prompt; for an encoder-decoder model the source.
    public var prompt: [Int32]
    /// How tokens are chosen and when to stop.
    public var config: GenerationConfig
    /// The most new tokens where the configuration sets no limit.
    public var newTokenLimit = 512
    /// The program's own changes to the logits, after the built-in ones and before temperature and its kin.
    public var processors: [any LogitsProcessor] = []
    /// Turns replies into text as their tokens come, and ends them by what they say: stop texts.
    public var decoder: (any ReplyDecoder)?
    /// What every reply holds to.
    public var constraint: (any ReplyConstraint)?
    /// A smaller model with the same vocabulary that guesses ahead. The reply is the same with and without.
    public var assistant: (any LanguageModel)?
    /// Requests share what they computed of common beginnings only within one scope.
    public var scope = ""

    /// A request for one reply to a prompt.
    public init(prompt: [Int32], config: GenerationConfig) {
        self.prompt = prompt
        self.config = config
    }
}

/// What a request means for one model: checked, with its limits worked out.
struct GenerationPlan: Sendable {
    let request: GenerationRequest
    /// The ids that the text begins with: the prompt, or the decoder's first ids.
    let prefix: [Int32]
    /// The most new tokens.
    let newTokenLimit: Int
    /// How many rows of the batch the request takes, those of guidance included.
    let rowCount: Int
    /// The blocks of keys and values that it may come to need.
    let blockCount: Int

    var config: GenerationConfig { request.config }
    /// The tokens that end a reply.
    let endTokens: Set<Int32>
    /// What guidance steers away from; nil without guidance.
    let negativePrompt: [Int32]?

    /// Throws `GenerationError`.
    init(_ request: GenerationRequest, _ model: any LanguageModel) throws {
        let config = request.config
        try config.validate(vocabularySize: model.vocabularySize, isEncoderDecoder: model.isEncoderDecoder)
        guard !request.prompt.isEmpty else { throw GenerationError.emptyPrompt }
        let prefix = model.isEncoderDecoder ? GenerationPlan.decoderPrefix(config, model) : request.prompt
        for id in request.prompt + prefix where id < 0 || Int(id) >= model.vocabularySize {
            throw GenerationError.tokenOutOfRange(id, vocabularySize: model.vocabularySize)
        }
        if let assistant = request.assistant { try GenerationPlan.check(assistant, config, model) }
        self.request = request
        self.prefix = prefix
        endTokens = Set(config.eosTokenIDs)
        negativePrompt = config.guidanceScale == 1 ? nil : config.negativePromptIDs ?? Array(prefix.suffix(1))
        let longest = max(prefix.count, negativePrompt?.count ?? 0)
        if let contextLength = model.contextLength, longest >= contextLength {
            throw GenerationError.promptTooLong(tokens: longest, contextLength: contextLength)
        }
        let fallback = min(max(1, request.newTokenLimit), GenerationPlan.mostNewTokens)
        let asked = config.newTokenLimit(after: prefix.count, fallback: fallback)
        guard asked > 0 else { throw GenerationError.noRoom(tokens: prefix.count, maxLength: config.maxLength ?? 0) }
        newTokenLimit = min(asked, model.contextLength.map { $0 - longest } ?? GenerationPlan.mostNewTokens)
        if let constraint = request.constraint { try GenerationPlan.check(constraint, config, newTokenLimit) }
        let candidates = config.isContrastive ? min(config.topK, model.vocabularySize) : nil
        let replies = candidates ?? max(config.beamCount, config.returnCount)
        rowCount = negativePrompt == nil ? replies : 2 * replies
        blockCount = GenerationPlan.blocks(
            prefix: prefix.count, source: model.isEncoderDecoder ? request.prompt.count : 0,
            negative: negativePrompt?.count, replies: replies, newTokens: newTokenLimit, sharesText: candidates != nil)
    }

    /// Throws `GenerationError` where a cache of so many blocks could never hold the request.
    func checkRoom(in blocks: Int) throws {
        guard blockCount <= blocks else {
            throw GenerationError.cacheTooSmall(
                needed: blockCount * BlockPool.blockSize, positions: blocks * BlockPool.blockSize)
        }
    }

    /// A cache is laid out for the longest text, and this many positions have room in any address space.
    private static let mostNewTokens = 1 << 20

    /// The start token, which need not be written before given decoder ids.
    private static func decoderPrefix(_ config: GenerationConfig, _ model: any LanguageModel) -> [Int32] {
        let start = config.decoderStartTokenID ?? model.decoderStartToken
        guard let ids = config.decoderInputIDs, !ids.isEmpty else { return [start] }
        return ids.first == start ? ids : [start] + ids
    }

    private static func check(
        _ assistant: any LanguageModel, _ config: GenerationConfig, _ model: any LanguageModel
    ) throws {
        if config.returnCount > 1 {
            throw GenerationError.conflict(
                "assistant_model", "num_return_sequences", "guessing ahead gives one reply")
        }
        guard assistant.vocabularySize == model.vocabularySize, assistant.isEncoderDecoder == model.isEncoderDecoder
        else {
            throw GenerationError.assistantDiffers(
                vocabularySize: assistant.vocabularySize, expected: model.vocabularySize)
        }
    }

    private static func check(
        _ constraint: any ReplyConstraint, _ config: GenerationConfig, _ newTokenLimit: Int
    ) throws {
        if config.isContrastive {
            throw GenerationError.conflict("response_format", "penalty_alpha", "unlikely candidates are read as well")
        }
        if config.beamGroupCount > 1 {
            throw GenerationError.conflict(
                "response_format", "num_beam_groups", "a group may be left without a text that holds to the format")
        }
        if config.maxTime != nil {
            throw GenerationError.conflict("response_format", "max_time", "a reply that is cut off is not whole")
        }
        if !config.stopStrings.isEmpty {
            throw GenerationError.conflict("response_format", "stop_strings", "a reply that is cut off is not whole")
        }
        guard !config.eosTokenIDs.isEmpty else { throw GenerationError.noEndToken }
        guard constraint.shortestReply <= newTokenLimit else {
            throw GenerationError.constraintTooLong(needed: constraint.shortestReply, limit: newTokenLimit)
        }
    }

    /// A text's last block is seldom full, and a row that shares it gets a copy; rows that are reordered hold their old
    /// copies until the new ones are made. Rows that share their text differ in its last block alone.
    private static func blocks(
        prefix: Int, source: Int, negative: Int?, replies: Int, newTokens: Int, sharesText: Bool
    ) -> Int {
        func text(_ length: Int) -> Int {
            if replies == 1 { return BlockPool.blocks(for: length + newTokens) + 1 }
            if sharesText { return BlockPool.blocks(for: length + newTokens) + 3 * replies }
            return BlockPool.blocks(for: length) + replies * (BlockPool.blocks(for: newTokens) + 3)
        }
        return text(prefix) + (negative.map(text) ?? 0) + BlockPool.blocks(for: source)
    }
}

extension GenerationConfig {
    /// Whether contrastive search is asked for: as in transformers, by a penalty with several candidates.
    var isContrastive: Bool { contrastivePenalty > 0 && topK > 1 && !doSample && beamCount == 1 }
}
