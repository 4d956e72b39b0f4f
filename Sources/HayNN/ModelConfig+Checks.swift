import HayJSON
import HayTensor

extension ModelConfig {
    /// Throws `ConfigError` with the key and what was found unless a condition holds.
    ///
    /// - Parameters:
    ///   - expected: the values that the key takes, for the message: "a divisor of 32".
    ///   - value: what the key amounts to, where it may be absent and have a default.
    public func check(_ holds: Bool, _ key: String, expected: String, value: some CustomStringConvertible) throws {
        guard holds else {
            let found = self.value(key).map { String($0.description.prefix(80)) } ?? value.description
            throw ConfigError.outOfRange(key: key, file: source, expected: expected, found: found)
        }
    }

    /// The first of some spellings of a key that is there, and the first of all where none is.
    public func spelling(_ spellings: String...) -> String {
        spellings.first { value($0) != nil } ?? spellings[0]
    }

    /// The number of key-value heads, which divides the number of heads.
    ///
    /// Where the key is absent, it is the default; null means a key-value head for each head. Throws `ConfigError`.
    public func kvHeadCount(
        _ key: String = "num_key_value_heads", of headCount: Int, default fallback: Int? = nil
    ) throws -> Int {
        let isAbsent = members[key] == nil
        let found = try count(key, default: isAbsent ? fallback ?? headCount : headCount)
        try check(headCount.isMultiple(of: found), key, expected: "a divisor of \(headCount)", value: found)
        return found
    }

    /// The size of a head: that of the key, or an equal part of the hidden size where the key is absent or null.
    ///
    /// Throws `ConfigError`, also where the hidden size has no equal parts.
    ///
    /// - Parameters:
    ///   - key: `head_dim`; nil for architectures that have no such key.
    ///   - hiddenKey: the key of the hidden size, for the message.
    public func headSize(
        _ key: String? = "head_dim", of hiddenSize: Int, _ hiddenKey: String = "hidden_size", heads headCount: Int
    ) throws -> Int {
        if let key, value(key) != nil { return try count(key) }
        try check(
            hiddenSize.isMultiple(of: headCount), hiddenKey, expected: "a multiple of \(headCount) heads",
            value: hiddenSize)
        return hiddenSize / headCount
    }

    /// How many of a head's values turn with its position: a part of them, rounded down, which is even.
    ///
    /// Throws `ConfigError`.
    ///
    /// - Parameters:
    ///   - part: from 0 to 1, all of them.
    ///   - key: the key of the part, or of the head size where heads turn whole.
    public func turnedSize(_ headSize: Int, part: Double = 1, _ key: String = "head_dim") throws -> Int {
        try check((0 ... 1).contains(part), key, expected: "0 to 1", value: part)
        let size = Int(Double(headSize) * part)
        try check(
            size > 0 && size.isMultiple(of: 2), key, expected: "an even number of values to turn in each head",
            value: size)
        return size
    }

    /// The positions that attention sees, up to its own; nil where the key is null, or absent without a default.
    ///
    /// Throws `ConfigError` for less than 1: a position that does not see itself has nothing to attend to.
    public func window(_ key: String = "sliding_window", default fallback: Int? = nil) throws -> Int? {
        if members[key]?.isNull == true || (members[key] == nil && fallback == nil) { return nil }
        return try count(key, default: fallback, atMost: Int(Int32.max))
    }

    /// The kinds of layers that a key lists, one for each layer; nil where the key is absent or null.
    ///
    /// Throws `ConfigError` for another number of kinds, or another kind than those allowed.
    public func layerTypes(_ key: String = "layer_types", count: Int, allowed: [String]) throws -> [String]? {
        guard let list = value(key) else { return nil }
        // As configurations of transformers 4 named it.
        let names = (list.array ?? []).map { $0.string == "attention" ? "full_attention" : $0.string ?? "" }
        guard names.count == count, names.count == list.array?.count, names.allSatisfy(allowed.contains) else {
            throw ConfigError.outOfRange(
                key: key, file: source, expected: "\(allowed.joined(separator: " or ")) for each of \(count) layers",
                found: String(list.description.prefix(80)))
        }
        return names
    }

    /// The numbers that a key lists, one for each layer or more; nil where the key is absent or null.
    ///
    /// Throws `ConfigError` for fewer, or what is no integer.
    public func layerFlags(_ key: String, count: Int) throws -> [Bool]? {
        guard let list = value(key) else { return nil }
        let flags = (list.array ?? []).compactMap { $0.int.map { $0 != 0 } ?? $0.bool }
        guard flags.count >= count, flags.count == list.array?.count else {
            throw ConfigError.outOfRange(
                key: key, file: source, expected: "0 or 1 for each of \(count) layers",
                found: String(list.description.prefix(80)))
        }
        return Array(flags[..<count])
    }

    /// The indices of layers that a key lists; none where the key is absent or null. Those of no layer do no harm.
    ///
    /// Throws `ConfigError` for what is no list of integers.
    public func layerIndices(_ key: String) throws -> Set<Int> {
        guard let list = value(key) else { return [] }
        let indices = (list.array ?? []).compactMap(\.int)
        guard let count = list.array?.count, indices.count == count else {
            throw ConfigError.wrongKind(
                key: key, file: source, expected: "a list of layers", found: String(list.description.prefix(80)))
        }
        return Set(indices)
    }

    /// A number that is finite and larger than a bound: a cap, a factor. Throws `ConfigError`.
    public func number(_ key: String, default fallback: Float? = nil, above bound: Float = -.infinity) throws -> Float {
        let found: Float = try fallback.map { try self[key, default: $0] } ?? self[key]
        try check(
            found.isFinite && found > bound, key,
            expected: bound.isFinite ? "a number above \(bound)" : "a finite number", value: found)
        return found
    }

    /// A cap on scores or logits: nil where the key is null, or absent without a default. Throws `ConfigError` unless it is
    /// positive.
    public func cap(_ key: String, default fallback: Float? = nil) throws -> Float? {
        if members[key]?.isNull == true || (members[key] == nil && fallback == nil) { return nil }
        return try number(key, default: fallback, above: 0)
    }

    /// The activation that a key names. Throws `ConfigError` for one that is not known.
    public func activation(_ key: String = "hidden_act", default fallback: String = "silu") throws -> Activation {
        try Activation(named: self[key, default: fallback], key: key, in: self)
    }
}
