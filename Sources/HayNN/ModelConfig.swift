import HayJSON
import HayTensor

/// The hyperparameters of a checkpoint, read from `config.json` by key: `try config["rope_theta", default: 10_000]`.
///
/// A key that holds null counts as absent, as in the reference implementation.
public struct ModelConfig: Sendable {
    /// The file or the place in it that these values come from, for error messages.
    public let source: String
    /// All keys with their values.
    public let members: JSON.Object

    /// Reads the `config.json` of a checkpoint folder. Throws `FileError` or `ConfigError`.
    public init(folder: String) throws {
        try self.init(file: "\(folder)/config.json")
    }

    /// Reads a JSON file that holds an object. Throws `FileError` or `ConfigError`.
    public init(file path: String) throws {
        let file = try MappedFile(path)
        guard file.count > 0 else { throw ConfigError.malformed(file: path, reason: "it is \(FileKind.empty)") }
        do { try self.init(file.withBytes { try JSON.parse($0) }, source: path) } catch let error as JSONError {
            throw ConfigError.malformed(file: path, reason: error.description)
        }
    }

    /// The members of a JSON object. Throws `ConfigError` when it is something else.
    public init(_ json: JSON, source: String) throws {
        guard let object = json.object else {
            throw ConfigError.malformed(file: source, reason: "it is \(json.kind), expected an object")
        }
        members = object
        self.source = source
    }

    /// The value of a key, unless it is absent or null.
    public func value(_ key: String) -> JSON? {
        guard let value = members[key], !value.isNull else { return nil }
        return value
    }

    /// Whether the value of a key is true as Python sees it: not null, false, 0 or empty. Nil where the key is absent.
    public func isTruthy(_ key: String) -> Bool? {
        members[key].map { value in
            switch value {
            case .null, .bool(false), .int(0), .double(0), .string(""), .array([]): false
            case .object(let members): members.count > 0
            default: true
            }
        }
    }

    /// The value of a key that must be there. Throws `ConfigError`.
    public subscript<Value: ConfigValue>(_ key: String) -> Value {
        get throws {
            guard let value: Value = try self[optional: key] else { throw ConfigError.missing(key: key, file: source) }
            return value
        }
    }

    /// The value of a key, or a default where it is absent. Throws `ConfigError` when it is of another kind.
    public subscript<Value: ConfigValue>(_ key: String, default fallback: Value) -> Value {
        get throws { try self[optional: key] ?? fallback }
    }

    /// The value of a key when it is there. Throws `ConfigError` when it is of another kind.
    public subscript<Value: ConfigValue>(optional key: String) -> Value? {
        get throws {
            guard let json = value(key) else { return nil }
            guard let value = Value(json) else {
                throw ConfigError.wrongKind(
                    key: key, file: source, expected: Value.kind, found: String(json.description.prefix(80)))
            }
            return value
        }
    }

    /// A number of things: from 1 to 16 million, which keeps every product of sizes far from overflow.
    public func count(_ key: String, default fallback: Int? = nil, atMost limit: Int = 1 << 24) throws -> Int {
        let value: Int = try fallback.map { try self[key, default: $0] } ?? self[key]
        guard (1 ... limit).contains(value) else {
            throw ConfigError.outOfRange(key: key, file: source, expected: "1 to \(limit)", found: "\(value)")
        }
        return value
    }

    /// What a norm adds to the mean square or the variance, never negative.
    public func epsilon(_ key: String, default fallback: Float = 1e-6) throws -> Float {
        let value: Float = try self[key, default: fallback]
        guard value >= 0, value.isFinite else {
            throw ConfigError.outOfRange(key: key, file: source, expected: "a number from 0", found: "\(value)")
        }
        return value
    }

    /// The object of a key when it is there.
    public func object(_ key: String) throws -> ModelConfig? {
        try value(key).map { try ModelConfig($0, source: "'\(key)' in \(source)") }
    }

