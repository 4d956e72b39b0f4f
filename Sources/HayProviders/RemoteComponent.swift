import HayComponents
import HayJSON

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A component whose work a server does. Printing one shows its type alone, as headers and options may be secret.
public protocol RemoteComponent: Component, CustomStringConvertible, CustomReflectable {
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

    /// The component's type.
    public var description: String { Self.type }

    /// Nothing, so that a dump does not show what is secret.
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// The dictionary of a component with these parameters.
    static func dictionary(_ parameters: JSON.Object) -> JSON {
        ["type": .string(type), "init_parameters": .object(parameters)]
    }
}

/// The environment variables of the process.
public var processEnvironment: [String: String] { ProcessInfo.processInfo.environment }
