import ArgumentParser
import HayJSON
import HayTokenizer
import Hayloft

/// `hayloft detokenize`: ids to texts.
struct Detokenize: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn token ids into texts.",
        discussion: """
            Reads one JSON array of ids a line from stdin and prints one JSON string a line.

              echo '[8774, 296, 1]' | hayloft detokenize --model ./flan-t5-base --skip-special
            """)

    @OptionGroup var options: ModelOptions
    @OptionGroup(visibility: .hidden) var compute: ComputeOptions

    @Flag(name: .customLong("skip-special"), help: "Leave out special tokens.")
    var skipSpecial = false

    @Flag(help: "Print the pieces that each id adds while it streams: one JSON array a line.")
    var stream = false

    func run() throws {
        let tokenizer = try options.tokenizer(bundled: "tiny-flan-t5")
        try forEachInputLine { line, number in
            let ids = line.array?.compactMap { $0.int.flatMap(Int32.init(exactly:)) }
            guard let ids, ids.count == line.array?.count else {
                throw CommandError("line \(number) is not an array of token ids")
            }
            let output: JSON =
                stream
                ? .array(pieces(of: ids, tokenizer))
                : .string(tokenizer.decode(ids, skippingSpecialTokens: skipSpecial))
            print(output.text(spaced: true))
        }
    }

    /// One piece for each id; the last one has what was held back.
    private func pieces(of ids: [Int32], _ tokenizer: Tokenizer) -> [JSON] {
        var decoder = tokenizer.decoder(skippingSpecialTokens: skipSpecial)
        var pieces = ids.map { decoder.append($0) }
        if !pieces.isEmpty { pieces[pieces.count - 1] += decoder.finish() }
        return pieces.map { .string($0) }
    }
}