    /// The token ids of a key that holds one id or a list of them; none where it is absent.
    public func tokenIDs(_ key: String) throws -> [Int32] {
        guard let json = value(key) else { return [] }
        let ids = json.array ?? [json]
        return try ids.map {
            guard let id = $0.int.flatMap(Int32.init(exactly:)), id >= 0 else {
                throw ConfigError.wrongKind(key: key, file: source, expected: "a token id", found: json.description)
            }
            return id
        }
    }
}

/// A type that a key of `config.json` can be read as.
public protocol ConfigValue {
    /// What is expected, for error messages: "an integer".
    static var kind: String { get }
    /// The value, when the JSON is of this kind.
    init?(_ json: JSON)
}

extension Int: ConfigValue {
    /// "an integer".
    public static let kind = "an integer"
    /// An integer.
    public init?(_ json: JSON) { if let value = json.int { self = value } else { return nil } }
}

extension Float: ConfigValue {
    /// "a number".
    public static let kind = "a number"
    /// A number.
    public init?(_ json: JSON) { if let value = json.double { self = Float(value) } else { return nil } }
}

extension Double: ConfigValue {
    /// "a number".
    public static let kind = "a number"
    /// A number.
    public init?(_ json: JSON) { if let value = json.double { self = value } else { return nil } }
}

extension Bool: ConfigValue {
    /// "true or false".
    public static let kind = "true or false"
    /// A truth value.
    public init?(_ json: JSON) { if let value = json.bool { self = value } else { return nil } }
}

extension String: ConfigValue {
    /// "a string".
    public static let kind = "a string"
    /// A string.
    public init?(_ json: JSON) { if let value = json.string { self = value } else { return nil } }
}

/// What is wrong with a configuration file.
public enum ConfigError: Error, Equatable, CustomStringConvertible {
    /// The file is not a JSON object.
    case malformed(file: String, reason: String)
    /// A key that has no default is absent.
    case missing(key: String, file: String)
    /// A value of another kind than the key takes.
    case wrongKind(key: String, file: String, expected: String, found: String)
    /// A value that the key does not take.
    case outOfRange(key: String, file: String, expected: String, found: String)
    /// The weights are quantized by a method that is not read.
    case quantized(method: String, file: String, reason: String)
    /// No model of this build reads the architecture.
    case unknownArchitecture(modelType: String, file: String, known: [String])

    /// What is wrong, where, and what was expected.
    public var description: String {
        switch self {
        case .malformed(let file, let reason): "\(file) is malformed: \(reason)"
        case .missing(let key, let file): "\(file) has no '\(key)'"
        case .wrongKind(let key, let file, let expected, let found):
            "'\(key)' in \(file) is \(found), expected \(expected)"
        case .outOfRange(let key, let file, let expected, let found):
            "'\(key)' in \(file) is \(found), expected \(expected)"
        case .quantized(let method, let file, let reason):
            "\(file) says that the checkpoint is quantized by '\(method)', which is not supported; use one in bf16 (\(reason))"
        case .unknownArchitecture(let type, let file, let known):
            "\(file) has the model_type '\(type)', which is not supported; supported are \(known.joined(separator: ", "))"
        }
    }
}

extension Activation {
    /// The function that a configuration names as `hidden_act` does. Throws `ConfigError` for one that is not known.
    public init(named name: String, key: String, in config: ModelConfig) throws {
        switch name {
        case "relu": self = .relu
        case "silu", "swish": self = .silu
        case "gelu", "gelu_python": self = .gelu
        case "gelu_new", "gelu_pytorch_tanh", "gelu_fast", "gelu_accurate", "gelu_python_tanh": self = .geluTanh
        default:
            throw ConfigError.outOfRange(
                key: key, file: config.source, expected: "relu, silu, gelu, gelu_new or gelu_pytorch_tanh",
                found: "'\(name)'")
        }
    }
}
