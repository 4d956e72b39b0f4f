import HayGeneration
import HayJSON
import HayTensor
import TestSupport
import Testing

@testable import Hayloft

private let bundled = "\(Fixtures.packageFolder)/Models/Bundled"

/// A reply to a prompt's ids, and the pieces that it came in.
private func reply(_ local: LocalModel, _ prompt: [Int32], stop: [String] = []) throws -> (
    pieces: [String], TextGeneration
) {
    var config = local.generationDefaults
    config.stopStrings = stop
    let generation = try TextGeneration(local, prompt: prompt, config)
    var pieces: [String] = []
    while let piece = try generation.next() { pieces.append(piece) }
    return (pieces, generation)
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
    func flan() throws {
        let local = try LocalModel(folder: "\(bundled)/tiny-flan-t5", on: CPUBackend())
        let all = try examples("tiny-flan-t5")
        #expect(all.count >= 100)
        var right = 0
        for example in all {
            let prompt = try local.tokenizer.get().encode(example["prompt"]?.string ?? "")
            if try reply(local, prompt).1.text == example["answer"]?.string { right += 1 }
        }
        #expect(Double(right) >= 0.95 * Double(all.count), "\(right) of \(all.count)")
    }

    @Test("tiny-zephyr answers in conversations that it was never trained on")
    func zephyr() throws {
        let local = try LocalModel(folder: "\(bundled)/tiny-zephyr", on: CPUBackend())
        let chat = try ChatPrompt(local.tokenizer.get(), folder: local.folder)
        let all = try examples("tiny-zephyr")
        #expect(all.count >= 100)
        var right = 0
        for example in all {
            let prompt = try chat.ids(example["messages"] ?? .null, tools: example["tools"])
            if try reply(local, prompt).1.text == example["answer"]?.string { right += 1 }
        }
        #expect(Double(right) >= 0.95 * Double(all.count), "\(right) of \(all.count)")
    }

    @Test("the pieces of a reply are the reply")
    func pieces() throws {
        let local = try LocalModel(folder: "\(bundled)/tiny-flan-t5", on: CPUBackend())
        let (pieces, generation) = try reply(local, local.tokenizer.get().encode("Write 347 in words."))
        #expect(pieces.count > 1 && pieces.joined() == generation.text)
        #expect(generation.finishReason == .stop)
        #expect(generation.tokenIDs.last == local.generationDefaults.eosTokenIDs.first)
    }

    @Test("a stop text ends a reply and is not part of it")
    func stop() throws {
        let local = try LocalModel(folder: "\(bundled)/tiny-flan-t5", on: CPUBackend())
        let prompt = try local.tokenizer.get().encode("Write 347 in words.")
        let whole = try reply(local, prompt).1.text
        let middle = whole.index(whole.startIndex, offsetBy: whole.count / 2)
        let stopText = String(whole[middle...].prefix(3))
        let (pieces, generation) = try reply(local, prompt, stop: [stopText])
        let expected = whole.firstRange(of: stopText).map { String(whole[..<$0.lowerBound]) }
        #expect(generation.text == expected && pieces.joined() == expected)
        #expect(generation.finishReason == .stop)
    }
}
