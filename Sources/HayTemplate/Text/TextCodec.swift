/// A way to write text as bytes, by the names that Python has for it.
enum TextCodec {
    case ascii, latin1, utf8
    case utf16(isBig: Bool?)

    /// What becomes of what cannot be written or read.
    enum Errors: String {
        case strict, ignore, replace, backslashreplace, xmlcharrefreplace, namereplace
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
            case .namereplace:
                let escape = scalar.properties.name.map { "\\N{\($0)}" } ?? scalar.pythonEscape
                bytes.append(contentsOf: escape.utf8)
            }
        }
        return bytes
    }

    /// The text of bytes. Throws `TemplateError`.
    func decode(_ bytes: [UInt8], _ errors: Errors) throws -> String {
        switch self {
        case .utf8: return try decodeUTF8(bytes, errors)
        case .ascii:
            var text = String.UnicodeScalarView()
            for byte in bytes {
                if byte < 0x80 { text.append(Unicode.Scalar(byte)) } else { try repair([byte], errors, &text) }
            }
            return String(text)
        case .latin1: return String(scalars: bytes.lazy.map { Unicode.Scalar($0) })
        case .utf16(let isBig): return try decodeUTF16(bytes, isBig: isBig, errors)
        }
    }

    private func decodeUTF8(_ bytes: [UInt8], _ errors: Errors) throws -> String {
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var text = String.UnicodeScalarView()
        var place = 0
        while true {
            switch parser.parseScalar(from: &iterator) {
            case .valid(let encoded):
                text.append(Unicode.UTF8.decode(encoded))
                place += encoded.count
            case .error(let length):
                try repair(bytes[place ..< place + length], errors, &text)
                place += length
            case .emptyInput: return String(text)
            }
        }
    }

    /// A byte order mark counts where the codec has no order of its own; without one the bytes are little-endian.
    private func decodeUTF16(_ bytes: [UInt8], isBig: Bool?, _ errors: Errors) throws -> String {
        let mark = isBig == nil ? Array(bytes.prefix(2)) : []
        let isBig = isBig ?? (mark == [0xFE, 0xFF])
        func unit(_ place: Int) -> UInt16? {
            guard place + 1 < bytes.count else { return nil }
            let (first, second) = (UInt16(bytes[place]), UInt16(bytes[place + 1]))
            return isBig ? first << 8 | second : second << 8 | first
        }
        var text = String.UnicodeScalarView()
        var place = mark == [0xFE, 0xFF] || mark == [0xFF, 0xFE] ? 2 : 0
        while let first = unit(place) {
            if let scalar = Unicode.Scalar(first) {
                text.append(scalar)
                place += 2
                continue
            }
            let second = UTF16.isLeadSurrogate(first) ? unit(place + 2) : 0
            if let second, UTF16.isTrailSurrogate(second) {
                text.append(UTF16.decode(UTF16.EncodedScalar([first, second])))
                place += 4
                continue
            }
            // The first half of a pair that the bytes end in takes an odd byte after it along.
            let end = second == nil ? bytes.count : place + 2
            try repair(bytes[place ..< end], errors, &text)
            place = end
        }
        if place < bytes.count { try repair(bytes[place...], errors, &text) }
        return String(text)
    }

    /// Puts in the place of bytes what stands for those that cannot be read.
    private func repair(
        _ bytes: ArraySlice<UInt8>, _ errors: Errors, _ text: inout String.UnicodeScalarView
    ) throws {
        switch errors {
        case .ignore: break
        case .replace: text.append("\u{FFFD}")
        case .backslashreplace:
            for byte in bytes { text.append(contentsOf: ("\\x" + ByteString.hexadecimal(byte)).unicodeScalars) }
        case .strict, .xmlcharrefreplace, .namereplace: throw undecodable
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
