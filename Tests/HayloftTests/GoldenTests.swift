import HayGeneration
import HayNN
import HayTensor
import HayWeights
import TestSupport
import Testing

@testable import Hayloft

/// The repository's own references: checkpoints of random weights and what transformers makes of them.
private let goldenFolders = Verification.folders(in: ["\(Fixtures.packageFolder)/Tests/Golden"])

@Suite("Models agree with the reference implementation")
struct GoldenTests {
    @Test(
        "on the repository's own checkpoints, in every instruction set", arguments: goldenFolders,
        CPUBackend.InstructionSet.available)
    func golden(folder: String, set: CPUBackend.InstructionSet) throws {
        let backend = CPUBackend(threadCount: 2, instructionSet: set)
        let checks = try Verification.checks(of: folder, on: backend)
        #expect(checks.count > 10)
        for check in checks {
            guard case .passed = check.outcome else {
                Issue.record("\(check)")
                continue
            }
        }
    }

    @Test(
        "on the fixtures whose architecture is supported",
        .enabled(if: Fixtures.folder != nil, "no fixtures: set HAYLOFT_FIXTURES to their folder"),
        arguments: Verification.folders(in: ["generation", "models"].map { "\(Fixtures.folder ?? "")/\($0)" }))
    func fixtures(folder: String) throws {
        let checks = try Verification.checks(of: folder, on: CPUBackend(threadCount: 2))
        var skipped: [String: Int] = [:]
        for check in checks {
            switch check.outcome {
            case .passed: break
            case .failed: Issue.record("\(folder) \(check)")
            case .skipped(let reason): skipped[reason, default: 0] += 1
            }
        }
        let reasons = skipped.sorted { $0.key < $1.key }.map { "\($1) \($0)" }.joined(separator: "; ")
        if !reasons.isEmpty { print("\(folder): \(checks.count) checks, of which skipped: \(reasons)") }
    }
}

@Suite("The same ids however the work is divided")
struct DivisionTests {
    private struct Opened {
        let local: LocalModel
        let prompt: [Int32] = (0 ..< 41).map { Int32(3 + $0 * 7 % 90) }

        init(_ folder: String, threads: Int, dtype: DType? = nil) throws {
            local = try LocalModel(folder: folder, on: CPUBackend(threadCount: threads), dtype: dtype)
        }

        func ids(pieceLength: Int = 512) throws -> [Int32] {
            var config = GenerationConfig()
            config.maxNewTokens = 60
            config.minNewTokens = 60
            var options = Scheduler.Options()
            options.passLength = pieceLength
            let request = GenerationRequest(prompt: prompt, config: config)
            return try Scheduler(local.model, options, on: local.backend).run([request])[0].replies[0].tokenIDs
        }

        func logits(pieceLength: Int = .max) throws -> [Float] {
            try local.model.allLogits(
                prompt: prompt, decoderPrompt: local.model.isEncoderDecoder ? [0] + prompt : [],
                pieceLength: pieceLength,
                on: local.backend)
        }
    }

    @Test("one and two threads give the same logits to the bit, and the same ids", arguments: goldenFolders)
    func threads(folder: String) throws {
        for dtype in [nil, DType.bf16, .int8, .int4] {
            let one = try Opened(folder, threads: 1, dtype: dtype), two = try Opened(folder, threads: 2, dtype: dtype)
            #expect(try one.logits() == two.logits())
            #expect(try one.ids() == two.ids())
        }
    }

    @Test("a prompt read at once and in pieces gives the same ids", arguments: goldenFolders, [1, 2, 7, 16])
    func pieces(folder: String, length: Int) throws {
        let opened = try Opened(folder, threads: 2)
        #expect(try opened.ids(pieceLength: length) == opened.ids())
    }

    @Test(
        "with narrow weights a prompt in pieces gives the same logits to the bit", arguments: goldenFolders,
        [DType.bf16, .int8, .int4])
    func pieceBits(folder: String, dtype: DType) throws {
        // Dynamic rope turns keys by the length of the text at the time, so there pieces are another computation.
        if folder.hasSuffix("dynamic") { return }
        let opened = try Opened(folder, threads: 2, dtype: dtype)
        #expect(try opened.logits(pieceLength: 5) == opened.logits())
    }
}
