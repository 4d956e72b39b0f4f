/// What one rendering may use. A template is a stranger's program: these bounds are what ends it.
public struct RenderLimits: Sendable, Equatable {
    /// Statements run, loop iterations and elements produced.
    public var steps = 10_000_000
    /// Nested evaluations: calls of macros within macros, recursive loops and the expressions within them.
    public var depth = 1_000
    /// Bytes of text rendered.
    public var outputSize = 64 << 20
    /// Bytes of text and elements that one rendering may make, including those it drops again.
    public var createdSize = 1 << 30

    /// The default limits, which no honest chat template comes near.
    public init() {}
}
