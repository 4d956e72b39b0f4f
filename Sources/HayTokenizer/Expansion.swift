/// How much longer a text can get, so that a file cannot ask for more memory than there is.
enum Expansion {
    /// The largest factor that is accepted; known tokenizers stay below 100.
    static let limit = 4096.0

    /// Throws `TokenizerError` for components that may make a text longer than the limit allows.
    static func check(_ factor: Double, _ section: Section?) throws {
        guard let section, factor > limit else { return }
        throw TokenizerError.expandsTooMuch(file: section.file, key: section.path, factor: factor, limit: limit)
    }

    /// The factor of replacing texts of at least `length` bytes by another.
    static func replacing(_ length: Int, with content: [UInt8]) -> Double {
        // Nothing can be found before each byte, and after the last one.
        length == 0 ? 1 + 2 * Double(content.count) : max(1, Double(content.count) / Double(length))
    }
}

extension Normalizer {
    /// How many times as long as before a text can be.
    var expansion: Double {
        switch self {
        case .sequence(let normalizers): normalizers.reduce(1) { $0 * $1.expansion }
        case .prepend(let prefix): 1 + Double(prefix.count)
        case .replace(let pattern, let content): Expansion.replacing(pattern.minimumLength, with: content)
        case .strip, .stripAccents, .nmt: 1
        case .lowercase: 3
        case .byteLevel: 2
        // Spaces around an ideograph of three bytes; a decomposition of three, each of three in lower case.
        case .bert: 9
        case .charsMap(let map): Double(map.table.longestReplacement)
        case .sentencePiece(let normalizer): normalizer.expansion
        // The longest decompositions are those of U+FDFA and U+0390.
        case .form(let normalization): normalization.form.isCompatible ? 11 : 3
        }
    }
}

extension Decoder {
    /// How many times as long as before the text of a token can be.
    var expansion: Double {
        steps.reduce(1) { factor, step in
            switch step {
            case .replace(let pattern, let content): factor * Expansion.replacing(pattern.minimumLength, with: content)
            case .sentencePiece(let decoder): factor * decoder.expansion
            default: factor
            }
        }
    }
}
