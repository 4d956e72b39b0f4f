import HayJSON
import HayTensor
import TestSupport
import Testing

@testable import HayNN

@Suite("Checks of model configurations")
struct ConfigCheckTests {
    private func config(_ text: String) throws -> ModelConfig {
        try ModelConfig(JSON.parse(text), source: "config.json")
    }

    private func message(_ work: () throws -> Void) -> String {
        do {
            try work()
            return "no error"
        } catch { return "\(error)" }
    }

    @Test("key-value heads have a default, are as many as heads where null, and divide them")
    func kvHeads() throws {
        let c = try config(#"{"two": 2, "none": null, "three": 3, "zero": 0}"#)
        #expect(try c.kvHeadCount("two", of: 8) == 2)
        #expect(try c.kvHeadCount("none", of: 8, default: 4) == 8)
        #expect(try c.kvHeadCount("absent", of: 8, default: 4) == 4)
        #expect(try c.kvHeadCount("absent", of: 8) == 8)
        #expect(
            message { _ = try c.kvHeadCount("three", of: 8) } == "'three' in config.json is 3, expected a divisor of 8")
        #expect(
            message { _ = try c.kvHeadCount("zero", of: 8) } == "'zero' in config.json is 0, expected 1 to 16777216")
        #expect(
            message { _ = try c.kvHeadCount("absent", of: 6, default: 4) }
                == "'absent' in config.json is 4, expected a divisor of 6")
    }

    @Test("a head's size is said or an equal part of the hidden size")
    func headSizes() throws {
        let c = try config(#"{"head_dim": 5, "hidden_size": 10, "none": null}"#)
        #expect(try c.headSize(of: 10, heads: 4) == 5)
        #expect(try c.headSize(nil, of: 12, heads: 4) == 3)
        #expect(try c.headSize("none", of: 12, heads: 4) == 3)
        #expect(
            message { _ = try c.headSize(nil, of: 10, heads: 4) }
                == "'hidden_size' in config.json is 10, expected a multiple of 4 heads")
        #expect(
            message { _ = try c.headSize(nil, of: 10, "n_embd", heads: 4) }
                == "'n_embd' in config.json is 10, expected a multiple of 4 heads")
    }

    @Test("an even number of values turns in each head, and at least two")
    func turned() throws {
        let c = try config(#"{"head_dim": 5, "part": 0.3}"#)
        #expect(try c.turnedSize(64) == 64)
        #expect(try c.turnedSize(80, part: 0.4, "part") == 32)
        #expect(try c.turnedSize(20, part: 0.21, "part") == 4, "4.2 is cut off")
        let even = "expected an even number of values to turn in each head"
        #expect(message { _ = try c.turnedSize(5) } == "'head_dim' in config.json is 5, \(even)")
        #expect(message { _ = try c.turnedSize(1, "size") } == "'size' in config.json is 1, \(even)")
        #expect(message { _ = try c.turnedSize(4, part: 0.3, "part") } == "'part' in config.json is 0.3, \(even)")
        #expect(message { _ = try c.turnedSize(4, part: 2, "x") } == "'x' in config.json is 2.0, expected 0 to 1")
        #expect(message { _ = try c.turnedSize(4, part: .nan, "x") } == "'x' in config.json is nan, expected 0 to 1")
    }

    @Test("a window is a number from 1, or none")
    func windows() throws {
        let c = try config(#"{"w": 4, "none": null, "zero": 0, "negative": -3, "text": "x"}"#)
        #expect(try c.window("w") == 4)
        #expect(try c.window("none", default: 4096) == nil)
        #expect(try c.window("absent") == nil)
        #expect(try c.window("absent", default: 4096) == 4096)
        #expect(message { _ = try c.window("zero") } == "'zero' in config.json is 0, expected 1 to 2147483647")
        #expect(message { _ = try c.window("negative") } == "'negative' in config.json is -3, expected 1 to 2147483647")
        #expect(message { _ = try c.window("text") } == "'text' in config.json is \"x\", expected an integer")
    }

    @Test("the kinds of layers are as many as layers, and known")
    func layerTypes() throws {
        let c = try config(
            #"""
            {"two": ["full_attention", "sliding_attention"], "old": ["attention", "sliding_attention"], "none": null,
             "mamba": ["full_attention", "mamba"], "mixed": ["full_attention", 3], "text": "full_attention", "no": []}
            """#)
        let allowed = ["full_attention", "sliding_attention"]
        func types(_ key: String, _ count: Int = 2, _ allowed: [String] = allowed) throws -> [String]? {
            try c.layerTypes(key, count: count, allowed: allowed)
        }
        #expect(try types("two") == ["full_attention", "sliding_attention"])
        #expect(try types("old") == ["full_attention", "sliding_attention"], "as transformers 4 named it")
        #expect(try types("none") == nil)
        #expect(try types("absent") == nil)
        let two = "full_attention or sliding_attention for each of"
        #expect(
            message { _ = try types("two", 3) }
                == #"'two' in config.json is ["full_attention","sliding_attention"], expected \#(two) 3 layers"#)
        #expect(
            message { _ = try types("mamba") }
                == #"'mamba' in config.json is ["full_attention","mamba"], expected \#(two) 2 layers"#)
        #expect(
            message { _ = try types("two", 2, ["full_attention"]) }
                == #"'two' in config.json is ["full_attention","sliding_attention"], expected full_attention for each "#
                + "of 2 layers")
        #expect(
            message { _ = try types("mixed") }
                == #"'mixed' in config.json is ["full_attention",3], expected \#(two) 2 layers"#)
        #expect(
            message { _ = try types("text") }
                == #"'text' in config.json is "full_attention", expected \#(two) 2 layers"#)
        #expect(message { _ = try types("no") } == "'no' in config.json is [], expected \(two) 2 layers")
    }

    @Test("flags of layers may be more than layers, and indices any")
    func layerLists() throws {
        let c = try config(
            #"{"f": [1, 0, 1, 1], "b": [true, false], "short": [1], "bad": [1, "x"], "n": null, "s": 3}"#)
        #expect(try c.layerFlags("f", count: 3) == [true, false, true])
        #expect(try c.layerFlags("b", count: 2) == [true, false])
        #expect(try c.layerFlags("n", count: 2) == nil)
        #expect(
            message { _ = try c.layerFlags("short", count: 2) }
                == "'short' in config.json is [1], expected 0 or 1 for each of 2 layers")
        #expect(
            message { _ = try c.layerFlags("bad", count: 1) }
                == #"'bad' in config.json is [1,"x"], expected 0 or 1 for each of 1 layers"#)
        #expect(try c.layerIndices("f") == [0, 1])
        #expect(try c.layerIndices("n") == [])
        #expect(message { _ = try c.layerIndices("s") } == "'s' in config.json is 3, expected a list of layers")
        #expect(
            message { _ = try c.layerIndices("bad") } == #"'bad' in config.json is [1,"x"], expected a list of layers"#)
    }

    @Test("caps and factors are finite, caps positive or none")
    func numbers() throws {
        let c = try config(#"{"cap": 50.0, "none": null, "zero": 0, "large": 1e39, "negative": -2}"#)
        #expect(try c.cap("cap") == 50)
        #expect(try c.cap("none", default: 30) == nil)
        #expect(try c.cap("absent", default: 30) == 30)
        #expect(try c.cap("absent") == nil)
        #expect(message { _ = try c.cap("zero") } == "'zero' in config.json is 0, expected a number above 0.0")
        #expect(try c.number("negative") == -2)
        #expect(try c.number("absent", default: 1) == 1)
        #expect(message { _ = try c.number("large") } == "'large' in config.json is 1e+39, expected a finite number")
        #expect(message { _ = try c.number("absent") } == "config.json has no 'absent'")
        #expect(try c.epsilon("absent", default: 1e-5) == 1e-5)
        #expect(
            message { _ = try c.epsilon("negative") } == "'negative' in config.json is -2.0, expected a number from 0")
    }

    @Test("a key is found under the first of its spellings that is there")
    func spellings() throws {
        let c = try config(#"{"num_experts": 4, "n_embd": null}"#)
        #expect(c.spelling("num_local_experts", "num_experts") == "num_experts")
        #expect(c.spelling("n_embd", "hidden_size") == "n_embd")
    }

    @Test("activations by every spelling of transformers' that means one of them")
    func activations() throws {
        let spellings: [(Activation, [String])] = [
            (.relu, ["relu"]), (.silu, ["silu", "swish"]), (.gelu, ["gelu", "gelu_python"]),
            (.geluTanh, ["gelu_new", "gelu_pytorch_tanh", "gelu_fast", "gelu_accurate", "gelu_python_tanh"]),
        ]
        for (activation, names) in spellings {
            for name in names { #expect(try config(#"{"a": "\#(name)"}"#).activation("a") == activation) }
        }
        #expect(try config("{}").activation(default: "gelu_new") == .geluTanh)
        #expect(
            message { _ = try config(#"{"hidden_act": "quick_gelu"}"#).activation() }
                == "'hidden_act' in config.json is 'quick_gelu', expected relu, silu, gelu, gelu_new or gelu_pytorch_tanh"
        )
    }
}

@Suite("Configurations of multimodal checkpoints")
struct TextPartTests {
    private func config(_ text: String) throws -> ModelConfig {
        try ModelConfig(JSON.parse(text), source: "config.json")
    }

    @Test("have a text part, whose ties are those of the outer object")
    func textPart() throws {
        let outer = #""model_type": "gemma3", "vision_config": {}"#
        for (text, tied) in [
            (#"{\#(outer), "text_config": {"model_type": "t", "tie_word_embeddings": false}}"#, true),
            (#"{\#(outer), "text_config": {"model_type": "t"}}"#, true),
            (
                #"{"tie_word_embeddings": false, "text_config": {"model_type": "t", "tie_word_embeddings": true}}"#,
                false
            ),
        ] {
            let c = try config(text)
            #expect(c.hasTextPart)
            let part = try c.textPart
            #expect(try part["model_type"] == "t")
            #expect(try part["tie_word_embeddings"] == tied)
            #expect(part.value("vision_config") == nil)
            #expect(part.source == "'text_config' in config.json")
        }
    }

    @Test("that are none are their own text part")
    func plain() throws {
        let c = try config(#"{"model_type": "llama", "text_config": null, "a": 1}"#)
        #expect(!c.hasTextPart)
        #expect(try c.textPart.members == c.members)
        #expect(try c.includingText.members == c.members)
    }

    @Test("whose text part is no object are an error")
    func malformed() throws {
        let c = try config(#"{"text_config": [1]}"#)
        do {
            _ = try c.textPart
            Issue.record("no error")
        } catch {
            #expect("\(error)" == "'text_config' in config.json is malformed: it is an array, expected an object")
        }
    }

    @Test("have options of generation at either level, the outer ones first")
    func options() throws {
        let c = try config(
            #"{"eos_token_id": null, "bos_token_id": 2, "text_config": {"eos_token_id": [1, 106], "bos_token_id": 7}}"#)
        let all = try c.includingText
        #expect(try all.tokenIDs("eos_token_id") == [1, 106])
        #expect(try all.tokenIDs("bos_token_id") == [2])
        #expect(all.source == "config.json")
        let added = try c.adding("eos_token_id", 5).adding("bos_token_id", 9)
        #expect(try added.tokenIDs("eos_token_id") == [5])
        #expect(try added.tokenIDs("bos_token_id") == [2])
    }
}
