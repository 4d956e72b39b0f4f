import HayComponents
import TestSupport

extension Collected<StreamingChunk> {
    /// The texts of the chunks, joined.
    public var text: String { all.map(\.content).joined() }

    /// A callback without a name that adds its chunks.
    public var callback: StreamingCallback { StreamingCallback { [self] in append($0) } }
}
