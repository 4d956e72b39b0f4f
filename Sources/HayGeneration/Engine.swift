import Dispatch
import HayNN
import HayTensor
import Synchronization

/// Serves one model to many callers at once.
///
/// Requests are answered together, in the order in which they came as far as there is room. The work is done on a thread of
/// the engine's own that sleeps when there is none; a caller that is cancelled, or lets go of its stream, frees what its
/// request used before the next pass through the model.
public final class Engine: Sendable {
    /// How much is done at once.
    public struct Options: Sendable {
        /// What is computed together and kept.
        public var scheduler = Scheduler.Options()
        /// The most requests at once, waiting and being answered; further ones are refused.
        public var requestLimit = 2048

        /// The usual sizes.
        public init() {}
    }

    private enum Command {
        case add(GenerationPlan, score: [Int32]?, Ticket)
        case cancel(Ticket)
        case run(@Sendable (Scheduler) -> Void)
    }

    /// A request's place: where its events go, and its number once the scheduler has it.
    private final class Ticket: Sendable {
        let events: AsyncThrowingStream<GenerationEvent, any Error>.Continuation

        init(_ events: AsyncThrowingStream<GenerationEvent, any Error>.Continuation) { self.events = events }
    }

    private struct Inbox {
        var commands: [Command] = []
        var isRunning = false
        var openRequests = 0
    }

    /// What only the engine's queue touches.
    private final class Core {
        let scheduler: Scheduler
        var numbers: [ObjectIdentifier: Int] = [:]

        init(_ scheduler: Scheduler) { self.scheduler = scheduler }
    }

    /// The model that is served.
    public let model: any LanguageModel
    private let options: Options
    private let blockCount: Int
    private let inbox = Mutex(Inbox())
    private let queue = DispatchQueue(label: "hayloft.engine", qos: .userInitiated)
    private nonisolated(unsafe) let core: Core  // touched on the queue alone

    /// An engine for one model.
    public init(_ model: any LanguageModel, _ options: Options = Options(), on backend: any Backend) {
        self.model = model
        self.options = options
        let scheduler = Scheduler(model, options.scheduler, on: backend)
        blockCount = scheduler.blockCount
        core = Core(scheduler)
    }

    /// Answers a request, event by event. Work begins at once, not when the stream is first read.
    ///
    /// Throws `GenerationError` for a request that cannot be answered, and when too many wait.
    public func stream(_ request: GenerationRequest) throws -> GenerationStream {
        try submit(GenerationPlan(request, model), score: nil)
    }

    /// Answers a request.
    ///
    /// Throws `GenerationError`, what the backend throws, and `CancellationError`.
    public func generate(_ request: GenerationRequest) async throws -> GenerationResult {
        try await stream(request).result()
    }

    /// How likely a text is after a prompt: the log-probability of each of its tokens, and their sum as the score.
    ///
    /// For an encoder-decoder model the prompt is the source, and the text follows the decoder's start token.
    /// Throws as `generate` does.
    public func score(_ continuation: [Int32], after prompt: [Int32], scope: String = "") async throws -> Reply {
        var config = GenerationConfig()
        config.maxNewTokens = continuation.count
        var request = GenerationRequest(prompt: prompt, config: config)
        request.scope = scope
        let plan = try GenerationPlan(request, model)
        guard !continuation.isEmpty else { throw GenerationError.emptyText }
        if let id = continuation.first(where: { $0 < 0 || Int($0) >= model.vocabularySize }) {
            throw GenerationError.tokenOutOfRange(id, vocabularySize: model.vocabularySize)
        }
        guard plan.newTokenLimit >= continuation.count else {
            throw GenerationError.textTooLong(
                tokens: plan.prefix.count + continuation.count, contextLength: model.contextLength ?? 0)
        }
        let result = try await submit(plan, score: continuation).result()
        return result.replies.first ?? Reply()
    }

