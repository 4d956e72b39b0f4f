import HayJSON

/// A function of the program's that a component calls, and the name by which files refer to it.
///
/// Functions cannot be written to a file, so their names are: a function without one works, but a component that holds it
/// cannot be serialized.
public struct NamedFunction<Input: Sendable, Output: Sendable>: Sendable {
    /// What files call it, as a path in dots: `my_pipelines.callbacks.print_chunk`.
    public let name: String?
    private let body: @Sendable (Input) async throws -> Output

    /// A function, with the name that files refer to it by.
    public init(_ name: String? = nil, _ body: @escaping @Sendable (Input) async throws -> Output) {
        self.name = name
        self.body = body
    }

    /// Calls it. Throws what it throws.
    public func callAsFunction(_ input: Input) async throws -> Output { try await body(input) }
}

/// Takes the pieces of a reply as they come.
public typealias StreamingCallback = NamedFunction<StreamingChunk, Void>
/// Finds the tool calls in a reply's text; nil where it has none.
public typealias ToolParser = NamedFunction<String, [ToolCall]?>
/// Does what a tool promises: arguments by name -> result.
public typealias ToolFunction = NamedFunction<JSON.Object, JSON>
/// Makes of a tool's result what another part of a program takes.
public typealias OutputHandler = NamedFunction<JSON, JSON>
/// Gives the token that a request is allowed by, anew for each request.
public typealias TokenProvider = NamedFunction<Void, String>
