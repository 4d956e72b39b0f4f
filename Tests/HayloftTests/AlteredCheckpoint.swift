import HayJSON
import HayNN
import HayTensor
import TestSupport
import Testing

@testable import Hayloft

/// A golden checkpoint whose config.json has other members.
struct AlteredCheckpoint {
    private let folder = TemporaryFolder()
    private let golden: String

    /// Copies a checkpoint whose weights are one file.
    ///
    /// - Parameters:
    ///   - settings: what config.json says instead.
    ///   - removed: members that it lacks.
    init(_ name: String, _ settings: JSON.Object = [:], without removed: [String] = []) throws {
        golden = "\(Fixtures.packageFolder)/Tests/Golden/\(name)"
        let config = try #require(Fixtures.json("\(golden)/config.json").object)
        let kept = config.filter { key, _ in settings[key] == nil && !removed.contains(key) }
        folder.write(JSON.object(JSON.Object(kept + Array(settings))).text(), to: "config.json")
        folder.write(try #require(Fixtures.bytes("\(golden)/model.safetensors")), to: "model.safetensors")
    }

    private func open() throws -> LocalModel { try LocalModel(folder: folder.path, on: CPUBackend(threadCount: 2)) }

    /// The logits of the last prompt, which is the longest, token after token.
    func logits() throws -> [Float] {
        let local = try open()
        let prompt = try #require(Fixtures.json("\(golden)/expected.json")["prompts"]?.array?.last?.array)
        return try local.model.allLogits(
            prompt: prompt.compactMap { $0.int.map(Int32.init) }, decoderPrompt: [], on: local.backend)
    }

    /// The error of opening it, with FOLDER for where it is.
    func message() -> String {
        do {
            _ = try open()
            return "no error"
        } catch { return "\(error)".replacing(folder.path, with: "FOLDER") }
    }
}