    /// Forgets the beginnings of texts that are kept for others.
    public func forgetPrefixes() { send(.run { $0.forgetPrefixes() }) }

    /// How many blocks of keys and values are in use or kept for reuse, at the next pass.
    public func usedBlockCount() async -> Int {
        await withCheckedContinuation { continuation in
            send(.run { continuation.resume(returning: $0.usedBlockCount) })
        }
    }

    private func submit(_ plan: GenerationPlan, score: [Int32]?) throws -> GenerationStream {
        try plan.checkRoom(in: blockCount)
        try inbox.withLock { inbox in
            guard inbox.openRequests < options.requestLimit else {
                throw GenerationError.queueFull(options.requestLimit)
            }
            inbox.openRequests += 1
        }
        let (stream, continuation) = AsyncThrowingStream<GenerationEvent, any Error>.makeStream()
        let ticket = Ticket(continuation)
        continuation.onTermination = { [weak self, weak ticket] reason in
            self?.inbox.withLock { $0.openRequests -= 1 }
            if case .cancelled = reason, let ticket { self?.send(.cancel(ticket)) }
        }
        send(.add(plan, score: score, ticket))
        return GenerationStream(stream) { [weak self, weak ticket] in
            if let ticket {
                self?.send(.cancel(ticket))
                ticket.events.finish()
            }
        }
    }

    private func send(_ command: Command) {
        let starts = inbox.withLock { inbox in
            inbox.commands.append(command)
            defer { inbox.isRunning = true }
            return !inbox.isRunning
        }
        if starts { queue.async { self.run() } }
    }

    /// Works until there is nothing left to do.
    private func run() {
        while true {
            let (commands, isDone) = inbox.withLock { inbox in
                defer { inbox.commands.removeAll() }
                let isDone = inbox.commands.isEmpty && core.scheduler.isIdle
                if isDone { inbox.isRunning = false }
                return (inbox.commands, isDone)
            }
            if isDone { return }
            for command in commands { obey(command) }
            core.scheduler.step()
        }
    }

    private func obey(_ command: Command) {
        switch command {
        case .add(let plan, let text, let ticket):
            let key = ObjectIdentifier(ticket)
            let receive = { [core] (event: Result<GenerationEvent, any Error>) in
                switch event {
                case .success(let event):
                    ticket.events.yield(event)
                    guard case .ended = event else { return }
                    ticket.events.finish()
                case .failure(let error): ticket.events.finish(throwing: error)
                }
                core.numbers[key] = nil
            }
            core.numbers[key] =
                text.map { core.scheduler.addScore(plan, text: $0, receive: receive) }
                ?? core.scheduler.add(plan, receive: receive)
        case .cancel(let ticket):
            if let number = core.numbers.removeValue(forKey: ObjectIdentifier(ticket)) { core.scheduler.cancel(number) }
        case .run(let work): work(core.scheduler)
        }
    }
}

/// What happens while a request is answered, as it happens.
public struct GenerationStream: AsyncSequence, Sendable {
    private let events: AsyncThrowingStream<GenerationEvent, any Error>
    private let end: @Sendable () -> Void

    init(_ events: AsyncThrowingStream<GenerationEvent, any Error>, end: @escaping @Sendable () -> Void) {
        self.events = events
        self.end = end
    }

    /// Ends the request: what it used is free before the next pass, and nothing more comes.
    public func cancel() { end() }

    /// Reads the events. The request ends when the reading task is cancelled, or stream and iterators are dropped.
    public func makeAsyncIterator() -> AsyncThrowingStream<GenerationEvent, any Error>.Iterator {
        events.makeAsyncIterator()
    }

    /// All that came of the request. Throws what the stream throws, and `CancellationError`.
    public func result() async throws -> GenerationResult {
        var result = GenerationResult()
        for try await event in events { result.add(event) }
        try Task.checkCancellation()
        return result
    }
}
