import HayJSON

/// The settings of rotary positions, as `config.json` has them in whichever of its places and spellings.
///
/// A model file names what its class of the reference implementation takes where the configuration says nothing. What a
/// configuration says counts first; null is no default there: it makes the settings unusable.
///
/// Source: transformers/modeling_rope_utils.py, `RotaryEmbeddingConfigMixin`.
public struct RoPESettings: Sendable {
    /// The members of the object that holds the settings.
    public let members: ModelConfig
    /// `rope_type`, or `type` as it was called before: "default", "linear", …
    public let type: String
    /// The base of the frequencies.
    let base: Double
    /// `max_position_embeddings`.
    let contextLength: Int
    /// The file that the settings come from, for error messages.
    var source: String { config.source }
    private let config: ModelConfig
    private let partialFallback: Double
    private let partialKey: String
    private let lengths: LengthPlaces

    /// Where the trained length stands.
    private enum LengthPlaces {
        /// Beside the settings, then in them.
        case besideThenInside
        /// In the settings alone: those of one kind of layer.
        case inside
        /// Beside the settings, else the default of the model's class, whatever the settings say.
        case beside(default: Int)
    }

    /// The settings that all layers share: `rope_scaling` counts before `rope_parameters` unless it is empty.
    ///
    /// - Parameters:
    ///   - contextLength: `max_position_embeddings`.
    ///   - base: the base where neither the settings nor `rope_theta` beside them say one.
    ///   - partialFactor: the part of a head's values that turns where `partial_rotary_factor` is in neither place.
    ///   - trainedLength: `original_max_position_embeddings` of a class that always has one beside the settings.
    ///   - standard: the settings of a configuration without any.
    ///   - renaming: what the class takes some types for: `["su": "longrope"]`.
    ///   - baseKey, partialKey: what the class calls `rope_theta` and `partial_rotary_factor` beside the settings.
    ///
    /// Throws `ConfigError`.
    public init(
        _ config: ModelConfig, contextLength: Int, base: Double = 10_000, partialFactor: Double = 1,
        trainedLength: Int? = nil, standard: JSON = [:], renaming: [String: String] = [:],
        baseKey: String = "rope_theta", partialKey: String = "partial_rotary_factor"
    ) throws {
        let key = config.isTruthy("rope_scaling") == true ? "rope_scaling" : "rope_parameters"
        let members = try config.object(key) ?? ModelConfig(standard, source: config.source)
        try self.init(
            members, of: config, contextLength: contextLength,
            base: members.setting("rope_theta") ?? config.setting(baseKey) ?? base, partialFactor: partialFactor,
            lengths: trainedLength.map(LengthPlaces.beside) ?? .besideThenInside, renaming: renaming,
            baseKey: baseKey, partialKey: partialKey)
    }

    /// The settings of one kind of layer, an object of `rope_parameters` by the layer type's name.
    ///
    /// In older configurations `rope_scaling` beside it is that of the layers with full attention.
    ///
    /// - Parameters:
    ///   - layerType: "full_attention" or "sliding_attention".
    ///   - contextLength: `max_position_embeddings`.
    ///   - base: the base where the layer's own settings say none; the older key for it is the model file's to read.
    ///
    /// Throws `ConfigError`.
    public init(_ config: ModelConfig, layerType: String, contextLength: Int, base: Double) throws {
        let all = try config.object("rope_parameters")
        var members = try all?.object(layerType) ?? ModelConfig(["rope_type": "default"], source: config.source)
        if layerType == "full_attention", let scaling = try config.object("rope_scaling") {
            // The last member of a name counts.
            let merged = JSON.Object(Array(members.members) + Array(scaling.members))
            members = try ModelConfig(.object(merged), source: scaling.source)
        }
        try self.init(
            members, of: config, contextLength: contextLength, base: members.setting("rope_theta") ?? base,
            partialFactor: 1, lengths: .inside, renaming: [:])
    }

    private init(
        _ members: ModelConfig, of config: ModelConfig, contextLength: Int, base: Double, partialFactor: Double,
        lengths: LengthPlaces, renaming: [String: String], baseKey: String = "rope_theta",
        partialKey: String = "partial_rotary_factor"
    ) throws {
        self.members = members
        self.config = config
        self.contextLength = contextLength
        self.base = base
        self.lengths = lengths
        partialFallback = partialFactor
        self.partialKey = members.members["partial_rotary_factor"] == nil ? partialKey : "partial_rotary_factor"
        let name = try members.setting("rope_type") ?? members.setting("type") ?? "default"
        type = renaming[name] ?? name
        guard base > 0, base.isFinite else {
            throw ConfigError.outOfRange(
                key: members.members["rope_theta"] == nil ? baseKey : "rope_theta", file: config.source,
                expected: "a positive number", found: "\(base)")
        }
    }

