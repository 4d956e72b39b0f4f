import HayJSON

/// What becomes of a tool's result.
public struct OutputMapping: Sendable, Equatable {
    /// The key of the result that is taken; nil takes the whole result.
    public var source: String?
    /// What is done with it; nil leaves it as it is.
    public var handler: OutputHandler?

    /// A mapping.
    public init(source: String? = nil, handler: OutputHandler? = nil) {
        self.source = source
        self.handler = handler
    }

    /// Mappings are equal when their sources and the names of their handlers are.
    public static func == (left: OutputMapping, right: OutputMapping) -> Bool {
        left.source == right.source && (left.handler == nil) == (right.handler == nil)
            && left.handler?.name == right.handler?.name
    }

    func toDict() throws -> JSON {
        var members = JSON.Object()
        if let source { members.append("source", .string(source)) }
        if let handler { members.append("handler", .string(try handler.serializedName)) }
        return .object(members)
    }

    /// - Parameter name: what messages call it: "outputs_to_string", "outputs_to_state source for key 'docs'".
    init(_ data: JSON, name: String, key: String?, registry: FunctionRegistry) throws {
        let place = key.map { " for key '\($0)'" } ?? ""
        func wrong(_ part: String, _ expected: String) -> ComponentError {
            .wrongOutput(problem: "\(name) \(part)\(place) must be \(expected)")
        }
        guard let members = data.object else { throw wrong("configuration", "a dictionary") }
        for key in members.keys where key != "source" && key != "handler" {
            throw ComponentError.unknownKey(key: key, place: name + place, known: ["source", "handler"])
        }
        source = try members["source"].map { value in
            guard let text = value.string else { throw wrong("source", "a string.") }
            return text
        }
        if let value = members["handler"] {
            guard let text = value.string else { throw wrong("handler", "callable") }
            handler = try registry.function(named: text)
        }
    }
}
