import HayJSON
import TestSupport
import Testing

@Suite("Gemma's configurations")
struct GemmaTests {
    private func logits(_ name: String, _ settings: JSON.Object = [:], without removed: [String] = []) throws -> [Float]
    {
        try AlteredCheckpoint(name, settings, without: removed).logits()
    }

    @Test("Gemma 1 takes \"gelu\" for the formula with tanh, and has no caps")
    func gemma1() throws {
        let plain = try logits("gemma-bf16")
        #expect(try logits("gemma-bf16", ["hidden_act": "gelu_pytorch_tanh"]) == plain)
        #expect(try logits("gemma-bf16", ["final_logit_softcapping": 0.5, "query_pre_attn_scalar": 2]) == plain)
        #expect(try logits("gemma-bf16", ["hidden_act": "relu"]) != plain)
    }

    @Test("Gemma 2 has caps unless they are null, and an activation by another name than Gemma 1")
    func gemma2() throws {
        let plain = try logits("gemma2-capped-f16")
        #expect(try logits("gemma2-capped-f16", ["attn_logit_softcapping": .null]) != plain)
        #expect(try logits("gemma2-capped-f16", ["final_logit_softcapping": .null]) != plain)
        #expect(plain.allSatisfy { abs($0) < 4 })
        #expect(try logits("gemma2-capped-f16", ["hidden_act": "relu"]) == plain)
        #expect(try logits("gemma2-capped-f16", ["hidden_activation": "relu"]) != plain)
    }

    @Test("windows are on every other layer of Gemma 2, on all but some of Gemma 3, or where layer_types says")
    func windows() throws {
        let (local, global): (JSON, JSON) = ("sliding_attention", "full_attention")
        let alternating = try logits("gemma2-capped-f16", ["layer_types": [local, global, local]])
        #expect(try logits("gemma2-capped-f16") == alternating)
        let name = "gemma3-text-linear-bf16"
        let third = try logits(name, ["layer_types": [local, local, global]], without: ["sliding_window_pattern"])
        #expect(try logits(name) == third)
        let none = try logits(name, ["layer_types": [local, local, local]], without: ["sliding_window_pattern"])
        #expect(try logits(name, without: ["sliding_window_pattern"]) == none)
    }

    @Test("Gemma 3's positions have one meaning in the spellings of transformers 4 and 5")
    func positions() throws {
        let name = "gemma3-text-linear-bf16"
        let old = ["rope_theta", "rope_local_base_freq", "rope_scaling"]
        let spelled = try logits(
            name,
            [
                "rope_parameters": [
                    "full_attention": ["rope_type": "linear", "factor": 8.0, "rope_theta": 1_000_000.0],
                    "sliding_attention": ["rope_type": "default", "rope_theta": 100.0],
                ]
            ], without: old)
        #expect(try logits(name) == spelled)
        let defaults: JSON = [
            "full_attention": ["rope_type": "default", "rope_theta": 1_000_000.0],
            "sliding_attention": ["rope_type": "default", "rope_theta": 10_000.0],
        ]
        #expect(try logits(name, without: old) == logits(name, ["rope_parameters": defaults], without: old))
    }

    @Test("Gemma 3 does not apply a cap on scores, whatever its configuration says")
    func scoreCap() throws {
        let plain = try logits("gemma3-text-capped-f16")
        #expect(try logits("gemma3-text-capped-f16", without: ["attn_logit_softcapping"]) == plain)
        #expect(try logits("gemma3-text-capped-f16", without: ["final_logit_softcapping"]) != plain)
    }

    @Test(
        "what cannot be used is an error that names key and file",
        arguments: [
            ("gemma-bf16", "head_dim", 1, "1, expected an even number"),
            ("gemma-bf16", "num_attention_heads", 0, "0, expected 1 to 16777216"),
            (
                "gemma-bf16", "use_bidirectional_attention", true,
                "true, expected false, as attention to later tokens is not supported"
            ),
            ("gemma2-capped-f16", "num_key_value_heads", 3, "3, expected a divisor of 4"),
            ("gemma2-capped-f16", "sliding_window", 0, "0, expected 1 to 2147483647"),
            ("gemma2-capped-f16", "sliding_window", .null, "null, expected a number of positions"),
            ("gemma2-capped-f16", "query_pre_attn_scalar", 0, "0, expected a number above 0.0"),
            ("gemma2-capped-f16", "attn_logit_softcapping", -1, "-1, expected a number above 0.0"),
            (
                "gemma2-capped-f16", "layer_types", ["full_attention"],
                #"["full_attention"], expected sliding_attention or full_attention for each of 3 layers"#
            ),
            ("gemma3-text-linear-bf16", "sliding_window_pattern", 0, "0, expected 1 to 16777216"),
            (
                "gemma3-text-linear-bf16", "hidden_activation", "mish",
                "'mish', expected relu, silu, gelu, gelu_new or gelu_pytorch_tanh"
            ),
        ] as [(String, String, JSON, String)])
    func errors(name: String, key: String, value: JSON, problem: String) throws {
        let message = try AlteredCheckpoint(name, [key: value]).message()
        #expect(message == "'\(key)' in FOLDER/config.json is \(problem)")
    }

    @Test("the text part of a multimodal checkpoint is checked, and the place of what is wrong in it is named")
    func textPart() throws {
        let name = "gemma3-multimodal-bf16"
        let config = try #require(Fixtures.json("\(golden)/\(name)/config.json").object)
        var text = try #require(config["text_config"]?.object)
        text.append("use_bidirectional_attention", true)
        #expect(
            try AlteredCheckpoint(name, ["text_config": .object(text)]).message()
                == "'use_bidirectional_attention' in 'text_config' in FOLDER/config.json is true, expected false, "
                + "as attention to later tokens is not supported")
    }

    @Test("a multimodal checkpoint has no cap on logits, whatever its text part says")
    func multimodalCap() throws {
        let name = "gemma3-multimodal-bf16"
        let config = try #require(Fixtures.json("\(golden)/\(name)/config.json").object)
        var text = try #require(config["text_config"]?.object)
        text.append("final_logit_softcapping", 0.5)
        let capped = try logits(name, ["text_config": .object(text)])
        #expect(try logits(name) == capped)
    }
}
