import HayNN
import HayTensor

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Answers requests together: each pass through the model takes along all that are under way.
///
/// Rows join as their turn comes and leave when they end. Prompts are read in pieces between the tokens of the others. A
/// request's tokens do not depend on its company. One task uses a scheduler at a time; `Engine` serves many.
public final class Scheduler {
    /// How much is computed together and kept.
    public struct Options: Sendable {
        /// The most rows written at once: replies, beams. A request that needs more has the model to itself.
        public var rowLimit = 16
        /// The positions of all texts together, those kept for reuse included; nil takes a quarter of the memory.
        public var cachePositions: Int?
        /// The positions kept of texts that have ended, for others that begin alike; nil allows half of all.
        public var prefixPositions: Int?
        /// The type of cached keys and values: f32, bf16 or f16; nil takes the one that suits the weights, see
        /// `LanguageModel.cacheType`.
        public var cacheType: DType?
        /// The most tokens of one pass, at least 2. Up to 192 a row's numbers do not depend on its company, to the bit, whatever
        /// the weights' type.
        public var passLength = 192
        /// The most tokens of prompts in a pass that also writes, as replies wait for it.
        public var sharedPieceLength = 32
        /// Whether positions that stretch with the text follow the longest of a pass: see `CacheStep.stretchesTogether`.
        public var stretchesTogether = false

        /// The usual sizes.
        public init() {}
    }

    let model: any LanguageModel
    let backend: any Backend
    let options: Options
    private let pool: BlockPool
    private let prefixes: PrefixTree
    private let pass: CacheStep
    private var waiting: [Job] = []
    private var jobs: [Job] = []
    private var usedRows = 0
    private var reservedBlocks = 0
    private var nextID = 0

    /// What a pass does for one request.
    private struct Part {
        let job: Job
        /// The places of its tokens in the pass.
        var tokens: Range<Int>
        /// The rows of logits that it wants.
        var lanes: Range<Int>
    }

    /// The pass being computed.
    private var tokens: [Int32] = []
    private var wanted: [Int32] = []
    private var parts: [Part] = []
    private var logits = UnsafeMutableBufferPointer<Float>(start: nil, count: 0)

    /// A scheduler of one model.
    public init(_ model: any LanguageModel, _ options: Options = Options(), on backend: any Backend) {
        self.model = model
        self.backend = backend
        var options = options
        options.passLength = max(2, options.passLength)  // a guided text and its counterpart end in one pass
        options.rowLimit = max(1, options.rowLimit)
        self.options = options
        let dtype = options.cacheType ?? model.cacheType
        let bytes = model.cacheShape.bytesPerPosition(dtype)
        let usual = max(2048, min(SystemMemory.bytes / 4 / max(bytes, 1), 1 << 20))
        let positions = max(1, min(options.cachePositions ?? usual, 1 << 26))
        let blockCount = BlockPool.blocks(for: positions)
        pool = BlockPool(model.cacheShape, blockCount: blockCount, dtype: dtype, on: backend)
        let kept = options.prefixPositions.map { BlockPool.blocks(for: $0) } ?? blockCount / 2
        prefixes = PrefixTree(pool, limit: model.sharesPrefixes ? kept : 0)
        pass = CacheStep(on: backend)
        pass.stretchesTogether = options.stretchesTogether
        pool.reclaim = { [unowned prefixes] in prefixes.giveBack() }
    }

    deinit { logits.deallocate() }

    /// Whether there is anything to do.
    public var isIdle: Bool { jobs.isEmpty && waiting.isEmpty }

    /// Whether prompts are still to be read.
    public var isReading: Bool { !waiting.isEmpty || jobs.contains { $0.phase != .searching } }

    /// All blocks of keys and values.
    public var blockCount: Int { pool.blockCount }

    /// The blocks of keys and values that are in use or kept for reuse.
    public var usedBlockCount: Int { pool.blockCount - pool.freeCount }

    /// Forgets what is kept for reuse.
    public func forgetPrefixes() { prefixes.forgetAll() }

    // MARK: Requests

