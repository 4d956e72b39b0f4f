/// The functions that files may name without a program's doing.
enum BuiltInFunctions {
    /// Callbacks.
    static let callbacks: [StreamingCallback] = [.printChunk]
    /// Parsers.
    static let toolParsers: [ToolParser] = [.default]
}
