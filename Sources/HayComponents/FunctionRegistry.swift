/// The functions that serialized components may name.
///
/// A file holds a function's name only; a program registers what it wants files to be able to name.
public struct FunctionRegistry: Sendable {
    private struct Key: Hashable {
        let kind: ObjectIdentifier
        let name: String
    }

    private var functions: [Key: any Sendable] = [:]
    private var toolSources: [String: ToolSourceReader] = [:]
    private var components: [String: any Component.Type] = [:]

    /// A registry of the functions that come with Hayloft.
    public init() {
        for callback in BuiltInFunctions.callbacks { insert(callback, as: callback.name) }
        for parser in BuiltInFunctions.toolParsers { insert(parser, as: parser.name) }
    }

    /// Makes a function known by its name, in place of what had the name before.
    ///
    /// Throws `ComponentError` for a function without a name.
    public mutating func add<Input, Output>(_ function: NamedFunction<Input, Output>) throws {
        insert(function, as: try function.serializedName)
    }

    /// The function of a name, among those that take and give the same types.
    ///
    /// Throws `ComponentError`.
    public func function<Input, Output>(
        named name: String, as type: NamedFunction<Input, Output>.Type = NamedFunction<Input, Output>.self
    ) throws -> NamedFunction<Input, Output> {
        let kind = ObjectIdentifier(type)
        if let function = functions[Key(kind: kind, name: name)] as? NamedFunction<Input, Output> { return function }
        let names = functions.keys.filter { $0.kind == kind }.map(\.name)
        throw ComponentError.unknownFunction(name: name, kind: type.kindName, similar: name.similar(among: names))
    }

    /// Makes a source of tools known by the class that files name, which is the `type` that its `toDict` writes.
    public mutating func add(toolSource type: String, _ read: @escaping ToolSourceReader) { toolSources[type] = read }

    /// What reads a source of tools of this class.
    func toolSource(_ type: String) -> ToolSourceReader? { toolSources[type] }

    /// Makes a component's class known, for components that are made of others.
    public mutating func add(component type: any Component.Type) { components[type.type] = type }

    /// The component of a class that files name; nil where it is not known.
    package func component(_ type: String) -> (any Component.Type)? { components[type] }

    private mutating func insert<Input, Output>(_ function: NamedFunction<Input, Output>, as name: String?) {
        guard let name else { return }
        functions[Key(kind: ObjectIdentifier(NamedFunction<Input, Output>.self), name: name)] = function
    }
}

extension NamedFunction {
    /// What files call it.
    ///
    /// Throws `ComponentError` when it has no name.
    public var serializedName: String {
        get throws {
            guard let name, !name.isEmpty else { throw ComponentError.unnamedFunction(kind: Self.kindName) }
            return name
        }
    }

    /// What error messages call a function of this type.
    static var kindName: String {
        switch ObjectIdentifier(self) {
        case ObjectIdentifier(StreamingCallback.self): "streaming callback"
        case ObjectIdentifier(ToolFunction.self): "tool function"
        case ObjectIdentifier(OutputHandler.self): "output handler"
        case ObjectIdentifier(ToolParser.self): "tool parser"
        case ObjectIdentifier(TokenProvider.self): "token provider"
        default: "function"
        }
    }
}
