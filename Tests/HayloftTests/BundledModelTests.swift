import HayGeneration
import HayJSON
import HayTensor
import TestSupport
import Testing

@testable import Hayloft

/// A reply to a prompt's ids, and the pieces that it came in.
private func reply(
    _ local: LocalModel, _ prompt: [Int32], stop: [String] = []
) async throws -> (pieces: [String], TextReply) {
    var config = local.generationDefaults
    config.stopStrings = stop
    var pieces: [String] = []
    var reply: TextReply?
    for try await event in try TextEngine(local).stream(GenerationRequest(prompt: prompt, config: config)) {
        if case .text(let piece, _) = event { pieces.append(piece) }
        if case .reply(let whole) = event { reply = whole }
    }
    return (pieces, try #require(reply))
}

/// How many of the examples are answered right, asked all at once.
private func rightAnswers(
    _ local: LocalModel, _ examples: [JSON], _ prompt: (JSON) throws -> [Int32]
) async throws -> Int {
    let engine = try TextEngine(local)
    let streams = try examples.map {
        try engine.stream(GenerationRequest(prompt: prompt($0), config: local.generationDefaults))
    }
    var right = 0
    for (stream, example) in zip(streams, examples) {
        if try await stream.result().replies.first?.text == example["answer"]?.string { right += 1 }
    }
    return right
}

/// A share of the examples that a bundled model was measured on; all of them where HAYLOFT_LONG_TESTS is set.
private func examples(_ model: String) throws -> [JSON] {
    let lines = String(decoding: Fixtures.bytes("\(bundled)/\(model)/evaluation.jsonl") ?? [], as: UTF8.self)
        .split(separator: "\n")
    let step = Fixtures.runsLongTests ? 1 : 10
    return try stride(from: 0, to: lines.count, by: step).map { try JSON.parse(String(lines[$0])) }
}

@Suite("The bundled models")
struct BundledModelTests {
    @Test("tiny-flan-t5 answers questions that it was never trained on")
    func flan() async throws {
        let local = try LocalModel(folder: "\(bundled)/tiny-flan-t5", on: CPUBackend())
        let all = try examples("tiny-flan-t5")
        #expect(all.count >= 100)
        let tokenizer = try local.tokenizer.get()
        let right = try await rightAnswers(local, all) { tokenizer.encode($0["prompt"]?.string ?? "") }
        #expect(Double(right) >= 0.95 * Double(all.count), "\(right) of \(all.count)")
    }

    @Test("tiny-zephyr answers in conversations that it was never trained on")
    func zephyr() async throws {
        let local = try LocalModel(folder: "\(bundled)/tiny-zephyr", on: CPUBackend())
        let chat = try ChatPrompt(local.tokenizer.get(), folder: local.folder)
        let all = try examples("tiny-zephyr")
        #expect(all.count >= 100)
        let right = try await rightAnswers(local, all) { try chat.ids($0["messages"] ?? .null, tools: $0["tools"]) }
        #expect(Double(right) >= 0.95 * Double(all.count), "\(right) of \(all.count)")
    }

    @Test("the pieces of a reply are the reply")
    func pieces() async throws {
        let local = try LocalModel(folder: "\(bundled)/tiny-flan-t5", on: CPUBackend())
        let (pieces, whole) = try await reply(local, local.tokenizer.get().encode("Write 347 in words."))
        #expect(pieces.count > 1 && pieces.joined() == whole.text)
        #expect(whole.reply.finishReason == .stop && !whole.reply.hasStopText)
        #expect(whole.reply.tokenIDs.last == local.generationDefaults.eosTokenIDs.first)
    }

    @Test("a stop text ends a reply and is not part of it")
    func stop() async throws {
        let local = try LocalModel(folder: "\(bundled)/tiny-flan-t5", on: CPUBackend())
        let prompt = try local.tokenizer.get().encode("Write 347 in words.")
        let whole = try await reply(local, prompt).1.text
        let middle = whole.index(whole.startIndex, offsetBy: whole.count / 2)
        let stopText = String(whole[middle...].prefix(3))
        let (pieces, cut) = try await reply(local, prompt, stop: [stopText])
        let expected = whole.firstRange(of: stopText).map { String(whole[..<$0.lowerBound]) }
        #expect(cut.text == expected && pieces.joined() == expected)
        #expect(cut.reply.finishReason == .stop && cut.reply.hasStopText && cut.stopText == stopText)
    }

    @Test("a stop text ends beams as it ends a reply, and several replies come apart")
    func beams() async throws {
        let local = try LocalModel(folder: "\(bundled)/tiny-flan-t5", on: CPUBackend())
        let engine = try TextEngine(local)
        var request = GenerationRequest(
            prompt: engine.tokenizer.encode("Write 347 in words."), config: local.generationDefaults)
        request.config.beamCount = 4
        request.config.returnCount = 3
        let plain = try await engine.generate(request)
        #expect(plain.replies.map(\.reply.index) == [0, 1, 2])
        #expect(plain.replies[0].text == "three hundred forty-seven")
        #expect((plain.replies[0].reply.score ?? 0) > (plain.replies[1].reply.score ?? 0))
        request.config.stopStrings = ["dred fo"]
        let cut = try await engine.generate(request)
        #expect(cut.replies[0].text == "three hun" && cut.replies[0].reply.hasStopText)
    }

    @Test("the likelier of two texts has the higher score")
    func score() async throws {
        let local = try LocalModel(folder: "\(bundled)/tiny-flan-t5", on: CPUBackend())
        let engine = try TextEngine(local)
        let right = try await engine.score("three hundred forty-seven", after: "Write 347 in words.")
        let wrong = try await engine.score("three hundred forty-six", after: "Write 347 in words.")
        #expect((right.score ?? 0) > -1 && (wrong.score ?? 0) < -2)
    }

    @Test("a text's score is of the tokens that prompt and text have together")
    func scoredTokens() async throws {
        let engine = try TextEngine(LocalModel(folder: "\(bundled)/tiny-zephyr", on: CPUBackend()))
        for (prompt, text) in [("one tw", "o three"), ("12", "34"), ("Hello", " there")] {
            let whole = engine.tokenizer.encode(prompt + text)
            let scored = try await engine.score(text, after: prompt).tokenIDs
            #expect(!scored.isEmpty && whole.suffix(scored.count).elementsEqual(scored))
        }
    }

    @Test("a special token may be a stop text")
    func specialStop() async throws {
        let engine = try TextEngine(LocalModel(folder: "\(bundled)/tiny-zephyr", on: CPUBackend()))
        let chat = try ChatPrompt(engine.tokenizer, folder: engine.local.folder)
        var request = GenerationRequest(
            prompt: try chat.ids([["role": "user", "content": "Write 42 in words."]]),
            config: engine.local.generationDefaults)
        let plain = try await engine.generate(request).replies[0]
        let last = try #require(plain.reply.tokenIDs.last)
        let end = try #require(engine.tokenizer.token(of: last))
        request.config.eosTokenIDs = []
        request.config.maxNewTokens = 40
        request.config.stopStrings = [end]
        let stopped = try await engine.generate(request).replies[0]
        #expect(stopped.reply.tokenIDs == plain.reply.tokenIDs && stopped.reply.hasStopText)
        #expect(stopped.text == plain.text)
    }
}
