import HayJSON
import HayTensor
import Testing

@testable import HayNN

@Suite("Rope settings")
struct RoPETests {
    let backend = CPUBackend(threadCount: 1)

    private func config(_ text: String) throws -> ModelConfig {
        try ModelConfig(JSON.parse(text), source: "config.json")
    }

    private func rope(_ text: String, dim: Int = 8, contextLength: Int = 64) throws -> RoPE {
        try RoPE(config(text), dim: dim, contextLength: contextLength, on: backend)
    }

    private func message(_ text: String, dim: Int = 8) -> String {
        do {
            _ = try rope(text, dim: dim)
            return "no error"
        } catch { return "\(error)" }
    }

    /// Frequencies and attention factor of `LlamaRotaryEmbedding` in transformers 5.23, heads of 8 values, 64 positions.
    @Test(
        "are read in every place and spelling",
        arguments: [
            (#"{}"#, [1, 0.1, 0.01, 0.001], 1),
            (#"{"rope_theta": 500.0}"#, [1, 0.2114742, 0.04472136, 0.009457416], 1),
            (
                #"{"rope_parameters": {"rope_theta": 500.0}, "rope_theta": 7.0}"#,
                [1, 0.2114742, 0.04472136, 0.009457416], 1
            ),
            (
                #"{"rope_scaling": {}, "rope_parameters": {"rope_theta": 500.0}}"#,
                [1, 0.2114742, 0.04472136, 0.009457416], 1
            ),
            (
                #"{"rope_scaling": null, "rope_parameters": {"rope_type": "default"}, "rope_theta": 500.0}"#,
                [1, 0.2114742, 0.04472136, 0.009457416], 1
            ),
            (
                #"{"rope_scaling": {"type": "linear", "factor": 2.0}, "rope_parameters": {"rope_theta": 500.0}}"#,
                [0.5, 0.05, 0.005, 0.0005], 1
            ),
            (
                #"{"rope_scaling": {"rope_type": "default", "type": "linear", "factor": 2.0}}"#, [1, 0.1, 0.01, 0.001],
                1
            ),
            (#"{"rope_scaling": {"factor": 2.0}}"#, [1, 0.1, 0.01, 0.001], 1),
            (
                #"{"rope_scaling": {"rope_type": "proportional", "partial_rotary_factor": 0.5, "factor": 2.0}}"#,
                [0.5, 0.05, 0, 0], 1
            ),
            (
                #"{"rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1, "high_freq_factor": 4}}"#,
                [1, 0.01304226, 0.00125, 0.000125], 1
            ),
            (
                #"{"rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1, "high_freq_factor": 4, "original_max_position_embeddings": 16}}"#,
                [0.5760564, 0.0125, 0.00125, 0.000125], 1
            ),
            (
                #"{"rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1, "high_freq_factor": 4, "original_max_position_embeddings": 16}, "original_max_position_embeddings": 32}"#,
                [1, 0.0125, 0.00125, 0.000125], 1
            ),
            (
                #"{"rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 4, "high_freq_factor": 1}}"#,
                [1, 0.0125, 0.00125, 0.000125], 1
            ),
            (
                #"{"rope_scaling": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16, "beta_fast": 4, "beta_slow": 0}}"#,
                [1, 0.025, 0.0025, 0.00025], 1.138629
            ),
            (
                #"{"rope_scaling": {"rope_type": "yarn", "factor": null, "original_max_position_embeddings": 16, "beta_fast": 4, "truncate": null}}"#,
                [1, 0.025, 0.0025, 0.00025], 1.138629
            ),
            (
                #"{"rope_scaling": {"rope_type": "yarn", "factor": 4.0, "mscale": 0.7, "mscale_all_dim": 0.5}}"#,
                [1, 0.0625, 0.0025, 0.00025], 1.025929
            ),
            (
                #"{"rope_scaling": {"rope_type": "yarn", "factor": 4.0, "attention_factor": 0}}"#,
                [1, 0.0625, 0.0025, 0.00025], 0
            ),
            (
                #"{"rope_scaling": {"rope_type": "longrope", "short_factor": [1, 1.5, 2, 3], "long_factor": [2, 3, 4, 5], "original_max_position_embeddings": 16}}"#,
                [1, 0.06666667, 0.005, 0.0003333333], 1.224745
            ),
            (
                #"{"rope_scaling": {"rope_type": "longrope", "short_factor": [1.5], "long_factor": [2], "factor": 8.0}}"#,
                [0.6666667, 0.06666667, 0.006666667, 0.0006666667], 1.224745
            ),
        ] as [(String, [Float], Float)])
    func places(text: String, expected: [Float], attentionFactor: Float) throws {
        let found = try RoPE.Frequencies(RoPESettings(config(text), contextLength: 64), dim: 8)
        #expect(found.values.count == expected.count)
        for (value, reference) in zip(found.values, expected) {
            #expect(abs(value - reference) <= 2e-6 * reference, "\(found.values)")  // f32, and seven digits printed
        }
        #expect(abs(found.attentionFactor - attentionFactor) < 1e-6)
    }

    @Test(
        "that make no sense are errors",
        arguments: [
            (#"{"rope_theta": -1}"#, "'rope_theta' in config.json is -1.0, expected a positive number"),
            (#"{"rope_theta": null}"#, "'rope_theta' in config.json is null, expected a number"),
            (
                #"{"rope_parameters": {"rope_theta": null}, "rope_theta": 5}"#,
                "'rope_theta' in 'rope_parameters' in config.json is null, expected a number"
            ),
            (
                #"{"rope_scaling": "linear"}"#,
                "'rope_scaling' in config.json is malformed: it is a string, expected an object"
            ),
            (#"{"rope_scaling": {"type": "linear"}}"#, "'rope_scaling' in config.json has no 'factor'"),
            (
                #"{"rope_scaling": {"type": "linear", "factor": null}}"#,
                "'factor' in 'rope_scaling' in config.json is null, expected a number"
            ),
            (
                #"{"rope_scaling": {"type": "linear", "factor": 0}}"#,
                "'factor' in 'rope_scaling' in config.json is 0.0, expected a positive number"
            ),
            (
                #"{"rope_scaling": {"type": "linear", "rope_type": null}}"#,
                "'rope_type' in 'rope_scaling' in config.json is null, expected a string"
            ),
            (#"{"rope_scaling": {"type": "yarn"}}"#, "'rope_scaling' in config.json has no 'factor'"),
            (
                #"{"rope_scaling": {"type": "yarn", "factor": 4}, "rope_theta": 1}"#,
                "'rope_theta' in 'rope_scaling' in config.json is 1, expected another number than 1 with yarn"
            ),
            (
                #"{"rope_scaling": {"type": "llama3", "factor": 4, "low_freq_factor": 1}}"#,
                "'rope_scaling' in config.json has no 'high_freq_factor'"
            ),
            (
                #"{"rope_scaling": {"type": "yarn", "factor": 4}, "original_max_position_embeddings": null}"#,
                "'original_max_position_embeddings' in config.json is null, expected a number"
            ),
            (
                #"{"rope_scaling": {"type": "longrope", "long_factor": [1, 2], "short_factor": [1]}}"#,
                "'long_factor' in 'rope_scaling' in config.json is [1,2], expected 4 positive numbers"
            ),
            (
                #"{"rope_scaling": {"type": "longrope", "long_factor": [1]}}"#,
                "'rope_scaling' in config.json has no 'short_factor'"
            ),
            (
                #"{"rope_scaling": {"type": "proportional", "partial_rotary_factor": 1e300}}"#,
                "'partial_rotary_factor' in config.json is 1e+300, expected 0 to 1"
            ),
            (
                #"{"rope_scaling": {"type": "spiral"}}"#,
                "'rope_type' in 'rope_scaling' in config.json is 'spiral', "
                    + "expected default, linear, proportional, dynamic, llama3, yarn or longrope"
            ),
        ])
    func errors(text: String, expected: String) {
        #expect(message(text) == expected)
    }

    @Test("heads turn an even number of values")
    func odd() {
        #expect(message("{}", dim: 3) == "'head_dim' in config.json is 3, expected an even number")
        #expect(message("{}") == "no error")
    }

    @Test("LongRoPE takes its long factors for texts beyond the trained length, and is told from what stretches on")
    func long() throws {
        func table(_ rope: RoPE, _ length: Int) throws -> [Float] {
            let shape = CacheShape(layerCount: 1, kvHeadCount: 1, headSize: 1)
            let cache = KVCache(in: BlockPool(shape, blockCount: 4, on: backend))
            cache.knownLength = length
            return try rope.table(for: CacheStep(advancing: cache, by: length)).array()
        }
        let factors = #""long_factor": [2], "short_factor": [1], "attention_factor": 1"#
        let long = try rope(
            #"{"rope_scaling": {"type": "longrope", "original_max_position_embeddings": 16, \#(factors)}}"#)
        let plain = try rope("{}"), halved = try rope(#"{"rope_scaling": {"type": "linear", "factor": 2}}"#)
        #expect(try table(long, 16) == table(plain, 16))
        #expect(try table(long, 17) == table(halved, 17))
        #expect(long.dependsOnTextLength && !long.stretchesWithText)
        #expect(!plain.dependsOnTextLength && !halved.dependsOnTextLength)
    }

    @Test("how much of a head turns is asked for where the settings decide it")
    func partial() throws {
        #expect(try RoPE.partialFactor(config(#"{"partial_rotary_factor": 0.5}"#)) == nil)
        let linear = #""rope_scaling": {"type": "linear", "factor": 2}"#
        #expect(try RoPE.partialFactor(config("{\(linear)}")) == 1)
        #expect(try RoPE.partialFactor(config("{\(linear), \"partial_rotary_factor\": 0.5}")) == 0.5)
    }
}
