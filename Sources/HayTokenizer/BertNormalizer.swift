/// BERT's way with text: controls removed, Chinese characters set apart, accents and capitals removed where wanted.
struct BertNormalizer: Sendable {
    let cleansText: Bool
    let isolatesChinese: Bool
    let stripsAccents: Bool
    let lowercases: Bool
    private let canonical = Normalization(.nfd)

    /// Rewrites a text.
    func normalize(_ text: inout TrackedText) {
        if cleansText { text.mapScalars(BertNormalizer.cleaned) }
        if isolatesChinese { BertNormalizer.isolateChinese(in: &text) }
        if stripsAccents {
            canonical.normalize(&text)
            text.mapScalars { ScalarClass.isNonspacingMark($0) ? nil : $0 }
        }
        if lowercases { text.lowercase() }
    }

    /// White space becomes a space; what is neither white space nor a visible character goes.
    private static func cleaned(_ scalar: UInt32) -> UInt32? {
        if scalar < 0x7F { return scalar >= 0x20 ? scalar : 0x09 ... 0x0A ~= scalar || scalar == 0x0D ? 0x20 : nil }
        if ScalarClass.isInvisible(scalar) { return nil }
        return ScalarClass.isWhitespace(scalar) ? 0x20 : scalar
    }

    private static func isolateChinese(in text: inout TrackedText) {
        // The first of them in UTF-8 begins with E3.
        guard text.bytes.contains(where: { $0 >= 0xE3 }) else { return }
        text.rewriteScalars { scanned, index, text, result in
            let isChinese = isChinese(scanned.value)
            if isChinese { result.append(0x20, from: index, of: text) }
            result.copy(index ..< index + scanned.length, of: text)
            if isChinese { result.append(0x20, from: index, of: text) }
        }
    }

    /// The blocks of unified ideographs that BERT's authors listed.
    private static func isChinese(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x3400 ... 0x4DBF, 0x4E00 ... 0x9FFF, 0xF900 ... 0xFAFF, 0x20000 ... 0x2A6DF, 0x2A700 ... 0x2B81F,
            0x2B920 ... 0x2CEAF, 0x2F800 ... 0x2FA1F:
            true
        default: false
        }
    }
}

extension BertNormalizer {
    /// Reads a BertNormalizer; accents follow the case unless the file says otherwise. Throws `TokenizerError`.
    init(_ section: Section) throws {
        cleansText = try section.bool("clean_text", default: true)
        isolatesChinese = try section.bool("handle_chinese_chars", default: true)
        lowercases = try section.bool("lowercase", default: true)
        stripsAccents = try section.bool("strip_accents", default: lowercases)
    }
}
