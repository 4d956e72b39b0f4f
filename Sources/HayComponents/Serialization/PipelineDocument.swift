import HayJSON

/// A pipeline file of Haystack's: components by name, the connections between them, and settings.
///
/// Reads and writes YAML and JSON. What it does not know is kept as it was read: components of other types, keys of
/// other releases, the order of everything.
public struct PipelineDocument: Sendable, Equatable {
    /// Which output of a component goes to which input of another.
    public struct Connection: Sendable, Equatable {
        /// The component and its output: `llm.replies`.
        public var sender: String
        /// The component and its input: `printer.texts`.
        public var receiver: String

        /// A connection.
        public init(sender: String, receiver: String) {
            self.sender = sender
            self.receiver = receiver
        }
    }

    /// All that the file holds.
    public private(set) var members: JSON.Object

    /// A pipeline without components, with Haystack's settings.
    public init() {
        members = [
            "metadata": [:], "max_runs_per_component": 100, "components": [:], "connections": [],
            "connection_type_validation": true,
        ]
    }

    /// The pipeline that a dictionary describes. Of a repeated key the last value counts.
    ///
    /// - Parameter name: what error messages call it, as the name of its file.
    /// Throws `ComponentError.document`.
    public init(_ data: JSON, name: String = "the pipeline") throws {
        func check(_ isRight: Bool, _ place: String, _ expected: String, _ found: JSON?) throws {
            guard isRight else {
                throw ComponentError.document(
                    place: name, problem: "\(place) must be \(expected), found \(found?.kind ?? "nothing")")
            }
        }
        try check(data.object != nil, "the document", "a dictionary", data)
        members = data.object?.withUniqueKeys ?? [:]
        let components = members["components"] ?? [:]
        try check(components.object != nil, "components", "a dictionary", components)
        for (name, component) in components.object ?? [:] {
            try check(component["type"]?.string != nil, "components.\(name).type", "a string", component["type"])
        }
        let connections = members["connections"] ?? []
        try check(connections.array != nil, "connections", "a list", connections)
        for (index, connection) in (connections.array ?? []).enumerated() {
            for end in ["sender", "receiver"] {
                try check(connection[end]?.string != nil, "connections[\(index)].\(end)", "a string", connection[end])
            }
        }
    }

    /// The pipeline of a YAML text.
    ///
    /// Throws `ComponentError.document`.
    public init(yaml text: String, name: String = "the pipeline") throws {
        var reader = YAMLReader(name: name)
        try self.init(reader.read(text), name: name)
    }

    /// The pipeline of a JSON text.
    ///
    /// Throws `ComponentError.document`.
    public init(json text: String, name: String = "the pipeline") throws {
        let data: JSON
        do {
            data = try JSON.parse(text)
        } catch {
            throw ComponentError.document(place: name, problem: "\(error)")
        }
        try self.init(data, name: name)
    }

    /// The pipeline as a YAML text.
    ///
    /// Throws `ComponentError.document`.
    public func yaml() throws -> String { try YAMLWriter.text(.object(members)) }

    /// The pipeline as a JSON text.
    public func json() -> String { JSON.object(members).text(spaced: true) }
}

extension PipelineDocument {
    /// The names of the components, in order.
    public var componentNames: [String] { components.keys }

    /// The type of a component, as files name it; nil where there is none of the name.
    public func type(of name: String) -> String? { components[name]?["type"]?.string }

    /// A component.
    ///
    /// Throws `ComponentError` where there is none of the name, and where it is not of the type.
    public func component<Part: Component>(
        _ name: String, as type: Part.Type = Part.self, registry: FunctionRegistry = FunctionRegistry()
    ) throws -> Part {
        guard let data = components[name] else {
            throw ComponentError.noComponent(name: name, known: componentNames)
        }
        return try Part.fromDict(data, registry: registry)
    }

    /// All components of a type, with their names, in order.
    ///
    /// Throws `ComponentError`.
    public func components<Part: Component>(
        of type: Part.Type, registry: FunctionRegistry = FunctionRegistry()
    ) throws -> [(name: String, component: Part)] {
        try components.filter { $1["type"]?.string == Part.type }.map { name, data in
            (name, try Part.fromDict(data, registry: registry))
        }
    }

    /// Adds a component at the end, or puts it in the place of the one that has its name.
    ///
    /// Throws `ComponentError` for what cannot be written.
    public mutating func set(_ component: some Component, as name: String) throws {
        var components = components
        components.set(name, to: try component.toDict())
        members.set("components", to: .object(components))
    }

    /// The connections, in order.
    public var connections: [Connection] {
        get {
            (members["connections"]?.array ?? []).compactMap { data in
                guard let sender = data["sender"]?.string, let receiver = data["receiver"]?.string else { return nil }
                return Connection(sender: sender, receiver: receiver)
            }
        }
        set {
            let list = newValue.map { JSON.object(["sender": .string($0.sender), "receiver": .string($0.receiver)]) }
            members.set("connections", to: .array(list))
        }
    }

    /// What a program notes about the pipeline.
    public var metadata: JSON.Object {
        get { members["metadata"]?.object ?? [:] }
        set { members.set("metadata", to: .object(newValue)) }
    }

    private var components: JSON.Object { members["components"]?.object ?? [:] }
}
