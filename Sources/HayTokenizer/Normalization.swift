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

    /// The text in this form.
    func normalize(_ text: [UInt8]) -> [UInt8] {
        // Below U+0300 nothing combines, and below U+00A0 nothing decomposes.
        guard text.contains(where: { $0 >= (form == .nfc ? 0xCC : 0xC2) }) else { return text }
        var scalars = decomposed(text)
        if form.composes { compose(&scalars) }
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        for scalar in scalars { result.append(scalar: scalar) }
        return result
    }

    /// The scalars with everything decomposed, marks in canonical order.
    private func decomposed(_ text: [UInt8]) -> [UInt32] {
        var scalars: [UInt32] = []
        scalars.reserveCapacity(text.count)
        text.withUnsafeBufferPointer { text in
            var index = 0
            while index < text.count {
                let scanned = text.scalar(at: index)
                decompositions.append(scanned.value, to: &scalars)
                index += scanned.length
            }
        }
        Normalization.order(&scalars)
        return scalars
    }

    /// Sorts each run of marks by combining class, keeping the order of equals.
    private static func order(_ scalars: inout [UInt32]) {
        var start = 0
        while start < scalars.count {
            guard scalars[start] >= 0x300, combiningClass(scalars[start]) > 0 else {
                start += 1
                continue
            }
            var marks: [(mark: UInt32, class: UInt8)] = []
            while start + marks.count < scalars.count {
                let mark = scalars[start + marks.count]
                let markClass = combiningClass(mark)
                guard markClass > 0 else { break }
                marks.append((mark, markClass))
            }
            // The standard library's sort is stable.
            marks.sort { $0.class < $1.class }
            for (offset, mark) in marks.enumerated() { scalars[start + offset] = mark.mark }
            start += marks.count
        }
    }

    /// Joins each starter with what follows it, where a composed scalar is known and nothing stands in between.
    private func compose(_ scalars: inout [UInt32]) {
        let pairs = Decompositions.pairs
        var starter: Int?
        var lastClass: UInt8 = 0
        var end = 0
        for index in scalars.indices {
            let scalar = scalars[index]
            let scalarClass = Normalization.combiningClass(scalar)
            let isBlocked = end - 1 != starter && lastClass >= scalarClass
            if let place = starter, !isBlocked, let joined = Normalization.join(scalars[place], scalar, pairs) {
                scalars[place] = joined
                continue
            }
            if scalarClass == 0 { starter = end }
            lastClass = scalarClass
            scalars[end] = scalar
            end += 1
        }
        scalars.removeLast(scalars.count - end)
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

    private static func combiningClass(_ scalar: UInt32) -> UInt8 {
        guard scalar >= 0x300 else { return 0 }
        return Unicode.Scalar(scalar)?.properties.canonicalCombiningClass.rawValue ?? 0
    }
}
