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
                #"{"rope_scaling": {"type": "longrope", "long_factor": [1, 2, 0, 4], "short_factor": [1]}}"#,
                "'long_factor' in 'rope_scaling' in config.json is [1,2,0,4], expected 4 positive numbers"
            ),
            (
                #"{"rope_scaling": {"type": "longrope", "long_factor": [1, 2, 1e300, 4], "short_factor": [1]}}"#,
                "'long_factor' in 'rope_scaling' in config.json is [1,2,1e+300,4], expected 4 positive numbers"
            ),
            (
                #"{"rope_scaling": {"type": "longrope", "long_factor": 1, "short_factor": [1]}}"#,
                "'long_factor' in 'rope_scaling' in config.json is 1, expected 4 positive numbers"
            ),
            (
                #"{"rope_scaling": {"type": "longrope", "long_factor": [1], "short_factor": [1], "original_max_position_embeddings": 0}}"#,
                "'original_max_position_embeddings' in 'rope_scaling' in config.json is 0.0, expected a number from 1"
            ),
            (
                #"{"rope_scaling": {"type": "longrope", "long_factor": [1], "short_factor": [1], "original_max_position_embeddings": 1}}"#,
                "'rope_type' in 'rope_scaling' in config.json is 'longrope' with others, "
                    + "expected settings that give finite frequencies"
            ),
            (
                #"{"rope_scaling": {"type": "llama3", "factor": 8, "low_freq_factor": 4, "high_freq_factor": 4, "original_max_position_embeddings": 1e300}, "original_max_position_embeddings": 0.5}"#,
                "'original_max_position_embeddings' in config.json is 0.5, expected a number from 1"
            ),
            (
                #"{"rope_scaling": {"type": "yarn", "factor": 4, "attention_factor": 1e300}}"#,
                "'rope_type' in 'rope_scaling' in config.json is 'yarn' with others, "
                    + "expected settings that give finite frequencies"
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

    @Test("a trained length that is not a number is an error")
    func notANumber() throws {
        let config = try ModelConfig(
            [
                "original_max_position_embeddings": .double(.nan),
                "rope_scaling": ["type": "longrope", "long_factor": [1], "short_factor": [1]],
            ], source: "config.json")
        #expect(
            throws: ConfigError.outOfRange(
                key: "original_max_position_embeddings", file: "config.json", expected: "a number from 1", found: "nan")
        ) { try RoPE(config, dim: 8, contextLength: 64, on: backend) }
    }

    @Test("kinds of layers have settings of their own, and older files scale the layers with full attention")
    func layerTypes() throws {
        func values(_ text: String, _ layerType: String) throws -> [Float] {
            let settings = try RoPESettings(config(text), layerType: layerType, contextLength: 64, base: 500)
            return try RoPE.Frequencies(settings, dim: 2 * 2).values
        }
        let both = #"{"rope_parameters": {"full_attention": {"rope_theta": 100}, "sliding_attention": null}}"#
        #expect(try values(both, "full_attention") == RoPE.Frequencies.plain(base: 100, dim: 4))
        #expect(try values(both, "sliding_attention") == RoPE.Frequencies.plain(base: 500, dim: 4))
        let old = #"{"rope_theta": 7, "rope_scaling": {"rope_type": "linear", "factor": 2}}"#
        #expect(try values(old, "full_attention") == RoPE.Frequencies.plain(base: 500, dim: 4).map { $0 / 2 })
        #expect(try values(old, "sliding_attention") == RoPE.Frequencies.plain(base: 500, dim: 4))
        #expect(
            throws: ConfigError.malformed(
                file: "'full_attention' in 'rope_parameters' in config.json",
                reason: "it is an integer, expected an object")
        ) { try values(#"{"rope_parameters": {"full_attention": 3}}"#, "full_attention") }
    }

    @Test("a part of a head turns, which has to be even unless it is rounded up, as no whole, factors or ramp can be")
    func turnedPart() throws {
        func count(_ text: String, _ headSize: Int, roundsUp: Bool = false) throws -> Int {
            try RoPESettings(config(text), contextLength: 64, partialFactor: 0.25)
                .turnedCount(headSize: headSize, roundsUp: roundsUp)
        }
        #expect(try count("{}", 16) == 4)
        #expect(try count(#"{"partial_rotary_factor": 0.5}"#, 20) == 10)
        #expect(try count(#"{"rope_parameters": {"partial_rotary_factor": 0.4}}"#, 80) == 32)
        #expect(try count(#"{"partial_rotary_factor": 0.5}"#, 10, roundsUp: true) == 5)
        let key = "partial_rotary_factor", yarn = #", "rope_scaling": {"type": "yarn"}"#
        for (part, rest, headSize, roundsUp) in [
            ("0.5", "", 10, false), ("0.5", yarn, 10, true), ("0.0", "", 16, true),
        ] {
            #expect(
                throws: ConfigError.outOfRange(
                    key: key, file: "config.json", expected: "an even part of \(headSize) values", found: part)
            ) { try count(#"{"partial_rotary_factor": \#(part)\#(rest)}"#, headSize, roundsUp: roundsUp) }
        }
        #expect(
            throws: ConfigError.outOfRange(key: "head_dim", file: "config.json", expected: "an even number", found: "9")
        ) { try count(#"{"partial_rotary_factor": 1}"#, 9, roundsUp: true) }
        #expect(
            throws: ConfigError.outOfRange(key: key, file: "config.json", expected: "0 to 1", found: "1.5")
        ) { try count(#"{"partial_rotary_factor": 1.5}"#, 16) }
    }

    @Test("settings have other names in some classes, beside the object that holds the common ones")
    func ownNames() throws {
        func settings(_ text: String) throws -> RoPESettings {
            try RoPESettings(
                config(text), contextLength: 64, partialFactor: 0.25, baseKey: "rotary_emb_base",
                partialKey: "rotary_pct")
        }
        let own = #""rotary_emb_base": 500, "rotary_pct": 0.5, "rope_theta": 7, "partial_rotary_factor": 0.75"#
        let read = try settings("{\(own)}")
        #expect(read.base == 500)
        #expect(try read.partialFactor == 0.5)
        let both = #"{\#(own), "rope_parameters": {"rope_theta": 9, "partial_rotary_factor": 1}}"#
        #expect(try settings(both).base == 9)
        #expect(try settings(both).partialFactor == 1)
        #expect(
            throws: ConfigError.outOfRange(key: "rotary_pct", file: "config.json", expected: "0 to 1", found: "3.0")
        ) { try settings(#"{"rotary_pct": 3}"#).turnedCount(headSize: 8) }
        #expect(
            throws: ConfigError.outOfRange(
                key: "rotary_emb_base", file: "config.json", expected: "a positive number", found: "-1.0")
        ) { try settings(#"{"rotary_emb_base": -1}"#) }
    }

    @Test("of an odd part of a head the next value turns too, at the frequencies of the odd number")
    func oddPart() throws {
        let backend = CPUBackend(threadCount: 1)
        let settings = try RoPESettings(config("{}"), contextLength: 64, base: 100, partialFactor: 0.25)
        let rope = try RoPE(settings, headSize: 12, roundsUp: true, on: backend)
        let step = CacheStep(on: backend)
        let pool = BlockPool(CacheShape(layerCount: 1, kvHeadCount: 1, headSize: 12), blockCount: 1, on: backend)
        step.add(KVCache(in: pool), row: 0, count: 2)
        step.commit()
        let table = rope.table(for: step)
        #expect(table.shape == [2, 4])
        // The cosines of 1 and 100^(-2/3), then their sines.
        let expected: [Float] = [0.5403023, 0.9989230, 0.8414710, 0.0463992]
        for (found, value) in zip(try table.array()[4...], expected) { #expect(abs(found - value) < 1e-6) }  // f32
    }

    @Test("how much of a head turns is asked for where the settings decide it")
    func partial() throws {
        #expect(try RoPE.partialFactor(config(#"{"partial_rotary_factor": 0.5}"#)) == nil)
        let linear = #""rope_scaling": {"type": "linear", "factor": 2}"#
        #expect(try RoPE.partialFactor(config("{\(linear)}")) == 1)
        #expect(try RoPE.partialFactor(config("{\(linear), \"partial_rotary_factor\": 0.5}")) == 0.5)
    }
}