    /// Queues a request. Throws `GenerationError` for one that this model cannot answer.
    ///
    /// - Parameter receive: is given what happens; after `.ended` or a failure nothing more.
    /// - Returns: a number to cancel it by.
    @discardableResult
    public func add(
        _ request: GenerationRequest, receive: @escaping (Result<GenerationEvent, any Error>) -> Void
    ) throws -> Int {
        add(try plan(request), receive: receive)
    }

    func plan(_ request: GenerationRequest) throws -> GenerationPlan {
        let plan = try GenerationPlan(request, model)
        try plan.checkRoom(in: pool.blockCount)
        return plan
    }

    @discardableResult
    func add(_ plan: GenerationPlan, receive: @escaping (Result<GenerationEvent, any Error>) -> Void) -> Int {
        enqueue(Job(id: nextID, plan, { [unowned self] in makeSearch(plan) }, receive))
    }

    /// Queues the reading of a text whose tokens are given.
    @discardableResult
    func addScore(
        _ plan: GenerationPlan, text: [Int32], receive: @escaping (Result<GenerationEvent, any Error>) -> Void
    ) -> Int {
        enqueue(Job(id: nextID, plan, followingCount: text.count, { ScoreSearch(text: text) }, receive))
    }

    private func enqueue(_ job: Job) -> Int {
        waiting.append(job)
        nextID += 1
        return job.id
    }

    /// Drops a request: its blocks are free at once, and it is told nothing more.
    public func cancel(_ id: Int) {
        waiting.removeAll { $0.id == id }
        if let index = jobs.firstIndex(where: { $0.id == id }) { leave(jobs[index]) }
    }

    /// Answers requests and returns when all are answered: the calling thread does the work.
    public func run(_ requests: [GenerationRequest]) throws -> [GenerationResult] {
        var results = Array(repeating: GenerationResult(), count: requests.count)
        var failure: (any Error)?
        for (index, plan) in try requests.map(plan).enumerated() {
            add(plan) { event in
                do { results[index].add(try event.get()) } catch { failure = failure ?? error }
            }
        }
        while !isIdle { step() }
        if let failure { throw failure }
        return results
    }

    // MARK: A pass

    /// Computes one pass, and tells the requests in it what came of it.
    public func step() {
        admit()
        encode()
        plan()
        if tokens.isEmpty { return }
        do {
            try compute()
        } catch {
            for part in parts { fail(part.job, error) }
            return
        }
        for part in parts {
            if part.lanes.isEmpty { part.job.tellReading() } else { deliver(part.job, part.lanes) }
        }
    }

    /// Lets requests in, in the order in which they came, as long as there is room for what they may come to need.
    private func admit() {
        while let job = waiting.first {
            let fits = usedRows + job.plan.rowCount <= options.rowLimit
            guard jobs.isEmpty || (fits && reservedBlocks + job.plan.blockCount <= pool.blockCount) else { return }
            waiting.removeFirst()
            jobs.append(job)
            usedRows += job.plan.rowCount
            reservedBlocks += job.plan.blockCount
            job.begin(in: pool, prefixes, model)
        }
    }

    /// Runs the encoder of one request whose turn has come.
    private func encode() {
        guard let job = jobs.first(where: { $0.phase == .encoding }) else { return }
        let source = job.plan.request.prompt
        model.encode(Tensor(source, [1, source.count], on: backend), into: job.cache) { done, total in
            job.receive(.success(.reading(done: done, total: total)))
        }
        job.phase = .reading
    }

    private func plan() {
        pass.reset()
        tokens.removeAll(keepingCapacity: true)
        wanted.removeAll(keepingCapacity: true)
        parts.removeAll(keepingCapacity: true)
        for job in jobs { job.rereadIfNeeded(longest: pass.longestText) }
        planWriting()
        let room = options.passLength - tokens.count
        planReading(parts.isEmpty ? room : min(room, options.sharedPieceLength))
        if !tokens.isEmpty { pass.commit() }
    }

