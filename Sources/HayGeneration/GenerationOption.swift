import HayJSON

/// One option: its name in JSON, how its value is read, and what its value must be.
struct GenerationOption: Sendable {
    let name: String
    /// Sets the option to a value, or to what leaves it without effect for null.
    let set: @Sendable (inout GenerationConfig, JSON) throws -> Void
    /// Checks the value that a configuration has.
    let check: @Sendable (GenerationConfig) throws -> Void

    /// An option of any type.
    ///
    /// - Parameters:
    ///   - off: what null means.
    ///   - expected: what the error message says was expected.
    ///   - read: a value of the right kind; nil for another kind.
    ///   - holds: whether a value may be.
    static func value<Value: Sendable>(
        _ name: String, _ path: any WritableKeyPath<GenerationConfig, Value> & Sendable, off: Value, _ expected: String,
        read: @escaping @Sendable (JSON) -> Value?, where holds: @escaping @Sendable (Value) -> Bool = { _ in true }
    ) -> GenerationOption {
        GenerationOption(name: name) { config, json in
            guard !json.isNull else { return config[keyPath: path] = off }
            guard let value = read(json), holds(value) else {
                throw GenerationError.wrongValue(name, expected: expected, "\(json)")
            }
            config[keyPath: path] = value
        } check: { config in
            let value = config[keyPath: path]
            guard holds(value) else { throw GenerationError.wrongValue(name, expected: expected, shown(value)) }
        }
    }

    /// The same for an option that may be absent.
    static func optional<Value: Sendable>(
        _ name: String, _ path: any WritableKeyPath<GenerationConfig, Value?> & Sendable, _ expected: String,
        read: @escaping @Sendable (JSON) -> Value?, where holds: @escaping @Sendable (Value) -> Bool = { _ in true }
    ) -> GenerationOption {
        value(name, path, off: nil, expected, read: { read($0).map { .some($0) } }) { $0.map(holds) ?? true }
    }

    static func integer(
        _ name: String, _ path: any WritableKeyPath<GenerationConfig, Int> & Sendable, off: Int,
        _ range: ClosedRange<Int>
    ) -> GenerationOption {
        value(name, path, off: off, described(range), read: \.int) { range.contains($0) }
    }

    static func integer(
        _ name: String, _ path: any WritableKeyPath<GenerationConfig, Int?> & Sendable, _ range: ClosedRange<Int>
    ) -> GenerationOption {
        optional(name, path, described(range), read: \.int) { range.contains($0) }
    }

    static func number(
        _ name: String, _ path: any WritableKeyPath<GenerationConfig, Double> & Sendable, off: Double,
        _ expected: String, where holds: @escaping @Sendable (Double) -> Bool = { _ in true }
    ) -> GenerationOption {
        value(name, path, off: off, expected, read: \.double) { isNumber($0) && holds($0) }
    }

    static func number(
        _ name: String, _ path: any WritableKeyPath<GenerationConfig, Double?> & Sendable, _ expected: String,
        where holds: @escaping @Sendable (Double) -> Bool
    ) -> GenerationOption {
        optional(name, path, expected, read: \.double) { isNumber($0) && holds($0) }
    }

    static func flag(
        _ name: String, _ path: any WritableKeyPath<GenerationConfig, Bool> & Sendable
    ) -> GenerationOption {
        value(name, path, off: false, "true or false", read: \.bool)
    }

    /// A list of ids, or one id alone.
    static func ids(
        _ name: String, _ path: any WritableKeyPath<GenerationConfig, [Int32]> & Sendable
    ) -> GenerationOption {
        value(name, path, off: [], "a token id or a list of them", read: tokens(orOne: true)) {
            $0.allSatisfy { $0 >= 0 }
        }
    }

    /// The ids of a text, alone or as the only row of a batch.
    static func text(
        _ name: String, _ path: any WritableKeyPath<GenerationConfig, [Int32]?> & Sendable
    ) -> GenerationOption {
        let read: @Sendable (JSON) -> [Int32]? = { json in
            guard let list = json.array else { return nil }
            return tokens(orOne: false)(list.count == 1 && list[0].array != nil ? list[0] : json)
        }
        return optional(name, path, "a list of token ids, not empty", read: read) {
            !$0.isEmpty && $0.allSatisfy { $0 >= 0 }
        }
    }

    /// A list of token ids, or one id alone.
    static func tokens(orOne isOneEnough: Bool) -> @Sendable (JSON) -> [Int32]? {
        { json in
            guard let list = json.array ?? (isOneEnough ? [json] : nil) else { return nil }
            let ids = list.compactMap { $0.int.flatMap(Int32.init(exactly:)) }
            return ids.count == list.count ? ids : nil
        }
    }

    /// Numbers that do not overflow where they meet logits.
    private static func isNumber(_ value: Double) -> Bool { abs(value) <= Double(Float.greatestFiniteMagnitude) }

    private static func described(_ range: ClosedRange<Int>) -> String {
        range.upperBound == .max
            ? "an integer of at least \(range.lowerBound)"
            : "an integer from \(range.lowerBound) to \(range.upperBound)"
    }

    private static func shown<Value>(_ value: Value) -> String {
        let children = Mirror(reflecting: value)
        return children.displayStyle == .optional ? children.children.first.map { "\($0.value)" } ?? "null" : "\(value)"
    }
}
