import HayNN

/// A request under way.
final class Job {
    enum Phase {
        /// Its source is to be encoded.
        case encoding
        /// Its prompt is being read.
        case reading
        /// Tokens are being chosen.
        case searching
        /// The text so far is being read anew, as it has outgrown its keys: see `LanguageModel.rereadLength`.
        case rereading
        /// All replies are there.
        case ended
    }

    let id: Int
    let plan: GenerationPlan
    let receive: (Result<GenerationEvent, any Error>) -> Void
    /// Made when the request's turn comes: one that waits costs nothing.
    lazy var search: any Search = makeSearch()
    private let makeSearch: () -> any Search
    var phase: Phase
    /// The rows of the text, and those of the text that guidance steers away from.
    private(set) var caches: [KVCache] = []

    private var unread: [ArraySlice<Int32>]
    /// How many tokens are known to follow the prompt.
    private let followingCount: Int
    private var reread: Reread?
    private var timings = GenerationTimings()
    private let added = ContinuousClock.now
    private var admitted = ContinuousClock.now
    private var firstToken: ContinuousClock.Instant?

    init(
        id: Int, _ plan: GenerationPlan, followingCount: Int = 0, _ makeSearch: @escaping () -> any Search,
        _ receive: @escaping (Result<GenerationEvent, any Error>) -> Void
    ) {
        self.followingCount = followingCount
        self.id = id
        self.plan = plan
        self.makeSearch = makeSearch
        self.receive = receive
        phase = .reading
        unread = [plan.prefix[...]] + (plan.negativePrompt.map { [$0[...]] } ?? [])
    }

    var cache: KVCache { caches[0] }

    /// Whether it has a text to be read that is no source.
    var isReading: Bool { phase == .reading || phase == .rereading }

    /// How many tokens are still to be read.
    var unreadCount: Int { unread.reduce(reread?.unreadCount ?? 0) { $0 + $1.count } }

    /// How many tokens its next pass has.
    var pendingCount: Int { search.pending.reduce(0) { $0 + $1.count } * caches.count }

    /// Takes room, and what is known already of the prompt.
    func begin(in pool: BlockPool, _ prefixes: PrefixTree, _ model: any LanguageModel) {
        admitted = .now
        caches = unread.map { _ in KVCache(in: pool) }
        for (cache, text) in zip(caches, unread) { cache.knownLength = text.count + followingCount }
        if let limit = model.rereadLength, cache.knownLength <= limit { reread = Reread(plan.prefix, after: limit) }
        var reused = 0
        if model.sharesPrefixes, !search.needsStates {
            for (index, cache) in caches.enumerated() {
                let count = prefixes.begin(cache, row: 0, with: Array(unread[index]), scope: plan.request.scope)
                unread[index].removeFirst(count)
                if index == 0 { reused = count }
            }
        }
        phase = model.isEncoderDecoder ? .encoding : .reading
        receive(.success(.began(promptTokens: plan.request.prompt.count, reusedTokens: reused)))
    }

    /// Reads the text anew where its next token is beyond the length that its keys hold for.
    ///
    /// - Parameter longest: a text's length that counts for this one too.
    func rereadIfNeeded(longest: Int) {
        guard reread != nil else { return }
        if phase == .searching, reread?.begin(cache, longest: longest) == true {
            phase = .rereading
            search.forgetStates()
        }
        if phase == .rereading, reread?.advance(cache) == true {
            phase = .searching
            reread = nil
        }
    }

    /// The next pieces of the texts to be read, for as many tokens as the budget has, and the rows that read them.
    ///
    /// With guidance both texts end in one pass, so that their last logits meet. The phase is `searching` once all is read.
    func takePieces(_ budget: inout Int) -> [(cache: KVCache, row: Int, tokens: ArraySlice<Int32>)] {
        if phase == .rereading {
            return (reread?.takePieces(&budget) ?? []).enumerated().map { (cache, $0, $1) }
        }
        let last = unread.count > 1 ? 1 : 0
        let isFinal =
            last == 0 ? unread[0].count <= budget : budget >= unread.count && unread.allSatisfy { $0.count == 1 }
        let pieces = unread.indices.map { index -> ArraySlice<Int32> in
            let count = isFinal ? unread[index].count : max(0, min(unread[index].count - last, budget))
            defer { unread[index].removeFirst(count) }
            budget -= count
            return unread[index].prefix(count)
        }
        if isFinal { phase = .searching }
        return zip(caches, pieces).map { ($0, 0, $1) }
    }

    /// Tells how much of a prompt that takes several passes is read.
    func tellReading() {
        guard phase == .reading else { return }
        let total = plan.prefix.count + (plan.negativePrompt?.count ?? 0)
        receive(.success(.reading(done: total - unreadCount, total: total)))
    }

    /// Takes the logits of a pass: those of the text's rows, then those of guidance.
    func advance(
        _ logits: UnsafeBufferPointer<Float>, vocabularySize: Int, _ prefixes: PrefixTree
    ) throws {
        var block = LogitsBlock(values: logits, vocabularySize: vocabularySize)
        if caches.count > 1 {
            let half = logits.count / 2
            block = LogitsBlock(
                values: .init(rebasing: logits[..<half]), vocabularySize: vocabularySize,
                guidance: (.init(rebasing: logits[half...]), Float(plan.config.guidanceScale)))
        }
        let isFirst = firstToken == nil
        if isFirst { keepPrompts(prefixes) }
        let pending = search.pending
        let fed = isFirst ? [1] : pending.map(\.count)  // of a prompt all is kept
        let kept = try search.advance(block)
        reread?.keep(kept, of: isFirst ? [[]] : pending)
        if isFirst { firstToken = .now }
        if kept.isEmpty { keepText(prefixes) }
        for cache in caches {
            let lengths = kept.map { cache.length(ofRow: $0.row) - fed[$0.row] + $0.kept }
            cache.select(rows: kept.map(\.row))
            for (row, length) in lengths.enumerated() { cache.truncate(row: row, to: length) }
        }
        if let limit = plan.config.maxTime, !search.pending.isEmpty, seconds(since: admitted) > limit {
            search.finish()
        }
        settle()
    }

    /// Tells what was chosen, and ends when nothing is left to read.
    private func settle() {
        for event in search.takeTokens() { receive(.success(event)) }
        guard search.pending.isEmpty else { return }
        phase = .ended
        let first = firstToken ?? admitted
        timings.queue = seconds(from: added, to: admitted)
        timings.prompt = seconds(from: admitted, to: first)
        timings.decode = seconds(since: first)
        receive(.success(.ended(timings)))
    }

    func release() { caches = [] }

    private func keepPrompts(_ prefixes: PrefixTree) {
        let texts = [plan.prefix] + (plan.negativePrompt.map { [$0] } ?? [])
        for (cache, text) in zip(caches, texts) {
            prefixes.keep(cache, row: 0, tokens: text, scope: plan.request.scope)
        }
    }

    /// The text of a single reply is kept for the conversation's next turn. Its last token was not read.
    private func keepText(_ prefixes: PrefixTree) {
        let replies = search.replies
        guard replies.count == 1, plan.config.beamCount == 1 else { return }
        prefixes.keep(
            cache, row: 0, tokens: plan.prefix + replies[0].tokenIDs.dropLast(), scope: plan.request.scope)
    }
}

private func seconds(from start: ContinuousClock.Instant, to end: ContinuousClock.Instant) -> Double {
    let (seconds, attoseconds) = (end - start).components
    return Double(seconds) + Double(attoseconds) * 1e-18
}

private func seconds(since start: ContinuousClock.Instant) -> Double { seconds(from: start, to: .now) }
