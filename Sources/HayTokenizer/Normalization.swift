/// The Unicode normalization forms.
///
/// Source: Unicode Standard Annex 15; Hangul syllables by the arithmetic of the Unicode Standard, section 3.12.
struct Normalization: Sendable {
    /// Which of the four forms.
    enum Form: String {
        case nfc = "NFC"
        case nfd = "NFD"
        case nfkc = "NFKC"
        case nfkd = "NFKD"

        var isCompatible: Bool { self == .nfkc || self == .nfkd }
        var composes: Bool { self == .nfc || self == .nfkc }
    }

    let form: Form
    private let decompositions: Decompositions

    init(_ form: Form) {
        self.form = form
        decompositions = form.isCompatible ? .compatible : .canonical
    }

    /// Puts a text in this form.
    func normalize(_ text: inout TrackedText) {
        // Below U+0300 nothing combines, and below U+00A0 nothing decomposes.
        guard text.bytes.contains(where: { $0 >= (form == .nfc ? 0xCC : 0xC2) }) else { return }
        var work = Work(isTracked: text.isTracked)
        decompose(text.bytes, into: &work)
        if form.composes { Normalization.compose(&work) }
        text.replace(by: work.scalars, changes: work.changes)
    }

    /// Scalars and, for a tracked text, how each came about, as `TrackedText.replace` takes them.
    private struct Work {
        var scalars: [UInt32] = []
        var changes: [Int32] = []
        let isTracked: Bool

        init(isTracked: Bool) { self.isTracked = isTracked }

        mutating func move(_ index: Int, to place: Int) {
            scalars[place] = scalars[index]
            if isTracked { changes[place] = changes[index] }
        }
    }

    /// The scalars with everything decomposed, marks in canonical order.
    private func decompose(_ text: [UInt8], into work: inout Work) {
        work.scalars.reserveCapacity(text.count)
        text.withUnsafeBufferPointer { text in
            var index = 0
            while index < text.count {
                let scanned = text.scalar(at: index)
                decompositions.append(scanned.value, to: &work.scalars)
                index += scanned.length
                guard work.isTracked else { continue }
                work.changes.append(0)
                work.changes.append(contentsOf: repeatElement(1, count: work.scalars.count - work.changes.count))
            }
        }
        Normalization.order(&work)
    }

    /// Sorts each run of marks by combining class, keeping the order of equals.
    private static func order(_ work: inout Work) {
        var start = 0
        while start < work.scalars.count {
            guard work.scalars[start] >= 0x300, combiningClass(work.scalars[start]) > 0 else {
                start += 1
                continue
            }
            var marks: [(mark: UInt32, class: UInt8, change: Int32)] = []
            while start + marks.count < work.scalars.count {
                let index = start + marks.count
                let markClass = combiningClass(work.scalars[index])
                guard markClass > 0 else { break }
                marks.append((work.scalars[index], markClass, work.isTracked ? work.changes[index] : 0))
            }
            // The standard library's sort is stable.
            marks.sort { $0.class < $1.class }
            for (offset, mark) in marks.enumerated() {
                work.scalars[start + offset] = mark.mark
                if work.isTracked { work.changes[start + offset] = mark.change }
            }
            start += marks.count
        }
    }

    /// Joins each starter with what follows it, where a composed scalar is known and nothing stands in between.
    private static func compose(_ work: inout Work) {
        let pairs = Decompositions.pairs
        var starter: Int?
        var lastClass: UInt8 = 0
        var end = 0
        for index in work.scalars.indices {
            let scalar = work.scalars[index]
            let scalarClass = combiningClass(scalar)
            let isBlocked = end - 1 != starter && lastClass >= scalarClass
            if let place = starter, !isBlocked, let joined = join(work.scalars[place], scalar, pairs) {
                work.scalars[place] = joined
                if work.isTracked { work.changes[place] += work.changes[index] - 1 }
                continue
            }
            if scalarClass == 0 { starter = end }
            lastClass = scalarClass
            work.move(index, to: end)
            end += 1
        }
        work.scalars.removeLast(work.scalars.count - end)
        if work.isTracked { work.changes.removeLast(work.changes.count - end) }
    }

    private static func join(_ left: UInt32, _ right: UInt32, _ pairs: PairTable) -> UInt32? {
        if right < 0x300 { return nil }
        if 0x1100 ..< 0x1113 ~= left, 0x1161 ..< 0x1176 ~= right {
            return 0xAC00 + ((left - 0x1100) * 21 + right - 0x1161) * 28
        }
        if Decompositions.hangul ~= left, (left - 0xAC00) % 28 == 0, 0x11A8 ..< 0x11C3 ~= right {
            return left + right - 0x11A7
        }
        return pairs.merge(Int32(left), Int32(right)).map { UInt32($0.id) }
    }

    /// The marks that had a class when the tokenizers that models were trained with were made; the standard library knows
    /// more, and putting those in order would give other ids.
    private static let marks = ScalarTable(members: UnicodeData.combining)

    private static func combiningClass(_ scalar: UInt32) -> UInt8 {
        guard scalar >= 0x300, marks[scalar] == 1 else { return 0 }
        return Unicode.Scalar(scalar)?.properties.canonicalCombiningClass.rawValue ?? 0
    }
}
