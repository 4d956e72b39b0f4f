import HayJSON

/// The replies to a prompt.
public struct TextReplies: Sendable, Equatable {
    /// The texts, by index.
    public var replies: [String]
    /// What is told of each: model, index, finish_reason, usage.
    public var meta: [JSON.Object]

    /// Replies, and what is told of each.
    public init(replies: [String], meta: [JSON.Object] = []) {
        self.replies = replies
        self.meta = meta
    }
}

/// The replies to a conversation.
public struct ChatReplies: Sendable, Equatable {
    /// The assistant's messages, by index.
    public var replies: [ChatMessage]

    /// Replies.
    public init(replies: [ChatMessage]) { self.replies = replies }
}

/// A stream of chunks. The work ends when the reading task is cancelled or the stream is dropped.
public typealias ChunkStream = AsyncThrowingStream<StreamingChunk, any Error>

extension AsyncThrowingStream where Element: Sendable, Failure == any Error {
    /// The elements that `work` gives. It is cancelled when the stream is dropped.
    package init(
        _ work: @escaping @Sendable (_ sink: @escaping @Sendable (Element) -> Void) async throws -> Void
    ) {
        self.init { continuation in
            let task = Task {
                do {
                    try await work { continuation.yield($0) }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }
}

/// A component that replies.
public protocol Generator: Component {
    /// Takes the chunks of every call that does not name another callback; nil gives them to nobody.
    var streamingCallback: StreamingCallback? { get }
}

extension Generator {
    /// None.
    public var streamingCallback: StreamingCallback? { nil }
}

/// A component that continues or answers a prompt.
public protocol TextGenerator: Generator {
    /// Answers a prompt.
    ///
    /// - Parameters:
    ///   - streamingCallback: takes the reply's chunks as they come; nil stands for the component's own.
    ///   - generationKwargs: options in place of the component's own of the same names.
    func run(
        prompt: String, streamingCallback: StreamingCallback?, generationKwargs: GenerationKwargs?
    ) async throws -> TextReplies

    /// The same as a stream of chunks. The contents of a reply's chunks are its text; its last chunk has the finish reason
    /// and, in `meta`, what `run` tells of the reply.
    func stream(_ prompt: String, generationKwargs: GenerationKwargs?) -> ChunkStream
}

/// A component that answers a conversation.
public protocol ChatGenerator: Generator {
    /// Answers a conversation.
    ///
    /// - Parameters:
    ///   - streamingCallback: takes the reply's chunks as they come; nil stands for the component's own.
    ///   - generationKwargs: options in place of the component's own of the same names.
    ///   - tools: tools in place of the component's own; none at all stand for those.
    func run(
        messages: [ChatMessage], streamingCallback: StreamingCallback?, generationKwargs: GenerationKwargs?,
        tools: (any ToolSource)?
    ) async throws -> ChatReplies

    /// The same as a stream of chunks. Calls of tools come as `ToolCallDelta`s; a reply's last chunk has the finish reason
    /// and, in `meta`, what `run` tells of the reply.
    func stream(
        _ messages: [ChatMessage], generationKwargs: GenerationKwargs?, tools: (any ToolSource)?
    ) -> ChunkStream
}

extension TextGenerator {
    /// Answers a prompt.
    public func run(
        _ prompt: String, streamingCallback: StreamingCallback? = nil, generationKwargs: GenerationKwargs? = nil
    ) async throws -> TextReplies {
        try await run(prompt: prompt, streamingCallback: streamingCallback, generationKwargs: generationKwargs)
    }

    /// The chunks of an answer with the component's own options.
    public func stream(_ prompt: String) -> ChunkStream { stream(prompt, generationKwargs: nil) }
}

extension ChatGenerator {
    /// The chunks of an answer with the component's own options and tools.
    public func stream(_ messages: [ChatMessage]) -> ChunkStream { stream(messages, generationKwargs: nil, tools: nil) }

    /// The chunks of an answer to one message.
    public func stream(
        _ message: String, generationKwargs: GenerationKwargs? = nil, tools: (any ToolSource)? = nil
    ) -> ChunkStream {
        stream([.user(message)], generationKwargs: generationKwargs, tools: tools)
    }

    /// Answers a conversation.
    public func run(
        _ messages: [ChatMessage], streamingCallback: StreamingCallback? = nil,
        generationKwargs: GenerationKwargs? = nil, tools: (any ToolSource)? = nil
    ) async throws -> ChatReplies {
        try await run(
            messages: messages, streamingCallback: streamingCallback, generationKwargs: generationKwargs, tools: tools)
    }

    /// Answers one message.
    public func run(
        _ message: String, streamingCallback: StreamingCallback? = nil, generationKwargs: GenerationKwargs? = nil,
        tools: (any ToolSource)? = nil
    ) async throws -> ChatReplies {
        try await run(
            messages: [.user(message)], streamingCallback: streamingCallback, generationKwargs: generationKwargs,
            tools: tools)
    }
}
