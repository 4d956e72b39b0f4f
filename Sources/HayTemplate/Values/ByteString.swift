/// Python's `bytes`, which `str.encode` makes.
final class ByteString: Object {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    override var typeName: String { "bytes" }
    override var length: Int? { bytes.count }
    override var isSequence: Bool { true }

    override func write(to writer: inout ReprWriter) throws {
        guard bytes.count <= ReprWriter.maximumSize else {
            throw TemplateError.limit("a printed value is longer than \(ReprWriter.maximumSize) bytes")
        }
        let quote = UInt8(ascii: bytes.contains(0x27) && !bytes.contains(0x22) ? "\"" : "'")
        var text = [UInt8(ascii: "b"), quote]
        text.reserveCapacity(bytes.count + 3)
        for byte in bytes {
            switch byte {
            case 0x09: text += [0x5C, UInt8(ascii: "t")]
            case 0x0A: text += [0x5C, UInt8(ascii: "n")]
            case 0x0D: text += [0x5C, UInt8(ascii: "r")]
            case 0x5C: text += [0x5C, 0x5C]
            case 0x27 where quote == 0x27: text += [0x5C, 0x27]
            case 0x20 ..< 0x7F: text.append(byte)
            default:
                text += [0x5C, UInt8(ascii: "x"), ByteString.digit(byte >> 4), ByteString.digit(byte & 0x0F)]
            }
        }
        text.append(quote)
        writer.text += String(bytes: text)
    }

    override func attribute(_ name: String, _ interpreter: Interpreter) -> Value? {
        guard let method = ByteMethod(rawValue: name) else { return nil }
        return .object(NativeMethod(.object(self), name) { [self] in try $1.call(method, on: self, $0) })
    }

    override func item(_ key: Value, _ interpreter: Interpreter) -> Value? {
        key.integer.flatMap { Slicing.position($0, count: bytes.count) }.map { .int(Int(bytes[$0])) }
    }

    override func makeIterator(_ interpreter: Interpreter) throws -> ValueIterator? {
        try interpreter.charge(bytes.count, of: 16)
        return ValueIterator(bytes.map { .int(Int($0)) })
    }

    override func isEqual(to other: Object) -> Bool { (other as? ByteString)?.bytes == bytes }

    /// The bytes that a slice picks.
    func sliced(_ first: Int?, _ last: Int?, _ stride: Int) -> ByteString {
        ByteString(Slicing.positions(start: first, stop: last, step: stride, count: bytes.count).map { bytes[$0] })
    }

    /// Whether there is a byte of that number, or a run of such bytes.
    func contains(_ element: Value) throws -> Bool {
        if let part = element.bytes {
            return bytes.withUnsafeBufferPointer { bytes in
                part.withUnsafeBufferPointer { bytes.firstIndex(of: $0, from: 0) != nil }
            }
        }
        guard let number = element.integer else {
            throw TemplateError.type("a bytes-like object is required, not '\(element.typeName)'")
        }
        guard let byte = UInt8(exactly: number) else { throw TemplateError.value("byte must be in range(0, 256)") }
        return bytes.contains(byte)
    }

    /// Two lowercase digits.
    static func hexadecimal(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }

    /// The lowercase hexadecimal digit of a number below 16, in ASCII.
    private static func digit(_ number: UInt8) -> UInt8 { number + (number < 10 ? 0x30 : 0x57) }
}

/// Bytes as a string with a scalar for each, so that they have the methods of strings. ASCII stands for itself. Bytes that
/// bytes have no case, class or white space for, but strings would, stand in a private area.
extension ByteString {
    private static let area: UInt32 = 0xF_0000

    var text: String {
        String(
            scalars: bytes.lazy.map { byte in
                let isPlain = byte < 0x80 && !(0x1C ... 0x1F ~= byte)
                return Unicode.Scalar(isPlain ? UInt32(byte) : ByteString.area + UInt32(byte)) ?? " "
            })
    }

    /// The bytes of such a string.
    convenience init(text: String) { self.init(text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }) }
}

extension Value {
    static func bytes(_ bytes: [UInt8]) -> Value { .object(ByteString(bytes)) }

    /// The bytes of a `bytes`.
    var bytes: [UInt8]? { if case .object(let object as ByteString) = self { object.bytes } else { nil } }
}
