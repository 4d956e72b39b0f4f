/// Cuts text where its script changes.
enum UnicodeScripts {
    /// The next stretch of one script; nil at the end. Spaces go with what is before them, those at the beginning with
    /// nothing. Han, Hiragana and Katakana count as one script.
    static func run(_ text: Bytes, _ start: Int) -> Range<Int>? {
        var start = start
        while start < text.count, text[start] == 0x20 { start += 1 }
        guard start < text.count else { return nil }
        var last: Int32?
        var index = start
        while index < text.count {
            let scanned = text.scalar(at: index)
            if scanned.value != 0x20 {
                let script = self.script(scanned.value)
                if let last, script != last { break }
                last = script
            }
            index += scanned.length
        }
        return start ..< index
    }

    private static func script(_ scalar: UInt32) -> Int32 {
        let script = UnicodeProperty.scripts[scalar]
        return scalar == 0x30FC || script == hiragana || script == katakana ? han : script
    }

    private static let han = number("Han")
    private static let hiragana = number("Hiragana")
    private static let katakana = number("Katakana")

    private static func number(_ script: String) -> Int32 {
        Int32((UnicodeProperty.scriptNames.firstIndex(of: script) ?? -1) + 1)
    }
}
