/// A way to write text as bytes, by the names that Python has for it.
enum TextCodec {
    case ascii, latin1, utf8
    case utf16(isBig: Bool?)

    /// What becomes of what cannot be written or read.
    enum Errors: String {
        case strict, ignore, replace, backslashreplace, xmlcharrefreplace
    }

    /// A codec by its name; nil for one that is not known here.
    init?(name: String) {
        switch name.lowercased().replacing("_", with: "-", limit: .max) {
        case "utf-8", "utf8", "u8", "utf": self = .utf8
        case "ascii", "us-ascii", "646": self = .ascii
        case "latin-1", "latin1", "l1", "latin", "iso-8859-1", "iso8859-1", "8859", "cp819": self = .latin1
        case "utf-16", "utf16", "u16": self = .utf16(isBig: nil)
        case "utf-16-le", "utf-16le": self = .utf16(isBig: false)
        case "utf-16-be", "utf-16be": self = .utf16(isBig: true)
        default: return nil
        }
    }

    /// The bytes of a text. Throws `TemplateError`.
    func encode(_ text: String, _ errors: Errors) throws -> [UInt8] {
        switch self {
        case .utf8: return Array(text.utf8)
        case .ascii: return try encode(text, below: 0x80, errors)
        case .latin1: return try encode(text, below: 0x100, errors)
        case .utf16(let isBig):
            let units = (isBig == nil ? [0xFEFF] : []) + Array(text.utf16)
            return units.flatMap { unit in
                let (high, low) = (UInt8(unit >> 8), UInt8(truncatingIfNeeded: unit))
                return isBig == true ? [high, low] : [low, high]
            }
        }
    }

    private func encode(_ text: String, below limit: UInt32, _ errors: Errors) throws -> [UInt8] {
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            if scalar.value < limit {
                bytes.append(UInt8(scalar.value))
                continue
            }
            switch errors {
            case .strict:
                let place = String(scalar.value, radix: 16)
                throw TemplateError.value("the character U+\(place) cannot be encoded with '\(name)'")
            case .ignore: break
            case .replace: bytes.append(UInt8(ascii: "?"))
            case .backslashreplace: bytes.append(contentsOf: scalar.pythonEscape.utf8)
            case .xmlcharrefreplace: bytes.append(contentsOf: "&#\(scalar.value);".utf8)
            }
        }
        return bytes
    }

    /// The text of bytes. Throws `TemplateError`.
    func decode(_ bytes: [UInt8], _ errors: Errors) throws -> String {
        switch self {
        case .utf8: return try decode(bytes.makeIterator(), UTF8(), bytes, errors)
        case .ascii:
            var text = String.UnicodeScalarView()
            for byte in bytes {
                if byte < 0x80 { text.append(Unicode.Scalar(byte)) } else { try repair([byte], errors, &text) }
            }
            return String(text)
        case .latin1: return String(scalars: bytes.lazy.map { Unicode.Scalar($0) })
        case .utf16(let isBig):
            var units = stride(from: 0, to: bytes.count - 1, by: 2).map { index in
                UInt16(bytes[index]) | UInt16(bytes[index + 1]) << 8
            }
            let isSwapped = isBig ?? (units.first == 0xFFFE)
            if isSwapped { units = units.map(\.byteSwapped) }
            if isBig == nil, units.first == 0xFEFF { units.removeFirst() }
            let text = try decode(units.makeIterator(), UTF16(), bytes, errors)
            guard !bytes.count.isMultiple(of: 2) else { return text }
            var rest = String.UnicodeScalarView()
            try repair([bytes[bytes.count - 1]], errors, &rest)
            return text + String(rest)
        }
    }

    private func decode<Codec: UnicodeCodec>(
        _ units: some IteratorProtocol<Codec.CodeUnit>, _ codec: Codec, _ bytes: [UInt8], _ errors: Errors
    ) throws -> String {
        var (units, codec) = (units, codec)
        var text = String.UnicodeScalarView()
        while true {
            switch codec.decode(&units) {
            case .scalarValue(let scalar): text.append(scalar)
            case .emptyInput: return String(text)
            case .error:
                guard errors == .ignore || errors == .replace else { throw undecodable }
                try repair([], errors, &text)
            }
        }
    }

    /// Puts in the place of bytes what stands for those that cannot be read.
    private func repair(_ bytes: [UInt8], _ errors: Errors, _ text: inout String.UnicodeScalarView) throws {
        switch errors {
        case .ignore: break
        case .replace: text.append("\u{FFFD}")
        case .backslashreplace:
            for byte in bytes { text.append(contentsOf: ("\\x" + ByteString.hexadecimal(byte)).unicodeScalars) }
        case .strict, .xmlcharrefreplace: throw undecodable
        }
    }

    private var undecodable: TemplateError { .value("the bytes cannot be decoded with '\(name)'") }

    private var name: String {
        switch self {
        case .ascii: "ascii"
        case .latin1: "latin-1"
        case .utf8: "utf-8"
        case .utf16: "utf-16"
        }
    }
}
