import HayGeneration
import HayJSON
import HayModels
import HayNN
import HayTensor
import HayWeights
import TestSupport
import Testing

@testable import Hayloft

@Suite("Configurations of GPT-2, GPT-NeoX, Phi and Phi 3")
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

    @Test("GPT-2 writes to the end of its positions and never beyond, however it searches")
    func end() throws {
        let local = try model("\(golden)/gpt2-plain-bf16", dtype: .f32)
        #expect(local.model.contextLength == 128)
        let prompt = text(3, count: 100)
        var requests = [
            request(prompt, new: 90), request(prompt, new: 90) { $0.promptLookupTokens = 9 },
            request(prompt, new: 90) { $0.beamCount = 3 }, request(prompt, new: 90) { sample(&$0, seed: 1) },
            request(prompt, new: 90),
        ]
        requests[4].assistant = local.model
        for result in try Scheduler(local.model, on: local.backend).run(requests) {
            #expect(result.replies[0].tokenIDs.count == 28)
            #expect(result.replies[0].finishReason == .length)
        }
        #expect(throws: GenerationError.promptTooLong(tokens: 128, contextLength: 128)) {
            try Scheduler(local.model, on: local.backend).run([request(text(3, count: 128), new: 1)])
        }
        #expect(throws: GenerationError.promptTooLong(tokens: 129, contextLength: 128)) {
            try local.model.allLogits(prompt: text(3, count: 129), on: local.backend)
        }
        #expect(try local.model.allLogits(prompt: text(3, count: 128), on: local.backend).allSatisfy(\.isFinite))
    }

    @Test("GPT-NeoX that cannot be")
    func gptNeoX() throws {
        func message(_ settings: JSON.Object) throws -> String {
            try self.message("gpt-neox-parallel-bf16", settings)
        }
        expect(
            try message(["num_attention_heads": 5]),
            "'hidden_size' in config.json is 48, expected a multiple of 5 heads")
        expect(
            try message(["num_attention_heads": 48]),
            "'rotary_pct' in config.json is 0.5, expected an even part of 1 values")
        expect(
            try message(["rotary_pct": 1, "num_attention_heads": 16]),
            "'head_dim' in config.json is 3, expected an even number")
        expect(try message(["rotary_pct": 1.5]), "'rotary_pct' in config.json is 1.5, expected 0 to 1")
        expect(
            try message(["rotary_pct": 0]),
            "'rotary_pct' in config.json is 0.0, expected an even part of 12 values")
        expect(
            try message(["rotary_emb_base": 0]), "'rotary_emb_base' in config.json is 0.0, expected a positive number")
        expect(
            try message(["rope_scaling": ["type": "ntk"]]),
            "'rope_type' in 'rope_scaling' in config.json is 'ntk', expected default, linear, proportional, dynamic, "
                + "llama3, yarn or longrope")
        expect(try message(["rope_theta": "none", "partial_rotary_factor": 7]), "no error")
    }

    @Test("Phi that cannot be")
    func phi() throws {
        func message(_ settings: JSON.Object) throws -> String { try self.message("phi-partial-bf16", settings) }
        expect(
            try message(["num_key_value_heads": 3]),
            "'num_key_value_heads' in config.json is 3, expected a divisor of 4")
        expect(
            try message(["num_attention_heads": 5]),
            "'num_key_value_heads' in config.json is 2, expected a divisor of 5")
        expect(try message(["head_dim": 0]), "'head_dim' in config.json is 0, expected 1 to 16777216")
        expect(
            try message(["head_dim": 1]),
            "'partial_rotary_factor' in config.json is 0.5, expected an even part of 1 values")
        expect(try message(["qk_layernorm": 1]), "'qk_layernorm' in config.json is 1, expected true or false")
    }

    @Test("Phi 3 that cannot be")
    func phi3() throws {
        func message(_ settings: JSON.Object) throws -> String { try self.message("phi3-longrope-f16", settings) }
        expect(try message(["sliding_window": 0]), "'sliding_window' in config.json is 0, expected 1 to 2147483647")
        expect(
            try message(["rope_scaling": ["type": "linear", "factor": 2]]),
            "'rope_type' in config.json is 'linear', expected default or longrope")
        expect(
            try message(["rope_scaling": ["type": "su", "short_factor": [1, 1, 1], "long_factor": [1, 1, 1, 1]]]),
            "'short_factor' in 'rope_scaling' in config.json is [1,1,1], expected 4 positive numbers")
        expect(
            try message(["rope_scaling": ["type": "yarn"]]), "'rope_scaling' in config.json has no 'long_factor'")
        expect(
            try message(["original_max_position_embeddings": 0]),
            "'original_max_position_embeddings' in config.json is 0.0, expected a number from 1")
        expect(
            try message(["original_max_position_embeddings": 1]),
            "'rope_type' in 'rope_scaling' in config.json is 'longrope' with others, expected settings that give finite "
                + "frequencies")
        expect(
            try message(["head_dim": 9, "rope_scaling": .null]),
            "'head_dim' in config.json is 9, expected an even number")
        expect(
            try message(["num_key_value_heads": 0]), "'num_key_value_heads' in config.json is 0, expected 1 to 16777216"
        )
    }

    @Test("LongRoPE's trained length is not read from the settings, but 4096 where it does not stand beside them")
    func trainedLength() throws {
        let members = try #require(Fixtures.json("\(golden)/phi3-longrope-f16/config.json").object)
        let others = members.filter { $0.0 != "original_max_position_embeddings" && $0.0 != "rope_scaling" }
        let factors: JSON = [1, 1, 1, 1]
        let config = JSON.Object(
            others + [
                (
                    "rope_parameters",
                    [
                        "rope_type": "longrope", "short_factor": factors, "long_factor": factors,
                        "original_max_position_embeddings": 24,
                    ]
                )
            ])
        let weights = Weights(
            try Checkpoint(folder: "\(golden)/phi3-longrope-f16"), on: CPUBackend(threadCount: 1))
        let model = try Architectures.load(weights, ModelConfig(.object(config), source: "config.json"))
        #expect(model.rereadLength == 4096)
    }
}
