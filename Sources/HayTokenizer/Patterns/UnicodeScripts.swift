/// Cuts text where its script changes.
enum UnicodeScripts {
    /// The next stretch of one script; nil at the end. Scalars without a script, the space among them, go with what is
    /// before them, those at the beginning with nothing. Han, Hiragana and Katakana count as one script.
    static func run(_ text: Bytes, _ start: Int) -> Range<Int>? {
        var begin: Int?
        var last: Int32 = 0
        var index = start
        while index < text.count {
            let scanned = text.scalar(at: index)
            let script = scripts[scanned.value]
            if script != 0 {
                if begin == nil { begin = index } else if script != last { break }
                last = script
            }
            index += scanned.length
        }
        return begin.map { $0 ..< index }
    }

    /// The script of each scalar, as a place in `UnicodeProperty.scriptNames` plus one; 0 where it has none.
    private static let scripts: ScalarTable = {
        let names = UnicodeProperty.scriptNames
        let han = names.firstIndex(of: "Han") ?? 0
        var table = ScalarTable(absent: 0)
        for run in UnicodeProperty.scriptRuns + UnicodeData.runs(UnicodeData.scriptChanges) {
            let isKnown = run.kind <= names.count
            let isKana = isKnown && ["Hiragana", "Katakana"].contains(names[run.kind - 1])
            let script = isKana ? han + 1 : isKnown ? run.kind : 0
            for value in run.range { table[value] = Int32(script) }
        }
        return table
    }()
}
