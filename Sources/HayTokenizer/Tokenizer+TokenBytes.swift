extension Tokenizer {
    /// The bytes that a token adds within a text; nil for a special token, and for an id that no token has.
    ///
    /// Put together they are what `decode` gives for the ids, but for what happens at the ends of a text: a space that
    /// decoding drops at the start, or adds between words, is there as often as it is within. Of decoders that look at
    /// several tokens at once (CTC, clean-up of spaces over them) these are the bytes of the token alone.
    public func bytes(of id: Int32) -> [UInt8]? {
        var text: [UInt8]?
        _ = withText(of: id, skippingSpecial: true) { text = Array($0) }
        guard var text else { return nil }
        if decoder.separatesBySpaces { return [0x20] + text }
        for step in decoder.steps { text = step.bytes(of: text) }
        return text
    }
}

extension Decoder.Step {
    /// What this step makes of the text of a token that others stand around.
    fileprivate func bytes(of text: [UInt8]) -> [UInt8] {
        switch self {
        case .byteFallback: return text.withUnsafeBufferPointer(DecodingStage.fallbackByte).map { [$0] } ?? text
        case .byteLevel:
            var bytes: [UInt8] = []
            text.withUnsafeBufferPointer { ByteLevel.appendBytes(of: $0, to: &bytes) }
            return bytes
        case .metaspace(let mark, _): return text.replacing(mark, with: [0x20])
        case .wordPiece(let prefix, _):
            return text.starts(with: prefix) ? Array(text.dropFirst(prefix.count)) : [0x20] + text
        case .suffix(let suffix): return text.replacing(suffix, with: [0x20])
        case .ctc(let filling, let delimiter, _):
            let text = text.replacing(filling, with: [])
            return text == delimiter ? [0x20] : text
        case .sentencePiece(let decoder): return decoder.bytes(of: text)
        // Of the start and the end of the whole text only.
        case .stripJoined: return text
        case .replace, .strip:
            var stage = DecodingStage(self)
            var (texts, result) = (TextList(), TextList())
            texts.append(text)
            stage.take(texts, into: &result)
            return result.bytes
        case .whole(let step): return step.bytes(of: text)
        }
    }
}
