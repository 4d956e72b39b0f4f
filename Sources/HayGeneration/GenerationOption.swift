import HayJSON

/// One option: its name in JSON, how its value is read, what its value must be, and where it counts.
struct GenerationOption: Sendable {
    let name: String
    /// Sets the option to a value, or to what leaves it without effect for null.
    let set: @Sendable (inout GenerationConfig, JSON) throws -> Void
    /// Sets the option to what a checkpoint's file says. A value that cannot be used becomes an error where it counts.
    let setDefault: @Sendable (inout GenerationConfig, JSON, _ file: String) -> Void
    /// Checks the value that a configuration has, if the option counts there.
    let check: @Sendable (GenerationConfig) throws -> Void

    /// An option of any type.
    ///
    /// - Parameters:
    ///   - off: what null means.
    ///   - expected: what the error message says was expected.
    ///   - read: a value of the right kind; nil for another kind.
    ///   - holds: whether a value may be.
    ///   - mended: what a value of a checkpoint's file stands for: transformers gives some that may not be no effect.
    ///   - counts: whether the option has an effect in a configuration.
    static func value<Value: Sendable & Equatable>(
        _ name: String, _ path: any WritableKeyPath<GenerationConfig, Value> & Sendable, off: Value, _ expected: String,
        read: @escaping @Sendable (JSON) -> Value?, where holds: @escaping @Sendable (Value) -> Bool = { _ in true },
        mended: @escaping @Sendable (Value) -> Value = { $0 },
        counts: @escaping @Sendable (GenerationConfig) -> Bool = { _ in true }
    ) -> GenerationOption {
        GenerationOption(name: name) { config, json in
            guard !json.isNull else { return config[keyPath: path] = off }
            guard let value = read(json), holds(value) else {
                throw GenerationError.wrongValue(name, expected: expected, "\(json)")
            }
            config[keyPath: path] = value
        } setDefault: { config, json, file in
            let value = read(json).map(mended)
            // A value out of range stays, so that it is found if it counts.
            config[keyPath: path] = value ?? off
            if value.map(holds) != true {
                let error = GenerationError.wrongDefault(name, file: file, expected: expected, "\(json)")
                config.doubtfulDefaults[name] = DoubtfulDefault(error: error, isUnread: value == nil)
            }
        } check: { config in
            guard counts(config) else { return }
            let value = config[keyPath: path], doubt = config.doubtfulDefaults[name]
            guard holds(value) else {
                throw doubt?.error ?? GenerationError.wrongValue(name, expected: expected, shown(value))
            }
            if let doubt, doubt.isUnread, value == off { throw doubt.error }
        }
    }

    /// The same for an option that may be absent.
    static func optional<Value: Sendable & Equatable>(
        _ name: String, _ path: any WritableKeyPath<GenerationConfig, Value?> & Sendable, _ expected: String,
        read: @escaping @Sendable (JSON) -> Value?, where holds: @escaping @Sendable (Value) -> Bool = { _ in true },
        mended: @escaping @Sendable (Value) -> Value? = { $0 },
        counts: @escaping @Sendable (GenerationConfig) -> Bool = { _ in true }
    ) -> GenerationOption {
        value(
            name, path, off: nil, expected, read: { read($0).map { .some($0) } }, where: { $0.map(holds) ?? true },
            mended: { $0.flatMap(mended) }, counts: counts)
    }

    /// - Parameter passesBelow: whether values below the range have no effect in a checkpoint's file.
    static func integer(
        _ name: String, _ path: any WritableKeyPath<GenerationConfig, Int> & Sendable, off: Int,
        _ range: ClosedRange<Int>, passesBelow: Bool = false,
        counts: @escaping @Sendable (GenerationConfig) -> Bool = { _ in true }
    ) -> GenerationOption {
        value(
            name, path, off: off, described(range), read: wholeNumber, where: { range.contains($0) },
            mended: { passesBelow && $0 < range.lowerBound ? off : min($0, range.upperBound) }, counts: counts)
    }

    static func integer(
        _ name: String, _ path: any WritableKeyPath<GenerationConfig, Int?> & Sendable, _ range: ClosedRange<Int>,
        passesBelow: Bool = false
    ) -> GenerationOption {
        optional(
            name, path, described(range), read: wholeNumber, where: { range.contains($0) },
            mended: { passesBelow && $0 < range.lowerBound ? nil : min($0, range.upperBound) })
    }

    static func number(
        _ name: String, _ path: any WritableKeyPath<GenerationConfig, Double> & Sendable, off: Double,
        _ expected: String, where holds: @escaping @Sendable (Double) -> Bool = { _ in true },
        counts: @escaping @Sendable (GenerationConfig) -> Bool = { _ in true }
    ) -> GenerationOption {
        value(name, path, off: off, expected, read: \.double, where: { isNumber($0) && holds($0) }, counts: counts)
    }

    static func number(
        _ name: String, _ path: any WritableKeyPath<GenerationConfig, Double?> & Sendable, _ expected: String,
        where holds: @escaping @Sendable (Double) -> Bool,
        counts: @escaping @Sendable (GenerationConfig) -> Bool = { _ in true }
    ) -> GenerationOption {
        optional(name, path, expected, read: \.double, where: { isNumber($0) && holds($0) }, counts: counts)
    }

    static func flag(
        _ name: String, _ path: any WritableKeyPath<GenerationConfig, Bool> & Sendable
    ) -> GenerationOption {
        value(name, path, off: false, "true or false", read: \.bool)
    }

    /// A list of ids, or one id alone. Negative ids in a checkpoint's file name no token.
    static func ids(
        _ name: String, _ path: any WritableKeyPath<GenerationConfig, [Int32]> & Sendable
    ) -> GenerationOption {
        value(
            name, path, off: [], "a token id or a list of them", read: tokens(orOne: true),
            where: { $0.allSatisfy { $0 >= 0 } }, mended: { $0.filter { $0 >= 0 } })
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
            let ids = list.compactMap(token)
            return ids.count == list.count ? ids : nil
        }
    }

    /// A token id.
    static func token(_ json: JSON) -> Int32? { wholeNumber(json).flatMap(Int32.init(exactly:)) }

    /// An integer, which files may write with a point: 8.0; one beyond 64 bits becomes the nearest.
    static func wholeNumber(_ json: JSON) -> Int? {
        if let value = json.int { return value }
        guard let value = json.double, value.rounded() == value else { return nil }
        return Int(exactly: value) ?? (value < 0 ? .min : .max)
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

/// A value of a checkpoint's file that cannot be used.
struct DoubtfulDefault: Equatable {
    /// What is said where its option counts.
    let error: GenerationError
    /// Whether it is of the wrong kind, so that the option has the value that leaves it without effect.
    let isUnread: Bool
}
