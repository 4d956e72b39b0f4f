extension Interpreter {
    /// `str.maketrans`: a dict from code points to code points, texts or None, for `str.translate`.
    func translationTable(_ arguments: Arguments) throws -> Value {
        let values = try arguments.positional("maketrans", 1 ... 3)
        let table = Dict()
        guard values.count > 1 else {
            guard case .dict(let dict) = values[0] else {
                throw TemplateError.type("if you give only one argument to maketrans it must be a dict")
            }
            try step(dict.count)
            try charge(dict.count, of: 32)
            for (key, value) in zip(dict.keys, dict.values) {
                if let text = key.text {
                    guard let scalar = text.unicodeScalars.first, text.unicodeScalars.dropFirst().isEmpty else {
                        throw TemplateError.value("string keys in translate table must be of length 1")
                    }
                    table.set(.int(Int(scalar.value)), value)
                } else if key.integer != nil {
                    table.set(key, value)
                } else {
                    throw TemplateError.type("keys in translate table must be strings or integers")
                }
            }
            return .dict(table)
        }
        let texts = try values.map { Array(try $0.textArgument("maketrans").unicodeScalars) }
        guard texts[0].count == texts[1].count else {
            throw TemplateError.value("the first two maketrans arguments must have equal length")
        }
        try step(texts.reduce(0) { $0 + $1.count })
        for (old, new) in zip(texts[0], texts[1]) { table.set(.int(Int(old.value)), .int(Int(new.value))) }
        for removed in texts.dropFirst(2).joined() { table.set(.int(Int(removed.value)), .null) }
        try charge(table.count, of: 32)
        return .dict(table)
    }

    /// `str.translate`.
    func translated(_ text: String, _ arguments: Arguments) throws -> String {
        let lookUp = try lookUp(in: arguments.positional("translate", 1 ... 1)[0])
        try step(text.utf8.count)
        var result = ""
        for scalar in text.unicodeScalars {
            switch try lookUp(Int(scalar.value)) {
            case nil: result.unicodeScalars.append(scalar)
            case .null?: break
            case .string(let new)?, .markup(let new)?: result += new
            case let value?:
                guard let number = value.integer else {
                    throw TemplateError.type("character mapping must return integer, None or str")
                }
                guard let code = UInt32(exactly: number), let new = Unicode.Scalar(code) else {
                    throw TemplateError.value("character mapping must be in range(0x110000)")
                }
                result.unicodeScalars.append(new)
            }
            if result.utf8.count > limits.outputSize { throw TemplateError.limit("a translated text is too long") }
        }
        return try charged(result)
    }

    /// Python's `table[code]` for each code point; nil for one that the table lacks.
    private func lookUp(in table: Value) throws -> (Int) throws -> Value? {
        switch table {
        case .dict(let dict): return { dict[.int($0)] }
        case .list(let elements), .tuple(let elements):
            return { elements.items.indices.contains($0) ? elements.items[$0] : nil }
        case .string(let text), .markup(let text):
            let scalars = Array(text.unicodeScalars.prefix(0x11_0000))
            try charge(scalars.count, of: 4)
            return { scalars.indices.contains($0) ? .string(String(scalars[$0])) : nil }
        case .undefined(let undefined): return { _ in throw undefined.error }
        case .object(let object) where object.isSequence: return { [self] in try object.item(.int($0), self) }
        default:
            return { _ in throw TemplateError.type("'\(table.typeName)' object is not subscriptable") }
        }
    }
}
