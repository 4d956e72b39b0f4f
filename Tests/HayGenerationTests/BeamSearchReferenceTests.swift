import HayJSON
import TestSupport
import Testing

@testable import HayGeneration

/// The repository's own cases, and those in the folder `beams` of the fixtures where there is one.
private let files = ["\(Fixtures.packageFolder)/Tests/Golden/beams", "\(Fixtures.folder ?? "")/beams"]
    .flatMap { Fixtures.entries(of: $0) }

@Suite("Beam search agrees with the reference implementation")
struct BeamSearchReferenceTests {
    @Test("on random tables of logits", arguments: files)
    func tables(file: String) throws {
        let content = try Fixtures.json(file)
        let tables = try #require(content["tables"]?.array).map(Table.init)
        for beamCase in try #require(content["cases"]?.array) {
            let arguments = try #require(beamCase["generate"])
            let prefix = ids(beamCase["input_ids"])
            let expected = try #require(beamCase["sequences"]?.array).map { ids($0) }
            let scores = try #require(beamCase["sequences_scores"]?.array).map { Float($0.double ?? 0) }
            let table = tables[try #require(beamCase["table"]?.int)]

            let replies = try table.run(BeamSearch(options(arguments, prefix.count), prefix: prefix)).beamReplies
            #expect(replies.count == expected.count, "\(beamCase)")
            let pad = Int32(try #require(arguments["pad_token_id"]?.int))
            let longest = expected.map(\.count).max() ?? 0
            for (index, reply) in replies.enumerated() {
                let missing = max(0, longest - prefix.count - reply.tokens.count)
                #expect(prefix + reply.tokens + Array(repeating: pad, count: missing) == expected[index], "\(beamCase)")
                // f32 sums of at most a dozen terms
                #expect(abs(reply.score - scores[index]) <= 1e-5 * max(1, abs(scores[index])), "\(beamCase)")
            }
        }
    }

    private func ids(_ value: JSON?) -> [Int32] {
        (value?.array ?? []).compactMap { $0.int.map(Int32.init) }
    }

    private func options(_ arguments: JSON, _ prefixCount: Int) -> BeamSearch.Options {
        var options = BeamSearch.Options(
            beamCount: arguments["num_beams"]?.int ?? 1,
            lengthLimit: prefixCount + (arguments["max_new_tokens"]?.int ?? 0))
        options.groupCount = arguments["num_beam_groups"]?.int ?? 1
        options.diversityPenalty = Float(arguments["diversity_penalty"]?.double ?? 0)
        options.lengthPenalty = arguments["length_penalty"]?.double ?? 1
        options.returnCount = arguments["num_return_sequences"]?.int ?? 1
        options.endTokens = ids(arguments["eos_token_id"])
        options.padToken = arguments["pad_token_id"]?.int.map(Int32.init)
        if arguments["early_stopping"]?.bool == true { options.earlyStopping = .whenFull }
        if arguments["early_stopping"]?.string == "never" { options.earlyStopping = .never }
        return options
    }
}

/// A model whose logits follow from the two tokens before and the length.
private struct Table {
    let logits: [[[Float]]]

    init(_ json: JSON) {
        let rows = { (value: JSON) in value.array ?? [] }
        logits = rows(json).map { rows($0).map { rows($0).map { $0.double.map(Float.init) ?? -.infinity } } }
    }

    /// Runs a search to its end, keeping the rows as a cache would.
    func run(_ search: BeamSearch) throws -> BeamSearch {
        var search = search
        var rows = search.pending
        while !search.pending.isEmpty {
            let values = rows.flatMap { row in
                logits[Int(row[row.count - 2])][Int(row[row.count - 1])].map { $0 * (1 + 0.125 * Float(row.count)) }
            }
            let kept = try values.withUnsafeBufferPointer {
                try search.advance(LogitsBlock(values: $0, vocabularySize: logits.count))
            }
            #expect(kept.count == search.pending.count)
            rows = zip(kept, search.pending).map { rows[$0.row] + $1 }
        }
        return search
    }
}
