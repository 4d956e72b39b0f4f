/// The methods of `bytes`.
enum ByteMethod: String {
    case capitalize, center, count, endswith, expandtabs, find, index, isalnum, isalpha, isascii, isdigit, islower
    case isspace, istitle, isupper, join, ljust, lower, lstrip, partition, removeprefix, removesuffix, replace, rfind
    case rindex, rjust, rpartition, rsplit, rstrip, split, startswith, strip, swapcase, title, upper, zfill
    case decode, fromhex, hex, maketrans, splitlines, translate
}

extension Interpreter {
    func call(_ method: ByteMethod, on string: ByteString, _ arguments: Arguments) throws -> Value {
        try step(string.bytes.count >> 6)
        switch method {
        case .find, .index, .rfind, .rindex, .count: return try search(string.bytes, method, arguments)
        case .replace: return try replacing(string.bytes, arguments)
        default: break
        }
        try charge(string.bytes.count, of: 4)
        switch method {
        case .decode:
            let (codec, errors) = try codec("decode", arguments, isNeeded: !string.bytes.isEmpty)
            return .string(try charged(codec.decode(string.bytes, errors)))
        case .hex: return .string(try hexadecimal(string.bytes, arguments))
        case .fromhex: return try bytes(ofHexadecimal: arguments)
        case .isascii:
            _ = try arguments.positional("isascii", 0 ... 0)
            return .bool(string.bytes.allSatisfy { $0 < 0x80 })
        case .splitlines:
            let keeping = try arguments.bind("splitlines", ["keepends"])[0]?.integerArgument() ?? 0 != 0
            return .list(lines(of: string.bytes, keepingEnds: keeping).map(Value.bytes))
        case .maketrans: return try byteTable(arguments)
        case .translate: return try translated(string.bytes, arguments)
        default:
            guard let method = StringMethod(rawValue: method.rawValue) else { return .null }
            return bytes(of: try call(method, on: .string(string.text), texts(of: arguments)))
        }
    }

    /// `str.encode`.
    func encoded(_ text: String, _ arguments: Arguments) throws -> Value {
        let (codec, errors) = try codec("encode", arguments)
        try charge(text.utf8.count, of: 4)
        return .bytes(try codec.encode(text, errors))
    }

    /// The codec that arguments name. Python decodes nothing without looking for it.
    private func codec(
        _ name: String, _ arguments: Arguments, isNeeded: Bool = true
    ) throws -> (TextCodec, TextCodec.Errors) {
        let values = try arguments.bind(name, ["encoding", "errors"])
        let encoding = try values[0]?.textArgument(name) ?? "utf-8"
        guard let codec = TextCodec(name: encoding) ?? (isNeeded ? nil : .utf8) else {
            throw TemplateError.value("unknown encoding: \(encoding)")
        }
        let handler = try values[1]?.textArgument(name) ?? "strict"
        // A name that there is not matters only where there is an error to handle, and then is one too.
        return (codec, TextCodec.Errors(rawValue: handler) ?? .strict)
    }

    // MARK: Methods that strings have too

    /// Arguments as strings that stand for their bytes.
    private func texts(of arguments: Arguments) throws -> Arguments {
        var arguments = arguments
        arguments.positional = try arguments.positional.map(text)
        for index in arguments.keywords.indices {
            arguments.keywords[index].value = try text(of: arguments.keywords[index].value)
        }
        return arguments
    }

    private func text(of value: Value) throws -> Value {
        switch value {
        case .string, .markup: throw TemplateError.type("a bytes-like object is required, not 'str'")
        case .tuple(let elements): return .tuple(try elements.items.map(text))
        case .list(let elements): return .list(try elements.items.map(text))
        case .object(let object as ByteString):
            try step(object.bytes.count >> 6)
            try charge(object.bytes.count, of: 4)
            return .string(object.text)
        case .object(let object as Generator): return .list(try elements(.object(object)).map(text))
        default: return value
        }
    }

    /// What a method gives, with bytes in the place of strings.
    private func bytes(of value: Value) -> Value {
        switch value {
        case .string(let text): .object(ByteString(text: text))
        case .tuple(let elements): .tuple(elements.items.map(bytes))
        case .list(let elements): .list(elements.items.map(bytes))
        default: value
        }
    }

