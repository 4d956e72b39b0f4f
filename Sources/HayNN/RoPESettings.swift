import HayJSON

/// What `config.json` says of rotary positions, in whichever of its places and spellings.
///
/// As in the reference implementation `rope_scaling` counts before `rope_parameters` unless it is empty, and what the one
/// that counts does not say stands beside it or has a default. Null is no default: it makes the settings unusable.
struct RoPESettings {
    /// The members of `rope_scaling` or `rope_parameters`; none where both are absent.
    let members: ModelConfig
    /// `rope_type`, or `type` as it was called before: "default", "linear", …
    let type: String
    /// The base of the frequencies.
    let theta: Double
    private let config: ModelConfig
    private let contextLength: Int

    /// The settings of a model whose `max_position_embeddings` is known. Throws `ConfigError`.
    init(_ config: ModelConfig, contextLength: Int) throws {
        self.config = config
        self.contextLength = contextLength
        let key = config.isTruthy("rope_scaling") == true ? "rope_scaling" : "rope_parameters"
        members = try config.object(key) ?? ModelConfig(.object([:]), source: config.source)
        type = try members.setting("rope_type") ?? members.setting("type") ?? "default"
        theta = try members.setting("rope_theta") ?? config.setting("rope_theta") ?? 10_000
        guard theta > 0, theta.isFinite else {
            throw ConfigError.outOfRange(
                key: "rope_theta", file: config.source, expected: "a positive number", found: "\(theta)")
        }
    }

    /// The part of a head's values that turns: 1 where nothing is said. Throws `ConfigError`.
    var partialFactor: Double {
        get throws {
            let key = "partial_rotary_factor"
            let part = try members.setting(key) ?? config[key, default: 1.0]
            guard (0 ... 1).contains(part) else {
                throw ConfigError.outOfRange(key: key, file: config.source, expected: "0 to 1", found: "\(part)")
            }
            return part
        }
    }

    /// The length of the texts that the model was trained on before it was stretched: beside `rope_scaling` first, then in
    /// it, else `max_position_embeddings`. Throws `ConfigError`.
    var trainedLength: Double {
        get throws {
            let key = "original_max_position_embeddings"
            let given: Double? = try config.setting(key) ?? members.setting(key)
            let length = try positive(
                given ?? Double(contextLength), key, config.members[key] == nil ? members : config)
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
        return try positive(value, key, members)
    }

    /// A number of the settings that counts as absent when it is null or 0. Throws `ConfigError`.
    func number(_ key: String) throws -> Double? {
        members.isTruthy(key) == true ? try members[key] : nil
    }

    /// A list of positive numbers, one for each frequency or one for all. Throws `ConfigError`.
    func factors(_ key: String, count: Int) throws -> [Float] {
        guard let list = members.members[key] else { throw ConfigError.missing(key: key, file: members.source) }
        let values = (list.array ?? []).compactMap(\.double).filter { $0 > 0 && $0.isFinite }
        guard let first = values.first, values.count == list.array?.count, values.count == count || values.count == 1
        else {
            throw ConfigError.wrongKind(
                key: key, file: members.source, expected: "\(count) positive numbers",
                found: String(list.description.prefix(80)))
        }
        return values.count == count ? values.map(Float.init) : Array(repeating: Float(first), count: count)
    }

    private func positive(_ value: Double, _ key: String, _ place: ModelConfig) throws -> Double {
        guard value > 0, value.isFinite else {
            throw ConfigError.outOfRange(
                key: key, file: place.source, expected: "a positive number", found: "\(value)")
        }
        return value
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
