import HayJSON
import HayTokenizer

/// Loading a tokenizer, encoding and decoding: `{"folder", "lines"}` gives the ids of the lines and seconds: `load` of the
/// folder, `encode` of the lines on one thread, `batch` on all, `encodings` with offsets, `decode` of all ids at once and
/// `stream` one by one.
enum TokenizerBenchmark {
    @Sendable static func run(_ task: JSON) throws -> JSON {
        let folder = task["folder"]?.string ?? ""
        let lines = task["lines"]?.array?.compactMap(\.string) ?? []
        let tokenizer = try Tokenizer(folder: folder)
        let ids = lines.map { tokenizer.encode($0, addingSpecialTokens: false) }
        let flat = ids.flatMap { $0 }
        return [
            "ids": .array(ids.map { .array($0.map { .int(Int($0)) }) }),
            "load": .double(try secondsPerRun { _ = try Tokenizer(folder: folder) }),
            "encode": .double(secondsPerRun { for line in lines { _ = tokenizer.encode(line) } }),
            "batch": .double(secondsPerRun { _ = tokenizer.encode(batch: lines) }),
            "encodings": .double(try secondsPerRun { for line in lines { _ = try tokenizer.encoding(of: line) } }),
            "decode": .double(secondsPerRun { _ = tokenizer.decode(flat) }),
            "stream": .double(
                secondsPerRun {
                    var decoder = tokenizer.decoder(skippingSpecialTokens: false)
                    for id in flat { _ = decoder.append(id) }
                    _ = decoder.finish()
                }),
        ]
    }
}
