/// Reads the fields of one protobuf message. Each read checks kind and bounds, and complaints name file and field.
///
/// Source: protobuf.dev/programming-guides/encoding.
struct ProtobufReader {
    /// How a field is written.
    private enum Wire: UInt64 {
        case varint = 0
        case eightBytes = 1
        case counted = 2
        case fourBytes = 5
    }

    let file: String
    private let bytes: [UInt8]
    private var index: Int
    private let end: Int
    /// What the message is called: `pieces`; empty for the whole file.
    private let name: String
    /// Its place among messages of the same name.
    private let place: Int?
    private var wire = Wire.varint

    /// Reads a whole file.
    init(_ bytes: [UInt8], file: String) {
        self.init(bytes, 0 ..< bytes.count, file: file, name: "", place: nil)
    }

    private init(_ bytes: [UInt8], _ range: Range<Int>, file: String, name: String, place: Int?) {
        self.bytes = bytes
        index = range.lowerBound
        end = range.upperBound
        self.file = file
        self.name = name
        self.place = place
    }

    /// The number of the next field, whose value is then to be read or skipped; nil at the end.
    mutating func next() throws -> Int? {
        guard index < end else { return nil }
        let tag = try varint("")
        guard tag >> 3 > 0, tag >> 3 < 1 << 29 else { throw malformed("", "has a field with the number \(tag >> 3)") }
        guard let wire = Wire(rawValue: tag & 7) else {
            throw malformed("", "has a field of the kind \(tag & 7), which is not one of protobuf's")
        }
        self.wire = wire
        return Int(tag >> 3)
    }

    /// Passes over the value of a field.
    mutating func skip() throws {
        switch wire {
        case .varint: _ = try varint("")
        case .eightBytes: _ = try take(8, "")
        case .counted: _ = try counted("")
        case .fourBytes: _ = try take(4, "")
        }
    }

    mutating func integer(_ field: String) throws -> Int {
        try expect(.varint, field, "an integer")
        return Int(truncatingIfNeeded: try varint(field))
    }

    mutating func bool(_ field: String) throws -> Bool {
        try expect(.varint, field, "true or false")
        return try varint(field) != 0
    }

    mutating func float(_ field: String) throws -> Float {
        try expect(.fourBytes, field, "a number of four bytes")
        let range = try take(4, field)
        return Float(bitPattern: range.reversed().reduce(0) { $0 << 8 | UInt32(bytes[$1]) })
    }

    /// Bytes, or a text that is not looked at.
    mutating func data(_ field: String) throws -> ArraySlice<UInt8> {
        try expect(.counted, field, "bytes")
        return bytes[try counted(field)]
    }

    /// A text, which must be UTF-8.
    mutating func text(_ field: String) throws -> ArraySlice<UInt8> {
        let text = try data(field)
        guard text.isUTF8 else { throw malformed(field, "is not UTF-8 text") }
        return text
    }

    /// A reader of a message inside this one.
    mutating func message(_ field: String, at place: Int? = nil) throws -> ProtobufReader {
        try expect(.counted, field, "a message")
        return ProtobufReader(bytes, try counted(field), file: file, name: path(field), place: place)
    }

    /// The complaint about a field, or about the message itself.
    func malformed(_ field: String, _ reason: String) -> TokenizerError {
        .badModelFile(file: file, key: path(field), reason: reason)
    }

    /// The name of a field from the file's root: `pieces[3].score`.
    func path(_ field: String) -> String {
        let place = place.map { "[\($0)]" } ?? ""
        return name + place + (name.isEmpty || field.isEmpty ? "" : ".") + field
    }

    private func expect(_ expected: Wire, _ field: String, _ kind: String) throws {
        guard wire == expected else {
            throw malformed(field, "is written as the protobuf kind \(wire.rawValue), expected \(kind)")
        }
    }

    private mutating func varint(_ field: String) throws -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard index < end else { throw malformed(field, "ends within a number") }
            let byte = bytes[index]
            index += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw malformed(field, "has a number of more than ten bytes")
    }

    private mutating func counted(_ field: String) throws -> Range<Int> {
        let count = try varint(field)
        guard let count = Int(exactly: count) else { throw tooShort(field, "\(count)") }
        return try take(count, field)
    }

    private mutating func take(_ count: Int, _ field: String) throws -> Range<Int> {
        guard count <= end - index else { throw tooShort(field, "\(count)") }
        defer { index += count }
        return index ..< index + count
    }

    private func tooShort(_ field: String, _ count: String) -> TokenizerError {
        malformed(field, "says it has \(count) bytes, but \(end - index) follow")
    }
}

extension ArraySlice<UInt8> {
    /// Whether the bytes are well-formed UTF-8.
    fileprivate var isUTF8: Bool { allSatisfy { $0 < 0x80 } || String(validating: self, as: UTF8.self) != nil }
}
