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
        let opened = try Opened(folder, threads: 2, dtype: dtype)
        // Where keys turn by the length of the text at the time, pieces are another computation.
        if !opened.local.model.sharesPrefixes, !opened.local.model.isEncoderDecoder { return }
        #expect(try opened.logits(pieceLength: 5) == opened.logits())
    }

    @Test("a text has the same ids alone and in a batch of 8", arguments: goldenFolders, [DType.bf16, .int8, .int4])
    func batch(folder: String, dtype: DType) throws {
        let local = try model(folder, dtype: dtype)
        let requests = (0 ..< 8).map { request(text($0, count: 5 + 4 * $0), new: 24) }
        let together = try Scheduler(local.model, on: local.backend).run(requests)
        for (asked, found) in zip(requests, together) {
            let alone = try Scheduler(local.model, on: local.backend).run([asked])[0]
            #expect(found.replies.map(\.tokenIDs) == alone.replies.map(\.tokenIDs))
        }
    }

    /// Bounds of HayWeights/README.md.
    @Test(
        "narrow weights move logits by no more than is said of their type", arguments: goldenFolders,
        [(DType.bf16, 0.015), (.int8, 0.1), (.int4, 0.5)])
    func narrowWeights(folder: String, type: (dtype: DType, bound: Double)) throws {
        let exact = try Opened(folder, threads: 2, dtype: .f32).logits().map(Double.init)
        let found = try Opened(folder, threads: 2, dtype: type.dtype).logits().map(Double.init)
        let mean = exact.reduce(0, +) / Double(exact.count)
        let spread = exact.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let moved = zip(exact, found).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        #expect((moved / spread).squareRoot() <= type.bound)
    }
}
