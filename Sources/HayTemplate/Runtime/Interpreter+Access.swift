extension Interpreter {
    /// `value.name`: a method or attribute first, then an item of that name.
    func attribute(_ expression: Expression, _ attribute: Attribute, at place: Int) throws -> Value {
        let value = try evaluate(expression)
        self.place = place
        return try self.attribute(of: value, attribute)
    }

    func attribute(of value: Value, _ attribute: Attribute) throws -> Value {
        if case .dict(let dict) = value, attribute.dictMethod == nil, let member = dict[attribute.name] {
            return isInternal(attribute.name) ? unsafe(attribute.name, value) : member
        }
        if let native = try nativeAttribute(of: value, attribute) { return native }
        if case .undefined(let undefined) = value { throw undefined.error }
        return .undefined(Undefined(.attribute(attribute.name, of: value.typeDescription)))
    }

    /// `value[key]`: an item first, then a method or attribute of that name.
    func item(_ expression: Expression, _ key: Expression, at place: Int) throws -> Value {
        let value = try evaluate(expression)
        if case .dict(let dict) = value, case .constant(.string(let name)) = key.kind, let member = dict[name] {
            return member
        }
        let key = try evaluate(key)
        self.place = place
        return try item(of: value, key)
    }

    func item(of value: Value, _ key: Value) throws -> Value {
        switch value {
        case .undefined(let undefined): throw undefined.error
        case .dict(let dict):
            if let hashable = try? key.hashable(), let member = dict[hashable] { return member }
        case .list(let elements), .tuple(let elements):
            if let index = key.integer, let position = Slicing.position(index, count: elements.items.count) {
                return elements.items[position]
            }
        case .string(let text), .markup(let text):
            if let index = key.integer, let scalar = try scalar(of: text, at: index) {
                return value.isMarkup ? .markup(scalar) : .string(scalar)
            }
        case .object(let object): if let item = try object.item(key, self) { return item }
        default: break
        }
        if let name = key.text {
            if let native = try nativeAttribute(of: value, Attribute(name)) { return native }
            return .undefined(Undefined(.attribute(name, of: value.typeDescription)))
        }
        return .undefined(Undefined(.element(try ReprWriter.text(of: key), of: value.typeDescription)))
    }

    private func scalar(of text: String, at index: Int) throws -> String? {
        try step(text.utf8.count >> 6)
        guard let position = Slicing.position(index, count: text.scalarCount) else { return nil }
        if text.isPlainASCII { return text.bytes(position ..< position + 1) }
        let scalars = text.unicodeScalars
        return String(scalars[scalars.index(scalars.startIndex, offsetBy: position)])
    }

    /// What Python itself finds on a value under a name; what a sandbox withholds is undefined.
    private func nativeAttribute(of value: Value, _ attribute: Attribute) throws -> Value? {
        if isInternal(attribute.name) { return unsafe(attribute.name, value) }
        switch value {
        case .string, .markup:
            guard let method = attribute.stringMethod else { return nil }
            return bound(value, attribute.name) { try $1.call(method, on: value, $0) }
        case .list, .tuple:
            guard let method = attribute.sequenceMethod else { return nil }
            if method.isMutating || method == .copy, case .tuple = value { return nil }
            if method.isMutating { return unsafe(attribute.name, value) }
            return bound(value, attribute.name) { try $1.call(method, on: value, $0) }
        case .dict(let dict):
            guard let method = attribute.dictMethod else { return nil }
            if method.isMutating { return unsafe(attribute.name, value) }
            return bound(value, attribute.name) { try $1.call(method, on: dict, $0) }
        case .undefined: return Undefined.attributes.contains(attribute.name) ? unsafe(attribute.name, value) : nil
        case .int, .bool, .float: return numberAttribute(of: value, attribute.name)
        case .object(let object): return try object.attribute(attribute.name, self)
        default: return nil
        }
    }

    private func bound(_ value: Value, _ name: String, _ body: @escaping NativeMethod.Body) -> Value {
        .object(NativeMethod(value, name, body))
    }

    private func numberAttribute(of value: Value, _ name: String) -> Value? {
        if let method = NumberMethod(rawValue: name), method.belongs(to: value) {
            return bound(value, name) { try $1.call(method, on: value, $0) }
        }
        return switch name {
        case "real": value.integer.map { .int($0) } ?? value
        case "imag": value.integer == nil ? .float(0) : .int(0)
        case "numerator": value.integer.map { .int($0) }
        case "denominator": value.integer.map { _ in .int(1) }
        default: nil
        }
    }

    private func unsafe(_ name: String, _ value: Value) -> Value {
        .undefined(Undefined(.unsafe(attribute: name, of: value.typeName)))
    }

    /// Whether a name is one that every Python object has and no template may see.
    private func isInternal(_ name: String) -> Bool { name.hasPrefix("__") && Interpreter.internalNames.contains(name) }

    private static let internalNames: Set<String> = [
        "__class__", "__delattr__", "__dir__", "__doc__", "__eq__", "__format__", "__ge__", "__getattribute__",
        "__getstate__", "__gt__", "__hash__", "__init__", "__init_subclass__", "__le__", "__lt__", "__ne__", "__new__",
        "__reduce__", "__reduce_ex__", "__repr__", "__setattr__", "__sizeof__", "__str__", "__subclasshook__",
        "__call__", "__dict__", "__globals__", "__module__", "__add__", "__contains__", "__getitem__", "__iter__",
        "__len__", "__mod__", "__mul__", "__rmul__", "__setitem__", "__delitem__",
    ]

    /// `value[start:stop:step]`.
    func slice(_ expression: Expression, _ slice: Expression.Slice, at place: Int) throws -> Value {
        let value = try evaluate(expression)
        let start = try bound(slice.start)
        let stop = try bound(slice.stop)
        let step = try bound(slice.step) ?? 1
        self.place = place
        if case .undefined(let undefined) = value { throw undefined.error }
        guard step != 0 else { throw TemplateError.value("slice step cannot be zero") }
        switch value {
        case .list(let elements): return .list(try picked(elements.items, start, stop, step))
        case .tuple(let elements): return .tuple(try picked(elements.items, start, stop, step))
        case .string(let text): return .string(try picked(text, start, stop, step))
        case .markup(let text): return .markup(try picked(text, start, stop, step))
        case .object(let object as ByteString):
            try charge(object.bytes.count)
            return .object(object.sliced(start, stop, step))
        case .object(let object as NumberRange):
            return .object(try object.sliced(start, stop, step))
        case .dict: throw TemplateError.type("unhashable type: 'slice'")
        default: throw TemplateError.type("'\(value.typeName)' object is not subscriptable")
        }
    }

    private func bound(_ expression: Expression?) throws -> Int? {
        guard let expression else { return nil }
        let value = try evaluate(expression)
        if value.isNull { return nil }
        guard let index = value.integer else {
            throw TemplateError.type("slice indices must be integers or None or have an __index__ method")
        }
        return index
    }

    private func picked(_ items: [Value], _ start: Int?, _ stop: Int?, _ step: Int) throws -> [Value] {
        let positions = Slicing.positions(start: start, stop: stop, step: step, count: items.count)
        let picked = positions.map { items[$0] }
        try charge(picked.count * 16)
        return picked
    }

    private func picked(_ text: String, _ start: Int?, _ stop: Int?, _ step: Int) throws -> String {
        if step == 1, text.isPlainASCII {
            let positions = Slicing.positions(start: start, stop: stop, step: 1, count: text.utf8.count)
            guard let first = positions.first(where: { _ in true }) else { return "" }
            return try charged(text.bytes(first ..< first + positions.underestimatedCount))
        }
        let scalars = Array(text.unicodeScalars)
        try charge(scalars.count * 4)
        let positions = Slicing.positions(start: start, stop: stop, step: step, count: scalars.count)
        return String(scalars: positions.lazy.map { scalars[$0] })
    }
}
