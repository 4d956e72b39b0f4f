import HayJSON

/// A part of a pipeline that a file can hold.
public protocol Component: Sendable {
    /// The component's type, as files name it: `haystack.components.generators.openai.OpenAIGenerator`.
    static var type: String { get }

    /// The dictionary that files hold: `type` and `init_parameters`.
    ///
    /// Throws `ComponentError` for what cannot be written: secrets given as text, functions without a name.
    func toDict() throws -> JSON

    /// The component that a dictionary describes. Functions are looked up by name in the registry.
    ///
    /// Throws `ComponentError`, and what the component's own checks throw.
    static func fromDict(_ data: JSON, registry: FunctionRegistry) throws -> Self
}
