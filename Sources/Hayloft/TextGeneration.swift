import HayGeneration
import HayTokenizer

/// A reply being generated, piece by piece of text.
///
/// Pieces never hold half a character nor any part of a stop text, and together are the whole reply.
public final class TextGeneration {
    /// The reply so far.
    public private(set) var text = ""
    /// Why the reply ended; nil while it goes on.
    public private(set) var finishReason: FinishReason?

    private let generation: Generation
    private var decoder: StreamDecoder
    private var stops: StopStrings

    /// Begins a reply to a prompt's ids. Throws the tokenizer's error when the folder has none, and `GenerationError`.
    public init(_ local: LocalModel, prompt: [Int32], _ config: GenerationConfig, newTokenLimit: Int = 512) throws {
        decoder = try local.tokenizer.get().decoder(skippingSpecialTokens: true)
        stops = StopStrings(config.stopStrings)
        generation = try Generation(
            local.model, prompt: prompt, config, newTokenLimit: newTokenLimit, on: local.backend)
        finishReason = generation.finishReason
    }

    /// The prompt's tokens.
    public var promptCount: Int { generation.promptCount }

    /// The reply's token ids so far, a final end token included.
    public var tokenIDs: ArraySlice<Int32> { generation.newTokens }

    /// The text that one more token adds, perhaps none; nil when the reply is finished.
    public func next() throws -> String? {
        if finishReason != nil { return nil }
        guard let token = try generation.next() else {
            finishReason = generation.finishReason
            return nil
        }
        var (piece, found) = stops.append(decoder.append(token))
        if found {
            finishReason = .stop
        } else if let reason = generation.finishReason {
            let last = stops.append(decoder.finish())
            piece += last.text + (last.found ? "" : stops.finish())
            finishReason = last.found ? .stop : reason
        }
        text += piece
        return piece
    }
}