    /// Reads pieces of prompts: half of the room is for the oldest, the rest for the shortest, so that a short one need not
    /// wait for a long one, nor the other way round.
    private func planReading(_ room: Int) {
        let readers = jobs.filter(\.isReading)
        guard let oldest = readers.min(by: { $0.id < $1.id }) else { return }
        let others = readers.filter { $0 !== oldest }.sorted { $0.unreadCount < $1.unreadCount }
        let wish = others.reduce(0) { $0 + $1.unreadCount }
        var budget = room - min(wish, room / 2)
        let kept = room - budget
        read(oldest, &budget)
        budget += kept
        for job in others where budget > 0 { read(job, &budget) }
    }

    private func read(_ job: Job, _ budget: inout Int) {
        addPart(job) {
            for (cache, row, piece) in job.takePieces(&budget) where !piece.isEmpty {
                feed(cache, row, piece, wanting: job.phase == .searching ? 1 : 0)
            }
        }
    }

    /// Takes along what is being written, all of it unless there is more than a pass holds: then the others come first in
    /// the next one. A prompt that waits gets half a pass.
    private func planWriting() {
        let limit = jobs.contains(where: \.isReading) ? options.passLength / 2 : options.passLength
        var leftOut: Int?
        for (index, job) in jobs.enumerated() where job.phase == .searching {
            guard parts.isEmpty || tokens.count + job.pendingCount <= limit else {
                leftOut = leftOut ?? index
                continue
            }
            addPart(job) {
                for cache in job.caches {
                    for (row, ids) in job.search.pending.enumerated() { feed(cache, row, ids[...], wanting: ids.count) }
                }
            }
        }
        if let leftOut { jobs = Array(jobs[leftOut...] + jobs[..<leftOut]) }
    }

    private func addPart(_ job: Job, _ body: () -> Void) {
        let (firstToken, firstLane) = (tokens.count, wanted.count)
        body()
        parts.append(Part(job: job, tokens: firstToken ..< tokens.count, lanes: firstLane ..< wanted.count))
    }

    /// Takes tokens of a row along, and the logits that follow the last ones.
    private func feed(_ cache: KVCache, _ row: Int, _ ids: ArraySlice<Int32>, wanting count: Int) {
        pass.add(cache, row: row, count: ids.count)
        tokens.append(contentsOf: ids)
        for lane in tokens.count - count ..< tokens.count { wanted.append(Int32(lane)) }
    }

    /// Passes the tokens through the model and reads the logits that are wanted.
    private func compute() throws {
        let hidden = model.hidden(Tensor(tokens, pass.shape, on: backend), pass)
        let rows = hidden.reshaped([tokens.count, hidden.shape[2]])
        for part in parts where part.job.search.needsStates {
            try rows[part.tokens].array().withUnsafeBufferPointer {
                part.job.search.observe($0, size: rows.shape[1])
            }
        }
        if wanted.isEmpty { return }
        let isAll = wanted.count == tokens.count
        let output = model.logits(isAll ? rows : rows.gatheringRows(Tensor(wanted, [wanted.count], on: backend)))
        if logits.count < output.count {
            logits.deallocate()
            logits = .allocate(capacity: output.count)
        }
        try output.read(into: logits)
    }

    private func deliver(_ job: Job, _ lanes: Range<Int>) {
        let size = model.vocabularySize
        let values = UnsafeBufferPointer(rebasing: logits[lanes.lowerBound * size ..< lanes.upperBound * size])
        do {
            try job.advance(values, vocabularySize: size, prefixes)
        } catch {
            fail(job, error)
            return
        }
        if job.phase == .ended { leave(job) }
    }

    private func fail(_ job: Job, _ error: any Error) {
        leave(job)
        job.receive(.failure(error))
    }

    /// A request may be cancelled by who is told of its end.
    private func leave(_ job: Job) {
        guard let index = jobs.firstIndex(where: { $0 === job }) else { return }
        jobs.remove(at: index)
        usedRows -= job.plan.rowCount
        reservedBlocks -= job.plan.blockCount
        job.release()
    }
}
