import HayJSON
import HayModels
import HayNN
import HayTensor
import HayWeights
import TestSupport
import Testing

@testable import Hayloft

@Suite("Configurations of GPT-2")
struct GPTConfigurationTests {
    /// What is wrong with a golden checkpoint whose config.json says something else.
    private func message(_ name: String, _ settings: JSON.Object) throws -> String {
        let members = try #require(Fixtures.json("\(golden)/\(name)/config.json").object)
        let changed = JSON.Object(Array(members) + Array(settings))  // of members that stand twice the last counts
        let weights = Weights(try Checkpoint(folder: "\(golden)/\(name)"), on: CPUBackend(threadCount: 1))
        do {
            _ = try Architectures.load(weights, ModelConfig(.object(changed), source: "config.json"))
            return "no error"
        } catch { return "\(error)" }
    }

    private func expect(
        _ found: String, _ expected: String, _ location: SourceLocation = #_sourceLocation
    ) {
        #expect(found == expected, sourceLocation: location)
    }

    @Test("GPT-2 that cannot be")
    func gpt2() throws {
        func message(_ settings: JSON.Object) throws -> String { try self.message("gpt2-plain-bf16", settings) }
        expect(try message(["n_head": 5]), "'n_embd' in config.json is 32, expected a multiple of 5 heads")
        expect(try message(["hidden_size": 30]), "'hidden_size' in config.json is 30, expected a multiple of 4 heads")
        expect(try message(["n_head": 0]), "'n_head' in config.json is 0, expected 1 to 16777216")
        expect(try message(["n_layer": 5000]), "'n_layer' in config.json is 5000, expected 1 to 4096")
        expect(try message(["n_positions": 0]), "'n_positions' in config.json is 0, expected 1 to 16777216")
        expect(try message(["n_inner": 0]), "'n_inner' in config.json is 0, expected 1 to 16777216")
        expect(
            try message(["n_embd": 16_777_216]), "'n_inner' in config.json is 67108864, expected 1 to 16777216")
        expect(
            try message(["layer_norm_epsilon": -1]),
            "'layer_norm_epsilon' in config.json is -1.0, expected a number from 0")
        expect(
            try message(["scale_attn_weights": "no"]),
            "'scale_attn_weights' in config.json is \"no\", expected true or false")
        expect(
            try message(["activation_function": "mish"]),
            "'activation_function' in config.json is 'mish', expected relu, silu, gelu, gelu_new or gelu_pytorch_tanh")
        #expect(try message(["n_positions": 127]).contains("'transformer.wpe.weight'"))
    }
}
