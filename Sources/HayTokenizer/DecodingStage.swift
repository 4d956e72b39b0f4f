/// A step of a decoder at work on a stream of texts: what it has seen, and what it holds back.
struct DecodingStage: Sendable {
    private let step: Decoder.Step
    private var sentencePiece: SentencePieceDecoder?
    private var isFirst = true
    /// The text before, for steps that compare with it or wait for whether another comes.
    private var previous: [UInt8]?
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

    /// Whether this step has nothing to do for some texts, so that they may go past it. Most tokens of a stream do.
    func passes(_ texts: TextList) -> Bool {
        switch step {
        case .replace(.literal(let literal), _): !texts.bytes.contains(literal[0])
        case .byteFallback: held.isEmpty && !texts.bytes.contains(UInt8(ascii: "<"))
        case .stripJoined(_, _, let stop): stop == 0 && strippable == 0
        default: false
        }
    }

    /// Appends the texts that this step gives for some more.
    mutating func take(_ texts: TextList, into result: inout TextList) {
        switch step {
        case .replace(.literal(let literal), let content):
            texts.forEach { result.append($0, replacing: literal, with: content) }
        case .replace(let pattern, let content):
            texts.forEach { text in
                var end = 0
                pattern.forEachMatch(in: text) { match in
                    result.write(text[end ..< match.lowerBound])
                    result.write(content)
                    end = match.upperBound
                }
                result.write(text[end...])
                result.end()
            }
        case .metaspace(let mark, let dropsFirst):
            texts.forEach { text in
                result.append(text, replacing: mark, with: isFirst && dropsFirst ? [] : [0x20])
                isFirst = false
            }
        case .byteFallback: texts.forEach { takeFallback($0, into: &result) }
        case .byteLevel:
            texts.forEach { ByteLevel.appendBytes(of: $0, to: &held) }
            UTF8Repair.takeComplete(from: &held, into: &result)
            result.end()
        case .strip(let character, let start, let stop):
            texts.forEach { result.append(DecodingStage.strip($0, character, start, stop)) }
        case .stripJoined(let character, _, let stop):
            texts.forEach { stripJoined($0, character, stop, into: &result) }
        case .wordPiece(let prefix, let cleansUp):
            texts.forEach { text in
                let start = result.bytes.count
                let continues = isFirst || text.starts(with: prefix)
                if !continues { result.write(0x20) }
                result.write(text.dropFirst(continues && !isFirst ? prefix.count : 0))
                if cleansUp, TextCleanup.applies(to: result.bytes[start...]) {
                    result.replaceEnd(from: start, with: TextCleanup.clean(Array(result.bytes[start...])))
                }
                result.end()
                isFirst = false
            }
        case .suffix(let suffix):
            texts.forEach { text in
                if let previous { result.append(previous.replacing(suffix, with: [0x20])) }
                previous = Array(text)
            }
        case .ctc(let filling, let delimiter, let cleansUp):
            texts.forEach { text in
                let text = Array(text)
                if text != previous { DecodingStage.append(text, filling, delimiter, cleansUp, to: &result) }
                previous = text
            }
        case .whole: texts.forEach { held.append(contentsOf: $0) }
        case .sentencePiece: texts.forEach { result.append(sentencePiece?.take(Array($0)[...]) ?? []) }
        }
    }

    /// Appends the texts that were held back, when no more come.
    mutating func finish(into result: inout TextList) {
        if let rest = sentencePiece?.finish(), !rest.isEmpty { result.append(rest) }
        switch step {
        case .byteFallback: endRun(into: &result)
        case .byteLevel where !held.isEmpty: result.append(UTF8Repair.replacement)
        case .stripJoined where !held.isEmpty: break
        case .suffix(let suffix):
            if let previous { result.append(previous.replacing(suffix, with: [])) }
        case .whole(let step) where !held.isEmpty:
            var stage = DecodingStage(step)
            var text = TextList()
            text.append(held)
            stage.take(text, into: &result)
            stage.finish(into: &result)
        default: break
        }
        held.removeAll()
        previous = nil
    }

    /// Holds a byte back until the run of bytes has ended: whether they are characters is decided for all of them.
    private mutating func takeFallback(_ text: Bytes, into result: inout TextList) {
        if let byte = DecodingStage.fallbackByte(text) { return held.append(byte) }
        endRun(into: &result)
        result.append(text)
    }

    /// Appends a run of bytes as one text; where it is not UTF-8, a replacement character for each byte.
    private mutating func endRun(into result: inout TextList) {
        guard !held.isEmpty else { return }
        if String(validating: held, as: UTF8.self) != nil {
            result.append(held)
        } else {
            for _ in held { result.append(UTF8Repair.replacement) }
        }
        held.removeAll(keepingCapacity: true)
    }

    /// The byte of `<0x0A>`.
    static func fallbackByte(_ text: Bytes) -> UInt8? {
        guard text.count == 6, text[0] == UInt8(ascii: "<"), text[5] == UInt8(ascii: ">"), text.starts(with: "<0x".utf8)
        else { return nil }
        return UInt8(String(decoding: text[3 ..< 5], as: UTF8.self), radix: 16)
    }

    private static func strip(_ text: Bytes, _ character: [UInt8], _ start: Int, _ stop: Int) -> Slice<Bytes> {
        var text = text[...]
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
    private mutating func stripJoined(_ stretch: Bytes, _ character: [UInt8], _ stop: Int, into result: inout TextList)
    {
        var text = stretch[...]
        while strippable > 0, !text.isEmpty {
            guard text.starts(with: character) else {
                strippable = 0
                break
            }
            strippable -= 1
            text = text.dropFirst(character.count)
        }
        guard stop > 0 else { return result.append(text) }
        held.append(contentsOf: text)
        let kept = held.withUnsafeBufferPointer { DecodingStage.strip($0, character, 0, stop).count }
        result.append(held[..<kept])
        held.removeFirst(kept)
    }

    private static func append(
        _ text: [UInt8], _ filling: [UInt8], _ delimiter: [UInt8], _ cleansUp: Bool, to result: inout TextList
    ) {
        var text = text.replacing(filling, with: [])
        if cleansUp { text = TextCleanup.clean(text).replacing(delimiter, with: [0x20]) }
        if !text.isEmpty { result.append(text) }
    }
}

extension TextList {
    /// Appends a text with each occurrence of a pattern replaced.
    fileprivate mutating func append(_ text: Bytes, replacing pattern: [UInt8], with content: [UInt8]) {
        let first = pattern[0]
        var start = 0
        var index = 0
        while index < text.count {
            guard text[index] == first, text[index...].starts(with: pattern) else {
                index += 1
                continue
            }
            write(text[start ..< index])
            write(content)
            index += pattern.count
            start = index
        }
        write(text[start...])
        end()
    }
}
