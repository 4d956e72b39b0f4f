import HayJSON

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A text that must not be shown: given as it is, or found in an environment variable when it is needed.
///
/// Only the second sort can be written to files. Neither shows its text when printed.
public struct Secret: Sendable, Equatable {
    private enum Source: Equatable {
        case token(String)
        case variables([String], isStrict: Bool)
    }

    private let source: Source

    /// A secret that is given as it is.
    ///
    /// Throws `ComponentError` for an empty text.
    public static func token(_ text: String) throws -> Secret {
        guard !text.isEmpty else { throw ComponentError.emptyToken }
        return Secret(source: .token(text))
    }

    /// The value of the first of these environment variables that is set.
    ///
    /// - Parameter isStrict: whether it is an error when none is set.
    public static func environment(_ name: String, _ others: String..., isStrict: Bool = true) -> Secret {
        Secret(source: .variables([name] + others, isStrict: isStrict))
    }

    /// The value of the first of these environment variables that is set.
    ///
    /// Throws `ComponentError` when there is no name.
    public static func environment(_ names: [String], isStrict: Bool = true) throws -> Secret {
        guard !names.isEmpty else { throw ComponentError.noVariables }
        return Secret(source: .variables(names, isStrict: isStrict))
    }

    /// The text; nil where no variable is set and that is no error. A variable that is set to nothing is set.
    ///
    /// Throws `ComponentError` where a strict secret has no variable that is set.
    public func resolve(
        in environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> String? {
        switch source {
        case .token(let text): return text
        case .variables(let names, let isStrict):
            for name in names { if let text = environment[name] { return text } }
            if isStrict { throw ComponentError.unsetVariables(names: names) }
            return nil
        }
    }

    /// What files hold: the names of the variables.
    ///
    /// Throws `ComponentError` for a secret that is given as it is.
    public func toDict() throws -> JSON {
        guard case .variables(let names, let isStrict) = source else { throw ComponentError.tokenWritten }
        return [
            "type": "env_var", "env_vars": .array(names.map { .string($0) }), "strict": .bool(isStrict),
        ]
    }

    /// The secret that a dictionary describes. `env_vars` is a list of names, or one name.
    ///
    /// Throws `ComponentError`.
    public static func fromDict(_ data: JSON) throws -> Secret {
        let reader = try DictionaryReader(data, place: "The secret")
        let type = try reader.value("type")
        if type.array != nil || type.object != nil { _ = try reader.string("type") }
        switch type {
        case "env_var":
            let name = try reader.value("env_vars").string
            let names = try name.map { $0.isEmpty ? [] : [$0] } ?? reader.strings("env_vars")
            return try environment(names, isStrict: reader.bool("strict"))
        case "token": throw ComponentError.tokenRead
        case let other: throw ComponentError.unknownSecretType(name: other.string ?? other.text(spaced: true))
        }
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Where the text comes from; never the text.
    public var description: String {
        switch source {
        case .token: "Secret(a token)"
        case .variables(let names, _): "Secret(\(names.joined(separator: ", ")))"
        }
    }

    /// Where the text comes from; never the text.
    public var debugDescription: String { description }

    /// Nothing, so that a dump does not show the text.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
