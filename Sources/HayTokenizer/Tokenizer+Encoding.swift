import Dispatch
import Synchronization

extension Tokenizer {
    /// How a text is encoded; what is nil is as the file says.
    public struct Options: Sendable {
        /// Whether the special tokens come to it that the checkpoint puts around texts.
        public var addsSpecialTokens: Bool
        /// How a long text is cut.
        public var truncation: Truncation?
        /// How a short text is filled up.
        public var padding: Padding?

        /// Nothing is cut and nothing filled up unless it is said here.
        public init(addsSpecialTokens: Bool = true, truncation: Truncation? = nil, padding: Padding? = nil) {
            self.addsSpecialTokens = addsSpecialTokens
            self.truncation = truncation
            self.padding = padding
        }
    }

    /// What the file says about cutting and filling up.
    public var fileOptions: Options { Options(truncation: truncation, padding: padding) }

    /// The tokens of a text, or of two that belong together, with what is known of each; cut and filled up as the file
    /// says unless `options` are given.
    ///
    /// Throws `TokenizerError` where the texts cannot be cut to the wanted length.
    public func encoding(of text: String, and second: String? = nil, _ options: Options? = nil) throws -> Encoding {
        let options = options ?? fileOptions
        var encoding = try unpadded(text, second, options)
        if let padding = options.padding { encoding.pad(to: padding.target(longest: encoding.count), padding) }
        return encoding
    }

    /// The tokens of several texts, filled up together; on all cores that the process may use.
    ///
    /// Throws `TokenizerError` where a text cannot be cut to the wanted length.
    public func encodings(of texts: [String], _ options: Options? = nil) throws -> [Encoding] {
        let options = options ?? fileOptions
        var encodings = try Tokenizer.inParallel(texts) { try unpadded($0, nil, options) }
        guard let padding = options.padding else { return encodings }
        let target = padding.target(longest: encodings.map(\.count).max() ?? 0)
        for index in encodings.indices { encodings[index].pad(to: target, padding) }
        return encodings
    }

    /// The ids of several texts, each as `encode` gives them; on all cores that the process may use.
    public func encode(batch texts: [String], addingSpecialTokens: Bool = true) -> [[Int32]] {
        Tokenizer.inParallel(texts) { encode($0, addingSpecialTokens: addingSpecialTokens) }
    }

    private func unpadded(_ text: String, _ second: String?, _ options: Options) throws -> Encoding {
        var encodings = [text, second].compactMap { $0 }.enumerated().map { index, text in
            var tokens = TokenList(wantsSpans: true)
            encode(text, into: &tokens)
            return Encoding(tokens, sequence: index)
        }
        if let truncation = options.truncation {
            let added = options.addsSpecialTokens ? postProcessor.addedCount(encodings.count) : 0
            let lengths = try truncation.lengths(of: encodings.map(\.count), added: added)
            for (index, length) in lengths.enumerated() {
                encodings[index].truncate(to: length, stride: truncation.stride, side: truncation.side)
            }
        }
        if let trim = postProcessor.trim {
            for (index, text) in [text, second ?? ""].enumerated() where index < encodings.count {
                encodings[index].trimOffsets(trim, in: text, spelling)
            }
        }
        return postProcessor.process(encodings, addingSpecialTokens: options.addsSpecialTokens)
    }

    /// Calls `body` with each text, several at a time.
    private static func inParallel<Output: Sendable, Failure: Error>(
        _ texts: [String], _ body: @Sendable (String) throws(Failure) -> Output
    ) throws(Failure) -> [Output] {
        // Texts differ in length: many more parts than cores, so that none waits long for another.
        let partSize = max(1, texts.count / 64)
        let partCount = (texts.count + partSize - 1) / partSize
        let parts = Mutex([Result<[Output], Failure>?](repeating: nil, count: partCount))
        DispatchQueue.concurrentPerform(iterations: partCount) { index in
            let range = index * partSize ..< min((index + 1) * partSize, texts.count)
            let part = Result { () throws(Failure) in try texts[range].map(body) }
            parts.withLock { $0[index] = part }
        }
        var outputs: [Output] = []
        outputs.reserveCapacity(texts.count)
        for part in parts.withLock({ $0 }) { outputs += try part?.get() ?? [] }
        return outputs
    }
}
