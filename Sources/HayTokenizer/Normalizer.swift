/// The part of a tokenizer that rewrites text before it is cut.
enum Normalizer: Sendable {
    case sequence([Normalizer])
    case prepend([UInt8])
    case replace(Pattern, with: [UInt8])
    case strip(left: Bool, right: Bool)
    case lowercase
    case stripAccents
    case charsMap(CharsMap)
    case form(Normalization)

    /// A text on its way through the normalizers.
    struct Text {
        var bytes: [UInt8]
        /// Whether its first byte comes from the first byte of what was given to `encode`.
        var beginsInput: Bool
    }

    /// Rewrites a text.
    func normalize(_ text: inout Text) {
        switch self {
        case .sequence(let normalizers): for normalizer in normalizers { normalizer.normalize(&text) }
        case .prepend(let prefix): if !text.bytes.isEmpty { text.bytes.insert(contentsOf: prefix, at: 0) }
        case .replace(let pattern, let content): text.bytes = pattern.replacing(in: text.bytes, with: content)
        case .strip(let left, let right): text.strip(left: left, right: right)
        case .lowercase: text.bytes = text.bytes.mappingScalars { $0.properties.lowercaseMapping }
        case .stripAccents:
            text.bytes = text.bytes.mappingScalars { ScalarClass.isMark($0.value) ? "" : String($0) }
        case .form(let form): text.bytes = form.normalize(text.bytes)
        case .charsMap(let map): text.bytes = map.normalize(text.bytes)
        }
    }
}

extension Normalizer {
    /// Reads `normalizer` of a tokenizer.json. Throws `TokenizerError`.
    init(_ section: Section) throws {
        switch try section.string("type") {
        case "Sequence": self = .sequence(try section.member("normalizers").elements().map(Normalizer.init))
        case "Prepend": self = .prepend(Array(try section.string("prepend").utf8))
        case "Replace":
            self = .replace(try Pattern(section.member("pattern")), with: Array(try section.string("content").utf8))
        case "Strip":
            self = .strip(left: try section.bool("strip_left"), right: try section.bool("strip_right"))
        case "Lowercase": self = .lowercase
        case "StripAccents": self = .stripAccents
        case "Precompiled": self = .charsMap(try CharsMap(section.member("precompiled_charsmap")))
        case let other:
            guard let form = Normalization.Form(rawValue: other) else {
                throw section.unsupported("normalizer '\(other)'")
            }
            self = .form(Normalization(form))
        }
    }
}

extension Normalizer.Text {
    /// Removes white space at the ends.
    fileprivate mutating func strip(left: Bool, right: Bool) {
        let kept = bytes.withUnsafeBufferPointer { bytes -> Range<Int> in
            var start = 0
            var end = bytes.count
            while left, start < end {
                let scanned = bytes.scalar(at: start)
                guard scanned.scalar.properties.isWhitespace else { break }
                start += scanned.length
            }
            while right, end > start {
                let scanned = bytes.scalar(before: end)
                guard scanned.scalar.properties.isWhitespace else { break }
                end -= scanned.length
            }
            return start ..< end
        }
        if kept.lowerBound > 0 { beginsInput = false }
        if kept.count < bytes.count { bytes = Array(bytes[kept]) }
    }
}

extension [UInt8] {
    /// The bytes with each occurrence of a text replaced by another, from the left.
    func replacing(_ pattern: [UInt8], with content: [UInt8]) -> [UInt8] {
        guard let first = pattern.first, contains(first) else { return self }
        var result: [UInt8] = []
        result.reserveCapacity(count + count / 4)
        withUnsafeBufferPointer { bytes in
            pattern.withUnsafeBufferPointer { pattern in
                var start = 0
                while let found = bytes.find(pattern, from: start) {
                    result.append(contentsOf: bytes[start ..< found])
                    result.append(contentsOf: content)
                    start = found + pattern.count
                }
                result.append(contentsOf: bytes[start...])
            }
        }
        return result
    }

    /// The text with each scalar replaced by what `map` gives for it.
    fileprivate func mappingScalars(_ map: (Unicode.Scalar) -> String) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(count)
        withUnsafeBufferPointer { bytes in
            var index = 0
            while index < bytes.count {
                let scanned = bytes.scalar(at: index)
                result.append(contentsOf: map(scanned.scalar).utf8)
                index += scanned.length
            }
        }
        return result
    }
}
