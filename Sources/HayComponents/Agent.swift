import HayJSON

/// Lets a chat model call tools, and tells it what came of the calls, until it answers.
///
/// ```swift
/// let agent = Agent(generator, tools: [weather])
/// let answer = try await agent.run("What is the weather in Paris?").lastMessage.text
/// ```
public struct Agent: Sendable {
    /// How far an agent may go.
    public struct Limits: Sendable {
        /// The most replies that the model is asked for.
        public var steps = 10
        /// The most tool calls in all.
        public var calls = 50
        /// The longest that one call may take; nil sets no limit.
        public var callDuration: Duration? = .seconds(60)
        /// The longest result that the model is told, in characters; what is longer is cut off, and it is told so.
        public var resultLength = 20_000

        /// The usual limits.
        public init() {}
    }

    /// What came of a run.
    public struct Result: Sendable {
        /// The whole conversation: what was given, replies, and results of tools.
        public var messages: [ChatMessage]
        /// How many replies the model was asked for.
        public var steps: Int
        /// Why it ended.
        public var ending: Ending

        /// The last message of the conversation: the answer, unless a limit was reached.
        public var lastMessage: ChatMessage { messages[messages.count - 1] }
    }

    /// Why a run ended.
    public enum Ending: Sendable, Equatable {
        /// The model replied without a call.
        case answered
        /// The model was asked for as many replies as is allowed.
        case stepLimit
        /// The model wanted more calls than are allowed.
        case callLimit
    }

    private let generator: any ChatGenerator
    private let caller: ToolCaller
    private let systemPrompt: String?
    private let limits: Limits

    /// An agent.
    ///
    /// - Parameters:
    ///   - generator: answers conversations; it has to be warmed up.
    ///   - tools: what it may have called.
    ///   - systemPrompt: what it is told first, in conversations that do not begin with a system message.
    ///   - limits: how far it may go.
    ///   - raisesToolErrors: whether a call that fails ends the run; otherwise the model is told what went wrong.
    ///
    /// Throws `ComponentError` for tools of one name.
    public init(
        _ generator: any ChatGenerator, tools: any ToolSource, systemPrompt: String? = nil, limits: Limits = Limits(),
        raisesToolErrors: Bool = false
    ) throws {
        let tools = try tools.tools()
        try tools.checkNames()
        self.generator = generator
        self.systemPrompt = systemPrompt
        self.limits = limits
        caller = ToolCaller(tools, limits, raisesErrors: raisesToolErrors)
    }

    /// Answers a message.
    public func run(
        _ message: String, streamingCallback: StreamingCallback? = nil, generationKwargs: GenerationKwargs? = nil
    ) async throws -> Result {
        try await run([.user(message)], streamingCallback: streamingCallback, generationKwargs: generationKwargs)
    }

    /// Answers a conversation.
    ///
    /// - Parameter streamingCallback: takes the chunks of all replies, and one for each result of a tool.
    ///
    /// Throws what the generator, the callback and, where it raises them, tools throw.
    public func run(
        _ messages: [ChatMessage], streamingCallback: StreamingCallback? = nil,
        generationKwargs: GenerationKwargs? = nil
    ) async throws -> Result {
        var messages = messages
        if let systemPrompt, messages.first?.isFrom(.system) != true { messages.insert(.system(systemPrompt), at: 0) }
        var callCount = 0
        let steps = max(1, limits.steps)
        for step in 1 ... steps {
            let replies = try await generator.run(
                messages: messages, streamingCallback: streamingCallback, generationKwargs: generationKwargs,
                tools: caller.tools)
            guard let reply = replies.replies.first else { throw ComponentError.noReply }
            messages.append(reply)
            if reply.toolCalls.isEmpty { return Result(messages: messages, steps: step, ending: .answered) }
            callCount += reply.toolCalls.count
            if callCount > limits.calls { return Result(messages: messages, steps: step, ending: .callLimit) }
            let results = try await caller.call(reply.toolCalls)
            for (index, result) in results.enumerated() {
                try await streamingCallback?(
                    StreamingChunk(
                        content: "", index: index, toolCallResult: result, start: true,
                        finishReason: "tool_call_results"))
                messages.append(.tool(result.result, origin: result.origin, isError: result.isError))
            }
        }
        return Result(messages: messages, steps: steps, ending: .stepLimit)
    }

    /// Answers a conversation, chunk by chunk: those of all replies, and one for each result of a tool. A chunk with a
    /// `finishReason` ends a reply or a result, not the stream.
    ///
    /// Throws as `run` does.
    public func stream(_ messages: [ChatMessage], generationKwargs: GenerationKwargs? = nil) -> ChunkStream {
        ChunkStream { sink in
            _ = try await run(
                messages, streamingCallback: StreamingCallback { sink($0) }, generationKwargs: generationKwargs)
        }
    }

    /// Answers a message, chunk by chunk.
    public func stream(_ message: String, generationKwargs: GenerationKwargs? = nil) -> ChunkStream {
        stream([.user(message)], generationKwargs: generationKwargs)
    }
}
