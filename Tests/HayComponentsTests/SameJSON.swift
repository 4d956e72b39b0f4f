import HayJSON

extension JSON {
    /// Whether two values are equal as values: the order of keys does not matter, and 1 is 1.0.
    func isSame(as other: JSON) -> Bool {
        switch (self, other) {
        case (.object(let a), .object(let b)):
            Set(a.keys) == Set(b.keys) && a.keys.allSatisfy { key in a[key]!.isSame(as: b[key]!) }
        case (.array(let a), .array(let b)): a.count == b.count && zip(a, b).allSatisfy { $0.isSame(as: $1) }
        case (.int, .double), (.double, .int): double == other.double
        case (.double(let a), .double(let b)): a == b || (a.isNaN && b.isNaN)
        default: self == other
        }
    }
}
