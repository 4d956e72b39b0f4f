/// Base64 in the alphabet of `+` and `/`, with its padding.
enum Base64 {
    /// The bytes that a text of base64 begins with, as many as tell an image's type; nil where any of it is not base64.
    static func beginning(of text: String) -> [UInt8]? {
        var text = text
        return text.withUTF8 { text in
            guard text.count % 4 == 0 else { return nil }
            let padding = text.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
            var bytes: [UInt8] = []
            var bits: UInt32 = 0
            for (index, letter) in text.dropLast(padding).enumerated() {
                let value = values[Int(letter)]
                guard value < 64 else { return nil }
                bits = bits << 6 | UInt32(value)
                // A letter completes a byte except the first of each four.
                if index % 4 != 0, bytes.count < ImageSignature.size {
                    bytes.append(UInt8(truncatingIfNeeded: bits >> (6 - 2 * UInt32(index % 4))))
                }
            }
            return bytes
        }
    }

    /// The base64 of bytes.
    static func text(of bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start ..< min(start + 3, bytes.count)]
            var bits: UInt32 = 0
            for index in 0 ..< 3 { bits = bits << 8 | UInt32(index < group.count ? group[start + index] : 0) }
            for index in 0 ..< 4 {
                let letter = letters[Int(bits >> (18 - 6 * UInt32(index))) & 63]
                text.append(index <= group.count ? letter : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The value of each letter by its code; 255 for what is no letter.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, letter) in letters.enumerated() { values[Int(letter)] = UInt8(value) }
        return values
    }()
}
