import HayNN
import HayTensor

extension LanguageModel {
    /// The logits at every position of a text: [T, V].
    ///
    /// - Parameters:
    ///   - prompt: the text; for an encoder-decoder model the source.
    ///   - decoderPrompt: the decoder's ids, for an encoder-decoder model; by default its start token.
    ///   - pieceLength: how many positions are computed at once.
    ///
    /// Throws `GenerationError` and what the backend throws.
    public func allLogits(
        prompt: [Int32], decoderPrompt: [Int32] = [], pieceLength: Int = .max, on backend: any Backend
    ) throws -> [Float] {
        var ids = prompt
        for id in prompt + decoderPrompt where id < 0 || Int(id) >= vocabularySize {
            throw GenerationError.tokenOutOfRange(id, vocabularySize: vocabularySize)
        }
        guard !prompt.isEmpty else { throw GenerationError.emptyPrompt }
        if isEncoderDecoder { ids = decoderPrompt.isEmpty ? [decoderStartToken] : decoderPrompt }
        if let contextLength, ids.count > contextLength {
            throw GenerationError.promptTooLong(tokens: ids.count, contextLength: contextLength)
        }
        let sourceBlocks = isEncoderDecoder ? BlockPool.blocks(for: prompt.count) : 0
        let pool = BlockPool(cacheShape, blockCount: BlockPool.blocks(for: ids.count) + sourceBlocks, on: backend)
        let cache = KVCache(in: pool)
        cache.knownLength = ids.count
        encode(Tensor(prompt, [1, prompt.count], on: backend), into: cache)
        var logits: [Float] = []
        for start in stride(from: 0, to: ids.count, by: min(pieceLength, ids.count)) {
            let piece = Array(ids[start ..< min(start + min(pieceLength, ids.count), ids.count)])
            let hidden = hidden(
                Tensor(piece, [1, piece.count], on: backend), CacheStep(advancing: cache, by: piece.count))
            logits += try self.logits(hidden.reshaped([piece.count, hidden.shape[2]])).array()
        }
        return logits
    }
}
