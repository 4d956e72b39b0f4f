/// Finds tool calls in a reply while it is being written.
///
/// Text that cannot belong to a call is passed on at once. From where a call may begin, text is held back until it is
/// clear: once an object has shown a name and the brace of its arguments, the call is passed on, and its arguments as
/// they come. Tags, fences and brackets around calls are dropped, as is the white space between them. Calls whose
/// arguments stand before the name, or are a string, are passed on when they are complete, with their arguments written
/// anew; and what turns out to be no call, as text. A call that the reply breaks off, or goes on with what is no JSON,
/// is passed on as far as it goes.
public struct ToolCallStream: Sendable {
    /// A piece of a reply.
    public enum Piece: Sendable, Equatable {
        /// Text to show.
        case text(String)
        /// A piece of a call: the name first, then pieces of the arguments' JSON text; the id where the model gives
        /// one.
        case call(ToolCallDelta)
    }

    private var scanner: ToolCallScanner

    /// A stream of which nothing has come yet.
    ///
    /// - Parameters:
    ///   - tools: the tools that there are; nil where they are not known.
    ///   - prompt: the text before; its end may open a thought. One that only its closing tag shows is not known as one
    ///     here, as its calls have been passed on by then.
    public init(tools: ToolSchemas? = nil, prompt: String = "") {
        scanner = ToolCallScanner(streams: true, tools: tools, prompt: prompt)
    }

    /// Takes the text that follows, and gives what is clear by now. How the text is cut makes no difference to the
    /// pieces joined.
    public mutating func append(_ text: String) -> [Piece] {
        scanner.append(text)
        return take()
    }

    /// Gives what is still held back, at the end of the reply.
    public mutating func finish() -> [Piece] {
        scanner.finish()
        return take()
    }

    private mutating func take() -> [Piece] {
        defer { scanner.pieces = [] }
        return scanner.pieces
    }
}
