import HayGeneration
import HayNN
import HayTensor
import Testing

@testable import Hayloft

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Phi 3's LongRoPE: the golden checkpoint has other frequencies for texts of more than 24 tokens.
private let folder = "\(golden)/phi3-longrope-f16"

@Suite("A text that outgrows the frequencies of short ones")
struct RereadTests {
    /// Greedy search by reading the whole text at every step.
    private func recomputed(_ local: LocalModel, _ prompt: [Int32], new: Int) throws -> [Int32] {
        var text = prompt
        for _ in 0 ..< new {
            let logits = try local.model.allLogits(prompt: text, on: local.backend).suffix(local.model.vocabularySize)
            let best = logits.indices.max { logits[$0] < logits[$1] } ?? 0
            text.append(Int32(best - logits.startIndex))
        }
        return Array(text[prompt.count...])
    }

    private func scheduler(_ local: LocalModel, passLength: Int = 192, positions: Int = 1 << 12) -> Scheduler {
        var options = Scheduler.Options()
        options.cacheType = .f32
        options.passLength = passLength
        options.cachePositions = positions
        return Scheduler(local.model, options, on: local.backend)
    }

    @Test("goes on as if it were read anew at each step, in pieces and with guesses too", arguments: [2, 7, 192])
    func greedy(passLength: Int) throws {
        let local = try model(folder, dtype: .f32)
        #expect(local.model.rereadLength == 24)
        // Prompts below the length, at it and beyond it; the last one repeats itself, so that there are guesses.
        let prompts = [text(1, count: 3), text(2, count: 23), text(3, count: 24), text(4, count: 25)]
        for prompt in prompts + [Array([text(5, count: 5), text(5, count: 5), text(5, count: 5)].joined())] {
            let expected = try recomputed(local, prompt, new: 30)
            let plain = request(prompt, new: 30)
            let guessing = request(prompt, new: 30) { $0.promptLookupTokens = 5 }
            let results = try scheduler(local, passLength: passLength).run([plain, guessing])
            #expect(results.map { $0.replies[0].tokenIDs } == [expected, expected])
        }
    }

    @Test("is one of several replies, each of which is the same in a crowd, within the blocks that are reserved")
    func replies() throws {
        let local = try model(folder, dtype: .f32)
        let asked = request(text(1, count: 18), new: 60) {
            sample(&$0, seed: 3)
            $0.returnCount = 4
        }
        let alone = try scheduler(local, positions: 18 + 4 * (64 + 3 * 32) + 32).run([asked])[0].replies
        var crowd = (0 ..< 5).map { request(text(9 + $0, count: 20), new: 30) }
        crowd.insert(asked, at: 2)
        let among = try scheduler(local, passLength: 31).run(crowd)[2].replies
        #expect(alone.map(\.tokenIDs) == among.map(\.tokenIDs))
        #expect(alone.allSatisfy { $0.tokenIDs.count == 60 } && Set(alone.map(\.tokenIDs)).count == 4)
    }

    @Test("is searched with beams and by contrast as when all of it fits one pass", arguments: [true, false])
    func searches(hasBeams: Bool) throws {
        let local = try model(folder, dtype: .f32)
        let asked = request(text(6, count: 20), new: 24) {
            if hasBeams {
                $0.beamCount = 4
                $0.returnCount = 2
            } else {
                $0.contrastivePenalty = 0.5
                $0.topK = 4
            }
        }
        let whole = try scheduler(local).run([asked])[0].replies
        let pieces = try scheduler(local, passLength: 5).run([asked])[0].replies
        #expect(whole.map(\.tokenIDs) == pieces.map(\.tokenIDs))
        #expect(whole[0].tokenIDs.count == 24)
    }

    @Test("is scored with the frequencies of its whole length")
    func score() async throws {
        let local = try model(folder, dtype: .f32)
        let prompt = text(7, count: 12), continuation = text(8, count: 20)
        let logits = try local.model.allLogits(prompt: prompt + continuation, on: local.backend)
        let size = local.model.vocabularySize
        var expected = 0.0
        for (index, id) in continuation.enumerated() {
            let row = logits[(prompt.count - 1 + index) * size ..< (prompt.count + index) * size].map(Double.init)
            expected += row[Int(id)] - log(row.reduce(0) { $0 + exp($1) })
        }
        let found = try await engine(local) { $0.scheduler.cacheType = .f32 }.score(continuation, after: prompt)
        #expect(abs(Double(try #require(found.score)) - expected) < 1e-4)  // f32, twenty sums
    }
}
