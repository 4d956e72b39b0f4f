import Testing

@testable import HayTokenizer

struct NormalizerTests {
    @Test(
        "normalizers rewrite text",
        arguments: [
            (#"{"type": "Prepend", "prepend": "▁"}"#, "a", "▁a"),
            (#"{"type": "Prepend", "prepend": "▁"}"#, "", ""),
            (#"{"type": "Replace", "pattern": {"String": "ab"}, "content": "c"}"#, "aabab", "acc"),
            (#"{"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "▁"}"#, " a  b   ", " a▁b▁"),
            (#"{"type": "Strip", "strip_left": true, "strip_right": false}"#, "\u{3000}\n a ", "a "),
            (#"{"type": "Strip", "strip_left": false, "strip_right": true}"#, " a \u{85}", " a"),
            (#"{"type": "Lowercase"}"#, "ÀΣİ", "àσi\u{307}"),
            (#"{"type": "StripAccents"}"#, "e\u{301}é", "eé"),
            (#"{"type": "NFC"}"#, "e\u{301}q\u{307}\u{323}\u{1100}\u{1161}\u{11A8}", "éq\u{323}\u{307}각"),
            (#"{"type": "NFD"}"#, "é각", "e\u{301}\u{1100}\u{1161}\u{11A8}"),
            // A mark of a later Unicode than the reference's keeps its place.
            (#"{"type": "NFD"}"#, "\u{898}\u{20D8}\u{1AD8}\u{64E}", "\u{898}\u{20D8}\u{1AD8}\u{64E}"),
            (#"{"type": "NFKC"}"#, "ﬁ①Ａ\u{FF76}\u{FF9E}", "fi1Aガ"),
            (#"{"type": "NFKD"}"#, "ǆé", "dz\u{30C}e\u{301}"),
        ])
    func rewriting(component: String, text: String, expected: String) throws {
        let section = Section(try .parse(component), file: "tokenizer.json")
        var result = TrackedText(Array(text.utf8), beginsInput: true)
        try Normalizer(section).normalize(&result)
        #expect(result.bytes == Array(expected.utf8), "gives \(String(decoding: result.bytes, as: UTF8.self))")
    }

    @Test("a normalization table replaces the whole of a short cluster by what its first scalar becomes")
    func charsMap() throws {
        // A trie with one key, "A" (0x41), whose replacement is "b".
        var units = [UInt32](repeating: 0, count: 512)
        units[0] = 1 << 10  // Root: children at 0 ^ 1.
        units[1 ^ 0x41] = 0x41 | 1 << 8 | (0x100 ^ 0x40) << 10  // The edge, its leaf at 0x100.
        units[0x100] = 0x8000_0000
        let text = CharsMapSample.base64(units, replacements: Array("b\0".utf8))
        let map = try CharsMap(Section(.string(text), file: "tokenizer.json"))
        func normalize(_ text: String) -> String {
            var text = TrackedText(Array(text.utf8), beginsInput: true)
            map.normalize(&text)
            return String(decoding: text.bytes, as: UTF8.self)
        }
        #expect(normalize("xAyA") == "xbyb")
        #expect(normalize("A\u{301}") == "b")
        #expect(normalize("A\u{301}\u{302}\u{303}") == "b\u{301}\u{302}\u{303}")
        #expect(normalize("A\r\nA") == "b\r\nb")
    }
}

/// Normalization tables made by hand.
enum CharsMapSample {
    static func base64(_ units: [UInt32], replacements: [UInt8]) -> String {
        let words = [UInt32(units.count * 4)] + units
        let bytes = words.flatMap { word in (0 ..< 4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
        return base64(bytes + replacements)
    }

    static func base64(_ bytes: [UInt8]) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let part = bytes[start ..< min(start + 3, bytes.count)]
            let word = part.enumerated().reduce(UInt32(0)) { $0 | UInt32($1.element) << UInt32(16 - 8 * $1.offset) }
            for index in 0 ..< 4 {
                text.append(index <= part.count ? digits[Int(word >> UInt32(18 - 6 * index)) & 63] : "=")
            }
        }
        return text
    }
}
