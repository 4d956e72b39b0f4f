import HayComponents
import HayGeneration

/// What happens while a local generator answers: its chunks, and what only the engine knows.
package enum LocalEvent: Sendable {
    /// The call's turn has come: how many tokens its prompt has, and how many of them need not be computed again.
    case began(promptTokens: Int, reusedTokens: Int)
    /// The prompt is being read: see `GenerationEvent.reading`.
    case reading(done: Int, total: Int)
    /// A reply goes on.
    case chunk(StreamingChunk)
    /// A reply has ended: as a message, and as text with its tokens.
    case reply(ChatMessage, TextReply)
    /// All replies have.
    case ended(GenerationTimings)
}

/// A call to a local generator, as it happens. The work ends when the reading task is cancelled or the stream is dropped.
package typealias LocalEventStream = AsyncThrowingStream<LocalEvent, any Error>
