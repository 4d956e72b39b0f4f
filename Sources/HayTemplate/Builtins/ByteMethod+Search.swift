/// The methods of `bytes` that look for a part. They read the bytes where they stand.
extension Interpreter {
    func search(_ bytes: [UInt8], _ method: ByteMethod, _ arguments: Arguments) throws -> Value {
        let values = try arguments.positional(method.rawValue, 1 ... 3)
        let part = try soughtBytes(values[0])
        let range = try range(of: values.dropFirst(), count: bytes.count)
        if method == .count {
            guard let range else { return .int(0) }
            if part.isEmpty { return .int(range.count + 1) }
            return .int(
                bytes[range].withUnsafeBufferPointer { bytes in
                    part.withUnsafeBufferPointer { bytes.count(of: $0) }
                })
        }
        let isRight = method == .rfind || method == .rindex
        if isRight, let range { try charge(range.count) }
        if let range, let place = place(of: part, in: bytes[range], isRight: isRight) {
            return .int(range.lowerBound + place)
        }
        if method == .find || method == .rfind { return .int(-1) }
        throw TemplateError.value("subsection not found")
    }

    /// The first or the last place of a part, counted from the start of the slice.
    private func place(of part: [UInt8], in bytes: ArraySlice<UInt8>, isRight: Bool) -> Int? {
        if isRight, part.isEmpty { return bytes.count }
        return bytes.withUnsafeBufferPointer { bytes in
            part.withUnsafeBufferPointer {
                isRight ? bytes.placesFromRight(of: $0, limit: 1).first : bytes.firstIndex(of: $0, from: 0)
            }
        }
    }

    /// The bytes that an argument stands for: those of a `bytes`, or the one of that number.
    private func soughtBytes(_ value: Value) throws -> [UInt8] {
        if case .undefined(let undefined) = value { throw undefined.error }
        if let bytes = value.bytes { return bytes }
        guard let number = value.integer else {
            throw TemplateError.type("argument should be integer or bytes-like object, not '\(value.typeName)'")
        }
        guard let byte = UInt8(exactly: number) else { throw TemplateError.value("byte must be in range(0, 256)") }
        return [byte]
    }

    /// The positions that optional start and end arguments pick; nil where there are none, not even an empty range.
    private func range(of bounds: ArraySlice<Value>, count: Int) throws -> Range<Int>? {
        let values = try bounds.map { $0.isNull ? nil : try $0.integerArgument() }
        let start = values.first ?? nil
        let (first, end) = Slicing.bounds(
            start: start, stop: values.count > 1 ? values[1] : nil, step: 1, count: count)
        return first <= end && start ?? 0 <= count ? first ..< end : nil
    }

    /// `bytes.replace`: an empty part stands before each byte and at the end.
    func replacing(_ bytes: [UInt8], _ arguments: Arguments) throws -> Value {
        let values = try arguments.positional("replace", 2 ... 3)
        let (old, new) = (try values[0].bytesArgument(), try values[1].bytesArgument())
        let count = try values.count > 2 ? values[2].integerArgument() : -1
        let limit = count < 0 ? Int.max : count
        return try bytes.withUnsafeBufferPointer { bytes in
            try old.withUnsafeBufferPointer { old in
                let places = old.isEmpty ? min(bytes.count + 1, limit) : bytes.count(of: old, limit: limit)
                try charge(bytes.count)
                try charge(places, of: new.count)
                var result: [UInt8] = []
                var start = 0
                for index in 0 ..< places {
                    let from = old.isEmpty ? index : start
                    guard let place = bytes.firstIndex(of: old, from: from) else { break }
                    result += bytes[start ..< place]
                    result += new
                    start = place + old.count
                }
                result += bytes[start...]
                return .bytes(result)
            }
        }
    }
}

extension Value {
    /// The bytes of an argument.
    fileprivate func bytesArgument() throws -> [UInt8] {
        if case .undefined(let undefined) = self { throw undefined.error }
        guard let bytes else { throw TemplateError.type("a bytes-like object is required, not '\(typeName)'") }
        return bytes
    }
}