    /// The part of a head's values that turns: 1 where nothing is said. Throws `ConfigError`.
    var partialFactor: Double {
        get throws {
            let part = try members.setting("partial_rotary_factor") ?? config[partialKey, default: partialFallback]
            guard (0 ... 1).contains(part) else {
                throw ConfigError.outOfRange(key: partialKey, file: config.source, expected: "0 to 1", found: "\(part)")
            }
            return part
        }
    }

    /// How many values of a head of this size turn, from the first on: an even number. Throws `ConfigError`.
    ///
    /// - Parameter roundsUp: whether the number may be odd where the head has one value more: see `RoPE`. Lists of factors and
    ///   YaRN's ramp are as long as half of an even number.
    public func turnedCount(headSize: Int, roundsUp: Bool = false) throws -> Int {
        // Proportional frequencies are those of whole heads, most of them 0.
        let part = type == "proportional" ? 1 : try partialFactor
        let count = Int(Double(headSize) * part)
        let mayBeOdd = roundsUp && count < headSize && ["default", "linear", "dynamic", "llama3"].contains(type)
        guard count > 0, mayBeOdd || count.isMultiple(of: 2) else {
            throw ConfigError.outOfRange(
                key: part == 1 ? "head_dim" : partialKey, file: config.source,
                expected: part == 1 ? "an even number" : "an even part of \(headSize) values",
                found: part == 1 ? "\(headSize)" : "\(part)")
        }
        return count
    }

    /// The length of the texts that the model was trained on before it was stretched, `max_position_embeddings` where
    /// nothing is said: at least 1. Throws `ConfigError`.
    public var trainedLength: Double {
        get throws {
            let key = "original_max_position_embeddings"
            let inside: Double? = try members.setting(key)
            let (given, place): (Double?, ModelConfig) =
                switch lengths {
                case .inside: (inside, members)
                case .besideThenInside:
                    (try config.setting(key) ?? inside, config.members[key] == nil ? members : config)
                case .beside(let fallback): (try config.setting(key) ?? Double(fallback), config)
                }
            let length = given ?? Double(contextLength)
            guard length >= 1, length.isFinite else {
                throw ConfigError.outOfRange(
                    key: key, file: place.source, expected: "a number from 1", found: "\(length)")
            }
            return min(length, Double(Int32.max))
        }
    }

    /// The ratio of the context to the trained length: the factor of settings whose `factor` is null.
    ///
    /// Throws `ConfigError`.
    var lengthRatio: Double { get throws { try Double(contextLength) / trainedLength } }

    /// A positive number of the settings. Throws `ConfigError` when it is absent.
    func positive(_ key: String) throws -> Double {
        guard let value: Double = try members.setting(key) else {
            throw ConfigError.missing(key: key, file: members.source)
        }
        guard value > 0, value.isFinite else {
            throw ConfigError.outOfRange(
                key: key, file: members.source, expected: "a positive number", found: "\(value)")
        }
        return value
    }

    /// A number of the settings that counts as absent when it is null or 0. Throws `ConfigError`.
    func number(_ key: String) throws -> Double? {
        members.isTruthy(key) == true ? try members[key] : nil
    }

    /// A list of positive numbers, one for each frequency or one for all. Throws `ConfigError`.
    func factors(_ key: String, count: Int) throws -> [Float] {
        guard let list = members.members[key] else { throw ConfigError.missing(key: key, file: members.source) }
        let values = (list.array ?? []).compactMap(\.double).map(Float.init).filter { $0 > 0 && $0.isFinite }
        guard let first = values.first, values.count == list.array?.count, values.count == count || values.count == 1
        else {
            throw ConfigError.wrongKind(
                key: key, file: members.source, expected: "\(count) positive numbers",
                found: String(list.description.prefix(80)))
        }
        return values.count == count ? values : Array(repeating: first, count: count)
    }
}

extension ModelConfig {
    /// The value of a key, nil only where the key is absent. Throws `ConfigError` for null, as for any other kind.
    fileprivate func setting<Value: ConfigValue>(_ key: String) throws -> Value? {
        guard let json = members[key] else { return nil }
        guard let value = Value(json) else {
            throw ConfigError.wrongKind(
                key: key, file: source, expected: Value.kind, found: String(json.description.prefix(80)))
        }
        return value
    }
}
