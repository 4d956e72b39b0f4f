/// A step of a decoder at work on a stream of texts: what it has seen, and what it holds back.
struct DecodingStage: Sendable {
    typealias Text = ArraySlice<UInt8>

    private let step: Decoder.Step
    private var sentencePiece: SentencePieceDecoder?
    private var isFirst = true
    private var held: [UInt8] = []
    /// How many characters may still go at the start of a joined text.
    private var strippable = 0

    init(_ step: Decoder.Step) {
        self.step = step
        switch step {
        case .stripJoined(_, let start, _): strippable = start
        case .sentencePiece(let decoder): sentencePiece = decoder
        default: break
        }
    }

    /// The texts that were held back and that one more text lets go.
    mutating func release(before text: Text) -> [Text] {
        guard case .byteFallback = step, !held.isEmpty, DecodingStage.fallbackByte(text) == nil else { return [] }
        return finish()
    }

    /// The text that this step gives for one more text; nil while it holds it back. Call `release(before:)` first.
    mutating func take(_ text: Text) -> Text? {
        defer { isFirst = false }
        switch step {
        case .replace(let pattern, let content): return DecodingStage.replace(pattern, with: content, in: text)
        case .byteFallback: return takeFallback(text)
        case .fuse: return text
        case .strip(let character, let start, let stop): return DecodingStage.strip(text, character, start, stop)
        case .stripJoined(let character, _, let stop): return stripJoined(text, character, stop)
        case .metaspace(let mark, let dropsFirst):
            return DecodingStage.replace(mark, with: isFirst && dropsFirst ? [] : [0x20], in: text)
        case .byteLevel:
            held.append(contentsOf: DecodingStage.bytes(of: text))
            return UTF8Repair.takeComplete(from: &held)[...]
        case .sentencePiece: return (sentencePiece?.take(text) ?? [])[...]
        }
    }

    /// The texts that were held back, when no more come.
    mutating func finish() -> [Text] {
        defer { held = [] }
        if let rest = sentencePiece?.finish(), !rest.isEmpty { return [rest[...]] }
        guard !held.isEmpty else { return [] }
        switch step {
        case .byteFallback: return DecodingStage.text(ofRun: held)
        case .byteLevel: return [UTF8Repair.repair(held)[...]]
        default: return []
        }
    }

    /// Holds a byte back until the run of bytes has ended: whether they are characters is decided for all of them.
    private mutating func takeFallback(_ text: Text) -> Text? {
        guard let byte = DecodingStage.fallbackByte(text) else { return text }
        held.append(byte)
        return nil
    }

    private static func replace(_ pattern: [UInt8], with content: [UInt8], in text: Text) -> Text {
        text.contains(pattern[0]) ? Array(text).replacing(pattern, with: content)[...] : text
    }

    /// The byte of `<0x0A>`.
    private static func fallbackByte(_ text: Text) -> UInt8? {
        guard text.count == 6, text.first == UInt8(ascii: "<"), text.last == UInt8(ascii: ">"),
            text.starts(with: "<0x".utf8)
        else { return nil }
        let digits = text[(text.startIndex + 3) ..< (text.startIndex + 5)]
        return UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
    }

    /// A run of bytes as one text; where it is not UTF-8, a replacement character for each byte.
    private static func text(ofRun bytes: [UInt8]) -> [Text] {
        if String(validating: bytes, as: UTF8.self) != nil { return [bytes[...]] }
        return Array(repeating: UTF8Repair.replacement[...], count: bytes.count)
    }

    private static func strip(_ text: Text, _ character: [UInt8], _ start: Int, _ stop: Int) -> Text {
        var text = text
        for _ in 0 ..< start {
            guard text.starts(with: character) else { break }
            text = text.dropFirst(character.count)
        }
        for _ in 0 ..< stop {
            guard text.suffix(character.count).elementsEqual(character) else { break }
            text = text.dropLast(character.count)
        }
        return text
    }

    /// Drops characters at the start and holds back those that may be the last.
    private mutating func stripJoined(_ stretch: Text, _ character: [UInt8], _ stop: Int) -> Text {
        var text = stretch
        while strippable > 0, !text.isEmpty {
            guard text.starts(with: character) else {
                strippable = 0
                break
            }
            strippable -= 1
            text = text.dropFirst(character.count)
        }
        guard stop > 0 else { return text }
        held.append(contentsOf: text)
        let kept = DecodingStage.strip(held[...], character, 0, stop).count
        defer { held.removeFirst(kept) }
        return Array(held[..<kept])[...]
    }

    /// The bytes that the characters of a token stand for; its own where one stands for none.
    private static func bytes(of text: Text) -> [UInt8] {
        let own = Array(text)
        return own.withUnsafeBufferPointer { text -> [UInt8]? in
            var bytes: [UInt8] = []
            var index = 0
            while index < text.count {
                let scanned = text.scalar(at: index)
                guard let byte = ByteLevel.byte(of: scanned.value) else { return nil }
                bytes.append(byte)
                index += scanned.length
            }
            return bytes
        } ?? own
    }
}
