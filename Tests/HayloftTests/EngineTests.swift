import HayGeneration
import HayModels
import HayNN
import HayTensor
import TestSupport
import Testing

@testable import Hayloft

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

@Suite("The engine serves many callers")
struct EngineTests {
    @Test("two conversations that alternate never see each other's tokens", arguments: checkpoints)
    func conversations(folder: String) async throws {
        let local = try model(folder)
        let shared = engine(local)
        let starts = [text(1, count: 40), text(1, count: 36) + text(2, count: 4)]  // one beginning, two stories
        var expected: [[[Int32]]] = []
        for start in starts {
            let alone = engine(local)
            expected.append(try await converse(alone, start))
        }
        async let one = converse(shared, starts[0])
        async let two = converse(shared, starts[1])
        #expect(try await [one, two] == expected)
    }

    private func converse(_ engine: Engine, _ start: [Int32]) async throws -> [[Int32]] {
        var text = start, replies: [[Int32]] = []
        for turn in 0 ..< 3 {
            let reply = try await engine.generate(request(text, new: 12)).replies[0].tokenIDs
            replies.append(reply)
            text += reply.prefix(10) + [Int32(30 + turn)]
            if text.count > 100 { break }
        }
        return replies
    }

    @Test(
        "a cancelled request frees what it used: in the queue, while it reads, while it writes", arguments: checkpoints)
    func cancel(folder: String) async throws {
        let local = try model(folder)
        let shared = engine(local) {
            $0.scheduler.rowLimit = 1
            $0.scheduler.prefixPositions = 0
            $0.scheduler.passLength = 1
        }
        for place in ["queue", "reading", "writing"] {
            let blocker = place == "queue" ? try shared.stream(request(text(1, count: 60), new: 60)) : nil
            let task = Task {
                for try await event in try shared.stream(request(text(2, count: 60), new: 60)) {
                    if case .began = event, place == "reading" { break }
                    if case .token = event { break }
                }
            }
            if place == "queue" { task.cancel() }
            _ = try? await task.value
            if let blocker { #expect(try await blocker.result().replies[0].tokens.count == 60) }
        }
        #expect(try await shared.generate(request([5, 6], new: 3)).replies[0].tokens.count == 3)
        #expect(await shared.usedBlockCount() == 0)
    }

    @Test("after a request is cancelled no more than the pass under way is computed", arguments: ["task", "stream"])
    func cancelLatency(way: String) async throws {
        let local = try model("\(golden)/llama-plain")
        let observed = Observed(local.model as! Llama, holdingAt: 10)
        let shared = Engine(observed, on: local.backend)
        let stream = try shared.stream(request(text(2, count: 30), new: 90))
        let reader = Task { for try await _ in stream {} }
        while observed.passes.value < 10 { await Task.yield() }
        if way == "task" { reader.cancel() } else { stream.cancel() }
        _ = try await reader.value
        observed.gate.signal()
        #expect(await shared.usedBlockCount() == 0)
        #expect(observed.passes.value == 10)
    }

    @Test("too many requests are refused, with a word to try again")
    func full() async throws {
        let local = try model("\(golden)/llama-plain")
        let observed = Observed(local.model as! Llama, holdingAt: 1)
        var options = Engine.Options()
        options.requestLimit = 2
        let shared = Engine(observed, options, on: local.backend)
        let streams = try (0 ..< 2).map { try shared.stream(request(text($0, count: 40), new: 60)) }
        #expect(throws: GenerationError.queueFull(2)) { _ = try shared.stream(request([5], new: 1)) }
        #expect("\(GenerationError.queueFull(2))" == "2 requests are under way, which is the limit; try again later")
        observed.gate.signal()
        for stream in streams { _ = try await stream.result() }
        #expect(try await shared.generate(request([5], new: 1)).replies.count == 1)
    }

    @Test("a text's score is the sum of the log-probabilities of its tokens", arguments: checkpoints)
    func score(folder: String) async throws {
        let local = try model(folder)
        let prompt = text(1, count: 20), continuation = text(2, count: 80)
        let logits = try local.model.allLogits(
            prompt: local.model.isEncoderDecoder ? prompt : prompt + continuation,
            decoderPrompt: local.model.isEncoderDecoder ? [local.model.decoderStartToken] + continuation : [],
            on: local.backend)
        let first = local.model.isEncoderDecoder ? 0 : prompt.count - 1
        var sum = 0.0
        for (index, id) in continuation.enumerated() {
            let row = logits[(first + index) * 96 ..< (first + index + 1) * 96].map { Double($0).exponential }
            sum += Double(logits[(first + index) * 96 + Int(id)]) - row.reduce(0, +).logarithm
        }
        // As the logits above are computed.
        let reply = try await engine(local) { $0.scheduler.cacheType = .f32 }.score(continuation, after: prompt)
        #expect(reply.tokenIDs == continuation)
        #expect(abs(Double(reply.score ?? 0) - sum) < 1e-3)
    }

    @Test("a thousand requests in random order leave nothing behind")
    func thousandInFlatMemory() async throws {
        let local = try model("\(bundled)/tiny-zephyr")
        let shared = engine(local) { $0.requestLimit = 20_000 }
        let prompts = (0 ..< 20).map { text($0, count: 5 + 7 * $0) }
        let configs = (0 ..< 20).map { index in
            request(prompts[index], new: 8) { if index % 4 == 3 { sample(&$0, seed: UInt64(index)) } }
        }
        var expected: [[Int32]] = []
        for asked in configs { expected.append(try await shared.generate(asked).replies[0].tokenIDs) }
        var random = SeededRandom(seed: 5)
        let order = (0 ..< (Fixtures.runsLongTests ? 10_000 : 1000)).map { _ in Int(random.uniform() * 20) }
        let answers = expected
        let memory = MemoryWatch()
        for start in stride(from: 0, to: order.count, by: 250) {
            let part = order[start ..< start + 250]
            let wrong = try await withThrowingTaskGroup(of: Bool.self) { group in
                for index in part {
                    group.addTask { try await shared.generate(configs[index]).replies[0].tokenIDs != answers[index] }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(wrong == 0)
            memory.note()
        }
        #expect(memory.growth < 16 << 20)
        shared.forgetPrefixes()
        #expect(await shared.usedBlockCount() == 0)
    }
}
