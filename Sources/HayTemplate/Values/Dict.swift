/// Python's `dict`: keys in the order they came. Filled while it is made and not changed after.
final class Dict {
    private(set) var keys: [Value] = []
    private(set) var values: [Value] = []
    private(set) var extent = Extent()
    /// Where each key stands, once there are too many to look through.
    private var index: [HashKey: Int]?

    private static let indexedCount = 8

    init(capacity: Int = 0) {
        keys.reserveCapacity(capacity)
        values.reserveCapacity(capacity)
    }

    var count: Int { keys.count }

    subscript(_ key: String) -> Value? { position(of: key).map { values[$0] } }

    /// The value of a key, which must be hashable.
    subscript(_ key: Value) -> Value? { position(of: key).map { values[$0] } }

    func set(_ key: String, _ value: Value) { set(position(of: key), .string(key), value) }

    /// Sets the value of a key, which must be hashable.
    func set(_ key: Value, _ value: Value) { set(position(of: key), key, value) }

    func removeAll() {
        keys = []
        values = []
        index = nil
    }

    private func set(_ position: Int?, _ key: Value, _ value: Value) {
        extent.include(key)
        extent.include(value)
        if let position {
            values[position] = value
            return
        }
        keys.append(key)
        values.append(value)
        if index != nil {
            index?[HashKey(key)] = keys.count - 1
        } else if keys.count > Dict.indexedCount {
            var index: [HashKey: Int] = [:]
            for (position, key) in keys.enumerated() { index[HashKey(key)] = position }
            self.index = index
        }
    }

    private func position(of key: String) -> Int? {
        if let index { return index[HashKey(.string(key))] }
        for position in keys.indices {
            if let text = keys[position].text, text.isSame(as: key) { return position }
        }
        return nil
    }

    private func position(of key: Value) -> Int? {
        if let text = key.text { return position(of: text) }
        if let index { return index[HashKey(key)] }
        return keys.firstIndex { $0.isEqual(to: key) }
    }
}

/// A key as Python hashes it: 1, 1.0 and True are one key, texts are the same when their scalars are.
struct HashKey: Hashable {
    let value: Value

    init(_ value: Value) { self.value = value }

    static func == (left: HashKey, right: HashKey) -> Bool { left.value.isEqual(to: right.value) }

    func hash(into hasher: inout Hasher) {
        switch value {
        case .unset, .undefined, .null: break
        case .bool(let value): hasher.combine(value ? 1 : 0)
        case .int(let value): hasher.combine(value)
        case .float(let value):
            if let integer = Int(exactly: value) { hasher.combine(integer) } else { hasher.combine(value) }
        case .string(let text), .markup(let text): text.withBytes { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        case .tuple(let elements), .list(let elements):
            for item in elements.items { HashKey(item).hash(into: &hasher) }
        case .dict(let dict): hasher.combine(ObjectIdentifier(dict))
        case .object(let integer as LargeInteger): hasher.combine(integer.digits)
        case .object(let object as ByteString): hasher.combine(object.bytes)
        case .object(let object): hasher.combine(ObjectIdentifier(object))
        }
    }
}

extension Value {
    /// The value as a key, when it is hashable.
    func hashable() throws -> Value {
        switch self {
        case .list, .dict: throw TemplateError.type("unhashable type: '\(typeName)'")
        case .object(let view as DictView) where view.part != .values:
            throw TemplateError.type("unhashable type: '\(typeName)'")
        case .object(let group as Group): for item in group.items { _ = try item.hashable() }
        case .tuple(let elements): for item in elements.items { _ = try item.hashable() }
        default: break
        }
        return self
    }
}
