extension Value {
    /// Python's `==`.
    func isEqual(to other: Value) -> Bool {
        switch (self, other) {
        case (.string(let left), .string(let right)), (.string(let left), .markup(let right)),
            (.markup(let left), .string(let right)), (.markup(let left), .markup(let right)):
            return left.isSame(as: right)
        case (.null, .null), (.undefined, .undefined): return true
        case (.int(let left), .int(let right)): return left == right
        case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)):
            return left === right || Value.areEqual(left.items, right.items)
        case (.dict(let left), .dict(let right)): return left === right || Value.areEqual(left, right)
        case (.object(let left as Group), _): return Value.tuple(left.parts).isEqual(to: other)
        case (_, .object(let right as Group)): return isEqual(to: .tuple(right.parts))
        case (.object(let left), .object(let right)): return left.isEqual(to: right)
        case (.object(let left as LargeInteger), .float(let right)): return left.isEqual(to: right)
        case (.float(let left), .object(let right as LargeInteger)): return right.isEqual(to: left)
        default:
            guard let left = number, let right = other.number else { return false }
            return left == right
        }
    }

    private static func areEqual(_ left: [Value], _ right: [Value]) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { $0.isEqual(to: $1) }
    }

    private static func areEqual(_ left: Dict, _ right: Dict) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left.keys, left.values).allSatisfy { key, value in
            right[key].map { $0.isEqual(to: value) } ?? false
        }
    }

    /// Python's `is`, where it does not depend on how values are stored.
    func isIdentical(to other: Value) -> Bool {
        switch (self, other) {
        case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)): left === right
        case (.dict(let left), .dict(let right)): left === right
        case (.object(let left), .object(let right)): left === right
        default: typeName == other.typeName && isEqual(to: other)
        }
    }

    /// Python's order of two values; `symbol` is the comparison that the error names when they have none.
    func isLess(than other: Value, symbol: String = "<") throws -> Bool {
        if case .undefined(let undefined) = self { throw undefined.error }
        if case .undefined(let undefined) = other { throw undefined.error }
        if case .int(let left) = self, case .int(let right) = other { return left < right }
        if let left = number, let right = other.number { return left < right }
        if let left = text, let right = other.text { return left.precedes(right) }
        switch (self, other) {
        case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)):
            for (first, second) in zip(left.items, right.items) where !first.isEqual(to: second) {
                return try first.isLess(than: second, symbol: symbol)
            }
            return left.items.count < right.items.count
        case (.object(let left as ByteString), .object(let right as ByteString)):
            return left.bytes.lexicographicallyPrecedes(right.bytes)
        case (.object(let left as Group), _): return try Value.tuple(left.parts).isLess(than: other, symbol: symbol)
        case (_, .object(let right as Group)): return try isLess(than: .tuple(right.parts), symbol: symbol)
        default:
            if largeInteger != nil || other.largeInteger != nil { throw LargeInteger.error }
            throw TemplateError.type(
                "'\(symbol)' not supported between instances of '\(typeName)' and '\(other.typeName)'")
        }
    }
}

extension Interpreter {
    /// One comparison of a chain.
    func compare(_ left: Value, _ comparison: Comparison, _ right: Value) throws -> Bool {
        switch comparison {
        case .equal: return try areEqual(left, right)
        case .notEqual: return try !areEqual(left, right)
        case .less: return try ordered(left, right, "<", left, right)
        case .greater: return try ordered(right, left, ">", left, right)
        case .lessOrEqual: return try left.isEqualNumber(to: right) || ordered(left, right, "<=", left, right)
        case .greaterOrEqual: return try left.isEqualNumber(to: right) || ordered(right, left, ">=", left, right)
        case .contained: return try contains(right, left)
        case .notContained: return try !contains(right, left)
        }
    }

    private func ordered(
        _ smaller: Value, _ larger: Value, _ symbol: String, _ left: Value, _ right: Value
    ) throws -> Bool {
        try countComparison(smaller, larger)
        if symbol.count > 1, smaller.hasOrder, larger.hasOrder, smaller.isEqual(to: larger) { return true }
        do {
            return try smaller.isLess(than: larger, symbol: symbol)
        } catch let error as TemplateError where error.kind == .type && smaller.typeName != larger.typeName {
            throw TemplateError.type(
                "'\(symbol)' not supported between instances of '\(left.typeName)' and '\(right.typeName)'")
        }
    }

    /// Python's `in`.
    func contains(_ container: Value, _ element: Value) throws -> Bool {
        try walk(container)
        switch container {
        case .string(let text), .markup(let text):
            guard let part = element.text else {
                throw TemplateError.type("'in <string>' requires string as left operand, not \(element.typeName)")
            }
            return text.contains(bytesOf: part)
        case .list(let elements), .tuple(let elements): return try elements.items.contains { try areEqual($0, element) }
        case .dict(let dict): return dict[try element.hashable()] != nil
        case .object(let object as ByteString): return try object.contains(element)
        default:
            guard var items = try iterator(container) else {
                throw TemplateError.type("argument of type '\(container.typeName)' is not iterable")
            }
            while let item = try items.next(self) { if try areEqual(item, element) { return true } }
            return false
        }
    }
}

extension Value {
    fileprivate func isEqualNumber(to other: Value) -> Bool {
        guard let left = number, let right = other.number else { return false }
        return left == right
    }

    fileprivate var hasOrder: Bool {
        switch self {
        case .string, .markup, .list, .tuple: true
        case .object(let object): object is Group || object is ByteString
        default: false
        }
    }
}
