import HayJSON
import HayTensor
import TestSupport
import Testing

@testable import HayNN

/// Random settings with what transformers 5.23 computes for them; `make_rope_cases.py` wrote them.
@Suite("Rope of every family")
struct RoPECaseTests {
    struct Case: CustomStringConvertible {
        let json: JSON

        var family: String { json["family"]?.string ?? "" }
        var description: String { "\(family) \(json["layer"]?.string ?? "") \(json["config"]?.description ?? "")" }

        func numbers(_ key: String) -> [Float] { (json[key]?.array ?? []).compactMap(\.double).map(Float.init) }

        /// As the model file of the family asks for them.
        func settings() throws -> RoPESettings {
            let config = try ModelConfig(json["config"] ?? .null, source: "config.json")
            let length: Int = try config["max_position_embeddings"]
            switch family {
            case "phi": return try RoPESettings(config, contextLength: length, partialFactor: 0.5)
            case "stablelm": return try RoPESettings(config, contextLength: length, partialFactor: 0.25)
            case "gpt_neox":
                return try RoPESettings(
                    config, contextLength: length, base: config["rotary_emb_base", default: 10_000],
                    partialFactor: config["rotary_pct", default: 0.25])
            case "phi3":
                return try RoPESettings(
                    config, contextLength: length, trainedLength: 4096,
                    renaming: ["su": "longrope", "yarn": "longrope"])
            case "gpt_oss":
                return try RoPESettings(
                    config, contextLength: length, base: 150_000,
                    standard: [
                        "rope_type": "yarn", "factor": 32.0, "beta_fast": 32.0, "beta_slow": 1.0, "truncate": false,
                        "original_max_position_embeddings": 4096,
                    ])
            case "ministral3":
                return try RoPESettings(
                    config, contextLength: length,
                    standard: [
                        "type": "yarn", "rope_theta": 1_000_000.0, "factor": 16.0, "beta_fast": 32.0, "beta_slow": 1.0,
                        "original_max_position_embeddings": 16_384, "mscale": 1.0, "mscale_all_dim": 1.0,
                    ])
            case "gemma3" where json["layer"]?.string == "full_attention":
                return try RoPESettings(
                    config, layerType: "full_attention", contextLength: length,
                    base: config["rope_theta", default: 1_000_000])
            case "gemma3":
                return try RoPESettings(
                    config, layerType: "sliding_attention", contextLength: length,
                    base: config["rope_local_base_freq", default: 10_000])
            default: return try RoPESettings(config, contextLength: length)
            }
        }
    }

    static let cases: [Case] = {
        let path = "\(Fixtures.packageFolder)/Tests/HayNNTests/rope_cases.json"
        let list = Fixtures.bytes(path).flatMap { bytes in try? bytes.withUnsafeBytes { try JSON.parse($0) } }
        return (list?.array ?? []).map(Case.init)
    }()

    @Test("there are cases of eight families")
    func count() { #expect(Set(Self.cases.map(\.family)).count == 8 && Self.cases.count >= 100) }

    @Test("frequencies are the reference's, in short texts and in long ones", arguments: cases)
    func frequencies(_ reference: Case) throws {
        let backend = CPUBackend(threadCount: 1)
        let rope = try RoPE(
            reference.settings(), headSize: reference.json["head_size"]?.int ?? 0, on: backend)
        expectClose(try rope.frequencies(ofLength: 1).array(), reference.numbers("frequencies"))
        let length = reference.json["length"]?.int ?? 0
        expectClose(try rope.frequencies(ofLength: length).array(), reference.numbers("long_frequencies"))
        let factor = reference.json["attention_factor"]?.double.map(Float.init) ?? .nan
        expectClose([rope.attentionFactor], [factor])
    }

    /// Some units of the last place of f32: the order of some products differs.
    private func expectClose(_ found: [Float], _ expected: [Float]) {
        #expect(found.count == expected.count)
        for (value, reference) in zip(found, expected) {
            #expect(abs(value - reference) <= 5e-7 * reference, "\(found), \(expected)")
        }
    }
}