    // MARK: Methods of bytes alone

    /// Digits, with a separator after every so many bytes, counted from the end unless the number is negative.
    private func hexadecimal(_ bytes: [UInt8], _ arguments: Arguments) throws -> String {
        let values = try arguments.bind("hex", ["sep", "bytes_per_sep"])
        let size = try values[1]?.integerArgument() ?? 1
        guard let given = values[0] else { return bytes.map(ByteString.hexadecimal).joined() }
        let separator = try given.bytes.map { ByteString($0).text } ?? given.textArgument("hex")
        guard separator.utf8.count == 1 else { throw TemplateError.value("sep must be length 1.") }
        guard size != 0 else { return bytes.map(ByteString.hexadecimal).joined() }
        let first = size > 0 ? bytes.count % size : 0
        var text = ""
        for (index, byte) in bytes.enumerated() {
            if index > 0, (index - first).isMultiple(of: size) { text += separator }
            text += ByteString.hexadecimal(byte)
        }
        return text
    }

    private func bytes(ofHexadecimal arguments: Arguments) throws -> Value {
        let text = try arguments.positional("fromhex", 1 ... 1)[0].textArgument("fromhex()")
        try step(text.utf8.count >> 3)
        try charge(text.utf8.count / 2)
        var bytes: [UInt8] = []
        var high: UInt8?
        for scalar in text.unicodeScalars {
            if high == nil, scalar.isASCII, scalar.isPythonSpace, !(0x1C ... 0x1F ~= scalar.value) { continue }
            guard scalar.isASCII, let digit = Character(scalar).hexDigitValue else {
                throw TemplateError.value("non-hexadecimal number found in fromhex() arg")
            }
            if let first = high {
                bytes.append(first << 4 | UInt8(digit))
                high = nil
            } else {
                high = UInt8(digit)
            }
        }
        guard high == nil else { throw TemplateError.value("non-hexadecimal number found in fromhex() arg") }
        return .bytes(bytes)
    }

    /// The 256 bytes that `bytes.translate` takes: each byte by its number.
    private func byteTable(_ arguments: Arguments) throws -> Value {
        let values = try arguments.positional("maketrans", 2 ... 2).map(\.bytes)
        guard let old = values[0], let new = values[1] else {
            throw TemplateError.type("a bytes-like object is required")
        }
        guard old.count == new.count else { throw TemplateError.value("maketrans arguments must have same length") }
        try step(old.count >> 6)
        var table = Array(UInt8.min ... UInt8.max)
        for (from, to) in zip(old, new) { table[Int(from)] = to }
        return .bytes(table)
    }

    private func translated(_ bytes: [UInt8], _ arguments: Arguments) throws -> Value {
        guard let first = arguments.positional.first else { throw TemplateError.type("translate() takes a table") }
        let rest = Arguments(positional: Array(arguments.positional.dropFirst()), keywords: arguments.keywords)
        let deleted = try rest.bind("translate", ["delete"])[0].map { value in
            guard let bytes = value.bytes else { throw TemplateError.type("a bytes-like object is required") }
            return Set(bytes)
        }
        let kept = bytes.filter { deleted?.contains($0) != true }
        if first.isNull { return .bytes(kept) }
        guard let table = first.bytes else { throw TemplateError.type("a bytes-like object is required") }
        guard table.count == 256 else { throw TemplateError.value("translation table must be 256 characters long") }
        return .bytes(kept.map { table[Int($0)] })
    }

    /// Lines end with a newline, a carriage return, or both.
    private func lines(of bytes: [UInt8], keepingEnds: Bool) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var start = 0
        var index = 0
        while index < bytes.count {
            let isReturn = bytes[index] == 0x0D
            guard isReturn || bytes[index] == 0x0A else {
                index += 1
                continue
            }
            let end = isReturn && index + 1 < bytes.count && bytes[index + 1] == 0x0A ? index + 2 : index + 1
            lines.append(Array(bytes[start ..< (keepingEnds ? end : index)]))
            (start, index) = (end, end)
        }
        if start < bytes.count { lines.append(Array(bytes[start...])) }
        return lines
    }
}
