/// The edits that normalizers make. What is put in comes from where the text before it does.
extension TrackedText {
    /// Puts a prefix before the text, which comes from where the text's first character does.
    mutating func prepend(_ prefix: [UInt8]) {
        guard !bytes.isEmpty, !prefix.isEmpty else { return }
        rewrite { text, result in
            result.append(prefix, from: 0, of: text)
            result.copy(0 ..< text.bytes.count, of: text)
        }
    }

    /// Replaces each match of a pattern by a text.
    mutating func replace(_ pattern: Pattern, with content: [UInt8]) {
        rewrite { text, result in
            text.bytes.withUnsafeBufferPointer { bytes in
                var end = 0
                pattern.forEachMatch(in: bytes) { match in
                    result.copy(end ..< match.lowerBound, of: text)
                    end = match.upperBound
                    result.append(content, from: Swift.max(0, end - 1), of: text)
                }
                result.copy(end ..< bytes.count, of: text)
            }
        }
    }

    /// Removes white space at the ends.
    mutating func strip(left: Bool, right: Bool) {
        let kept = bytes.withUnsafeBufferPointer { bytes -> Range<Int> in
            var start = 0
            var end = bytes.count
            while left, start < end {
                let scanned = bytes.scalar(at: start)
                guard ScalarClass.isWhitespace(scanned.value) else { break }
                start += scanned.length
            }
            while right, end > start {
                let scanned = bytes.scalar(before: end)
                guard ScalarClass.isWhitespace(scanned.value) else { break }
                end -= scanned.length
            }
            return start ..< end
        }
        self = part(kept)
    }

    /// Replaces each scalar by its lower case.
    mutating func lowercase() {
        guard bytes.contains(where: { 0x41 ... 0x5A ~= $0 || $0 >= 0x80 }) else { return }
        rewriteScalars { scanned, index, text, result in
            if scanned.value < 0x80 {
                let isUpper = 0x41 ... 0x5A ~= scanned.value
                result.append(UInt8(isUpper ? scanned.value + 0x20 : scanned.value), from: index, of: text)
            } else if scanned.scalar.properties.changesWhenLowercased {
                result.append(scanned.scalar.properties.lowercaseMapping.utf8, from: index, of: text)
            } else {
                result.copy(index ..< index + scanned.length, of: text)
            }
        }
    }

    /// Replaces each scalar by what `map` gives for it; nil removes it.
    mutating func mapScalars(_ map: (UInt32) -> UInt32?) {
        rewriteScalars { scanned, index, text, result in
            guard let mapped = map(scanned.value) else { return }
            if mapped == scanned.value {
                result.copy(index ..< index + scanned.length, of: text)
            } else {
                result.append(scalar: mapped, from: index, of: text)
            }
        }
    }

    /// Calls `write` with each scalar and its place.
    mutating func rewriteScalars(_ write: (ScannedScalar, Int, TrackedText, inout Rewrite) -> Void) {
        rewrite { text, result in
            text.bytes.withUnsafeBufferPointer { bytes in
                var index = 0
                while index < bytes.count {
                    let scanned = bytes.scalar(at: index)
                    write(scanned, index, text, &result)
                    index += scanned.length
                }
            }
        }
    }
}
