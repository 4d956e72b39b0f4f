/// How the sentencepiece library puts the texts of pieces together, as a step that takes them one by one.
struct SentencePieceDecoder: Sendable {
    /// Pieces that are no text, and the unknown one with what it reads as.
    private(set) var fixedTexts: [[UInt8]: [UInt8]] = [:]
    /// Pieces that stand for a byte.
    private var bytes: [[UInt8]: UInt8] = [:]
    /// Whether the space that begins the text goes away.
    private let dropsFirstSpace: Bool
    /// Whether so do the spaces after it.
    var dropsAllFirstSpaces: Bool
    private let denormalizer: SentencePieceNormalizer?

    /// Whether no text came yet, and whether a space that begins it was dropped.
    private var isEmpty = true
    private var hasDropped = false
    /// Bytes that may become a character.
    private var held: [UInt8] = []
    /// The whole text, where it is rewritten in the end.
    private var text: [UInt8] = []

    init(_ file: SentencePieceFile) {
        for piece in file.pieces {
            switch piece.kind {
            case .control: fixedTexts[Array(piece.text)] = []
            case .unknown: fixedTexts[Array(piece.text)] = file.unknownText
            case .byte: bytes[Array(piece.text)] = UInt8(piece.name.dropFirst(3).dropLast(), radix: 16)
            default: break
            }
        }
        dropsAllFirstSpaces = file.normalization.removesExtraSpaces
        dropsFirstSpace = dropsAllFirstSpaces || file.normalization.addsDummyPrefix
        denormalizer = file.denormalization.map { SentencePieceNormalizer($0) }
    }

    /// Lets a piece be read as it is written.
    mutating func readAsWritten(_ token: String) { fixedTexts[Array(token.utf8)] = nil }

    /// How many times as long as before the text of a piece can be.
    var expansion: Double {
        (denormalizer?.expansion ?? 1) * Double(fixedTexts.values.map(\.count).max() ?? 1).rounded()
    }

    /// The text that one more piece completes.
    mutating func take(_ piece: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        if let byte = piece.count == 6 ? bytes[Array(piece)] : nil {
            held.append(byte)
            releaseCharacters(to: &result)
        } else {
            releaseAll(to: &result)
            note(result)
            result += text(of: piece)
        }
        return pass(result)
    }

    /// The bytes of a piece that others stand around, before the rewriting of the whole text.
    func bytes(of piece: [UInt8]) -> [UInt8] {
        if let byte = bytes[piece] { return [byte] }
        return fixedTexts[piece] ?? piece.replacing(SentencePieceNormalizer.mark, with: [0x20])
    }

    /// The text that was held back, when no more pieces come.
    mutating func finish() -> [UInt8] {
        var result: [UInt8] = []
        releaseAll(to: &result)
        guard let denormalizer else { return result }
        text += result
        defer { text = [] }
        var rewritten = TrackedText(text, beginsInput: true)
        denormalizer.normalize(&rewritten)
        return rewritten.bytes
    }

    private mutating func note(_ result: [UInt8]) { if !result.isEmpty { isEmpty = false } }

    private mutating func pass(_ result: [UInt8]) -> [UInt8] {
        note(result)
        guard denormalizer != nil else { return result }
        text += result
        return []
    }

    private mutating func text(of piece: ArraySlice<UInt8>) -> [UInt8] {
        let begins = isEmpty && !hasDropped
        if let fixed = fixedTexts[Array(piece)] { return fixed }
        var piece = piece
        if begins, dropsFirstSpace, piece.starts(with: SentencePieceNormalizer.mark) {
            piece = piece.dropFirst(SentencePieceNormalizer.mark.count)
            hasDropped = !dropsAllFirstSpaces
        }
        guard piece.contains(SentencePieceNormalizer.mark[0]) else { return Array(piece) }
        return Array(piece).replacing(SentencePieceNormalizer.mark, with: [0x20])
    }

    /// Takes the characters that are complete; a byte that none can begin with becomes U+FFFD.
    private mutating func releaseCharacters(to result: inout [UInt8]) {
        while let first = held.first {
            let length = first < 0x80 ? 1 : UTF8Repair.characterLength(in: held)
            guard let length else { return }
            result += length > 0 ? held.prefix(length) : UTF8Repair.replacement[...]
            held.removeFirst(max(1, length))
        }
    }

    /// Takes everything: each byte that is no part of a character becomes U+FFFD.
    private mutating func releaseAll(to result: inout [UInt8]) {
        releaseCharacters(to: &result)
        while !held.isEmpty {
            result += UTF8Repair.replacement
            held.removeFirst()
            releaseCharacters(to: &result)
        }
    }
}
