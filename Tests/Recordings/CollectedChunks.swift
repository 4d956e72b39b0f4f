import HayComponents
import Synchronization

/// The chunks that a callback was given, in order.
public final class CollectedChunks: Sendable {
    private let chunks = Mutex<[StreamingChunk]>([])

    /// None yet.
    public init() {}

    /// Those so far.
    public var all: [StreamingChunk] { chunks.withLock { $0 } }

    /// Adds one.
    public func append(_ chunk: StreamingChunk) { chunks.withLock { $0.append(chunk) } }
}
