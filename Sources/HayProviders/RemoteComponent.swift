import HayComponents
import HayJSON

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A component that describes requests to a server; a client sends them.
public protocol RemoteComponent: Component {
    /// The component that a dictionary describes, with the settings that these environment variables hold.
    ///
    /// Throws `ComponentError` and `ProviderError`.
    static func fromDict(_ data: JSON, registry: FunctionRegistry, environment: [String: String]) throws -> Self
}

extension RemoteComponent {
    /// The component that a dictionary describes, with the settings that the process's environment holds.
    ///
    /// Throws `ComponentError` and `ProviderError`.
    public static func fromDict(_ data: JSON, registry: FunctionRegistry) throws -> Self {
        try fromDict(data, registry: registry, environment: processEnvironment)
    }

    /// The dictionary of a component with these parameters.
    static func dictionary(_ parameters: JSON.Object) -> JSON {
        ["type": .string(type), "init_parameters": .object(parameters)]
    }
}

/// The environment variables of the process.
public var processEnvironment: [String: String] { ProcessInfo.processInfo.environment }

extension JSON {
    /// A text, or null.
    init(_ text: String?) { self = text.map(JSON.string) ?? .null }

    /// A number, or null.
    init(_ number: Double?) { self = number.map(JSON.double) ?? .null }

    /// An integer, or null.
    init(_ number: Int?) { self = number.map(JSON.int) ?? .null }

    /// A dictionary, or null.
    init(_ members: JSON.Object?) { self = members.map(JSON.object) ?? .null }

    /// A function's name, or null. Throws `ComponentError` for a function without a name.
    init<Input, Output>(_ function: NamedFunction<Input, Output>?) throws {
        self = try function.map { .string(try $0.serializedName) } ?? .null
    }

    /// What files hold of a secret, or null. Throws `ComponentError` for a secret that is given as it is.
    init(_ secret: Secret?) throws { self = try secret?.toDict() ?? .null }

    /// What files hold of tools, or null. Throws `ComponentError` where a function has no name.
    init(_ tools: (any ToolSource)?) throws { self = try tools?.toDict() ?? .null }
}
