import HayJSON
import TestSupport
import Testing

@Suite("The configurations of gpt-oss")
struct GPTOSSTests {
    private let name = "gpt-oss-bf16"

    private func logits(_ settings: JSON.Object = [:], without removed: [String] = []) throws -> [Float] {
        try AlteredCheckpoint(name, settings, without: removed).logits()
    }

    @Test("windows are on every other layer from the first on, or where layer_types says")
    func windows() throws {
        let (local, global): (JSON, JSON) = ("sliding_attention", "full_attention")
        #expect(try logits(["layer_types": [local, global, local]]) == logits())
        #expect(try logits(["layer_types": [global, local, global]]) != logits())
    }

    @Test("positions have one meaning in the spellings of transformers 4 and 5, and defaults of their own")
    func positions() throws {
        let spelled = try logits(
            [
                "rope_theta": 100.0,
                "rope_scaling": [
                    "rope_type": "yarn", "factor": 8.0, "original_max_position_embeddings": 24, "beta_fast": 3.0,
                    "truncate": false,
                ],
            ], without: ["rope_parameters"])
        #expect(try logits() == spelled)
        let defaults: JSON = [
            "rope_type": "yarn", "rope_theta": 150_000.0, "factor": 32.0, "beta_fast": 32.0, "beta_slow": 1.0,
            "truncate": false, "original_max_position_embeddings": 4096,
        ]
        #expect(try logits(without: ["rope_parameters"]) == logits(["rope_parameters": defaults]))
    }

    @Test("the count of experts has two spellings")
    func expertCount() throws {
        #expect(try logits(["num_experts": 5], without: ["num_local_experts"]) == logits())
    }

    @Test(
        "what cannot be used is an error that names key and file",
        arguments: [
            ("num_local_experts", 0, "0, expected 1 to 65536"),
            ("num_experts_per_tok", 0, "0, expected 1 to 16777216"),
            ("num_experts_per_tok", 6, "6, expected 1 to 5"),
            ("num_key_value_heads", 3, "3, expected a divisor of 4"),
            ("head_dim", 1, "1, expected an even number"),
            ("sliding_window", 0, "0, expected 1 to 2147483647"),
            ("sliding_window", .null, "null, expected a number of positions"),
            ("swiglu_limit", -1, "-1, expected a number above 0.0"),
            (
                "layer_types", ["full_attention"],
                #"["full_attention"], expected sliding_attention or full_attention for each of 3 layers"#
            ),
            (
                "quantization_config", ["quant_method": "mxfp4"],
                #"{"quant_method":"mxfp4"}, expected none: experts in MXFP4 are not supported, "#
                    + "those of a checkpoint in bf16 are"
            ),
        ] as [(String, JSON, String)])
    func errors(key: String, value: JSON, problem: String) throws {
        let message = try AlteredCheckpoint(name, [key: value]).message()
        #expect(message == "'\(key)' in FOLDER/config.json is \(problem)")
    }
}
