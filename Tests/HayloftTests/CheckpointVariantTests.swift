import HayJSON
import HayNN
import HayTensor
import HayWeights
import TestSupport
import Testing

@testable import Hayloft

/// A golden checkpoint under other names and with another configuration, whose logits are known all the same.
private struct Variant {
    let folder = TemporaryFolder()
    let golden: String

    /// Copies a checkpoint whose weights are one file.
    ///
    /// - Parameters:
    ///   - settings: what config.json says besides; of members that stand twice the last counts.
    ///   - rename: the new name of a tensor.
    init(_ name: String, _ settings: JSON.Object = [:], rename: (String) -> String = { $0 }) throws {
        golden = "\(Fixtures.packageFolder)/Tests/Golden/\(name)"
        var config = try #require(Fixtures.json("\(golden)/config.json").object)
        for (key, value) in settings { config.append(key, value) }
        folder.write(JSON.object(config).text(), to: "config.json")
        let bytes = try #require(Fixtures.bytes("\(golden)/model.safetensors"))
        let size = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = try #require(JSON.parse(Array(bytes[8 ..< 8 + size])).object)
        let renamed = JSON.Object(header.map { ($0 == "__metadata__" ? $0 : rename($0), $1) })
        let text = Array(JSON.object(renamed).text().utf8)
        let length = withUnsafeBytes(of: UInt64(text.count).littleEndian, Array.init)
        folder.write(length + text + bytes[(8 + size)...], to: "model.safetensors")
    }

    /// The logits of the third prompt.
    func logits(_ local: LocalModel) throws -> [Float] {
        let expected = try Fixtures.json("\(golden)/expected.json")
        func ids(_ key: String) -> [Int32] {
            (expected[key]?.array?[2].array ?? []).compactMap { $0.int.map(Int32.init) }
        }
        return try local.model.allLogits(
            prompt: ids("prompts"), decoderPrompt: ids("decoder_prompts"), on: local.backend)
    }

    /// The largest difference of the logits from those of the golden checkpoint.
    func gap(_ local: LocalModel) throws -> Float {
        let reference = try TensorFile("\(golden)/expected.safetensors").floats("prompt_2.logits").values
        let found = try logits(local)
        #expect(found.count == reference.count)
        return zip(found, reference).reduce(0) { max($0, abs($1.0 - $1.1)) }
    }

    func open() throws -> LocalModel { try LocalModel(folder: folder.path, on: CPUBackend(threadCount: 2)) }
}

private func dropping(_ prefix: String, _ name: String) -> String {
    name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
}

@Suite("Checkpoints as people have them")
struct CheckpointVariantTests {
    @Test(
        "have other names before their tensors",
        arguments: [
            "", "module.", "module._orig_mod.model.", "language_model.", "model.language_model.", "transformer.",
        ])
    func prefixes(prefix: String) throws {
        let variant = try Variant("llama-plain") { prefix + dropping("model.", $0) }
        let local = try variant.open()
        #expect(try variant.gap(local) < 1e-4)
        #expect(local.checkpoint.unrequested == [])
        let encoderDecoder = try Variant("t5-relu-tied") { prefix + $0 }
        #expect(try encoderDecoder.gap(encoderDecoder.open()) < 1e-4)
    }

    @Test("have a head of their own though the configuration ties it")
    func ownHead() throws {
        let variant = try Variant("llama-plain", ["tie_word_embeddings": true])
        #expect(try variant.gap(variant.open()) < 1e-4)
    }

    @Test(
        "have the embeddings of T5 under any of their names",
        arguments: ["encoder.embed_tokens", "decoder.embed_tokens", "lm_head"])
    func embeddings(name: String) throws {
        let variant = try Variant("t5-relu-tied") { $0 == "shared.weight" ? "\(name).weight" : $0 }
        #expect(try variant.gap(variant.open()) < 1e-4)
    }

    @Test("have been saved again by transformers 5, which says of T5's scale by a name of its own")
    func savedAgain() throws {
        let variant = try Variant(
            "t5-gated-untied-f16",
            [
                "tie_word_embeddings": true, "scale_decoder_outputs": false, "is_gated_act": true,
                "dense_act_fn": "gelu_new", "feed_forward_proj": "gated-gelu",
            ])
        #expect(try variant.gap(variant.open()) < 1e-4)
        let scaled = try Variant("t5-relu-tied", ["tie_word_embeddings": false, "scale_decoder_outputs": true])
        #expect(try scaled.gap(scaled.open()) < 1e-4)
    }

    @Test("mT5 never scales what its decoder gives, whatever the configuration says of ties")
    func mT5() throws {
        let variant = try Variant(
            "t5-gated-untied-f16",
            ["model_type": "mt5", "tie_word_embeddings": true, "scale_decoder_outputs": true])
        #expect(try variant.gap(variant.open()) < 1e-4)
    }

    @Test("have biases that the configuration does not announce, which count for nothing")
    func biases() throws {
        let path = "Tests/Golden/llama-plain/model.safetensors"
        let file = try TensorFile("\(Fixtures.packageFolder)/\(path)")
        let names = ["model.layers.0.self_attn.q_proj.bias", "model.layers.1.mlp.down_proj.bias"]
        let tensors = try file.names.map { name in
            let (shape, values) = try file.floats(name)
            return (name: name, shape: shape, values: values)
        }
        let biases = names.map { (name: $0, shape: [48], values: [Float](repeating: 1, count: 48)) }
        let variant = try Variant("llama-plain")
        try SafetensorsWriter.write(tensors + biases, to: "\(variant.folder.path)/model.safetensors")
        let local = try variant.open()
        #expect(try variant.gap(local) < 1e-4)
        #expect(local.checkpoint.unrequested == names)
        let announced = try Variant("llama-plain", ["attention_bias": true, "mlp_bias": true])
        try SafetensorsWriter.write(tensors + biases, to: "\(announced.folder.path)/model.safetensors")
        let other = try announced.open()
        #expect(try announced.gap(other) > 0.1)
        #expect(other.checkpoint.unrequested == [])
    }

    @Test(
        "are multimodal, with a text part that alone is loaded",
        arguments: [("model.language_model.", "model."), ("language_model.model.", "")], [true, false])
    func multimodal(prefixes: (text: String, vision: String), namesText: Bool) throws {
        let variant = try Variant("mistral-sliding")
        let file = try TensorFile("\(variant.golden)/model.safetensors")
        let tensors = try file.names.map { name in
            let (shape, values) = try file.floats(name)
            let stored = name == "lm_head.weight" ? name : prefixes.text + dropping("model.", name)
            return (name: stored, shape: shape, values: values)
        }
        let vision = ["vision_tower.layers.0.self_attn.q_proj.weight", "vision_tower.norm.weight", "projector.weight"]
            .map { (name: prefixes.vision + $0, shape: [48], values: [Float](repeating: 1, count: 48)) }
        try SafetensorsWriter.write(tensors + vision, to: "\(variant.folder.path)/model.safetensors")
        var text = try #require(Fixtures.json("\(variant.golden)/config.json").object)
        if !namesText { text = JSON.Object(text.filter { key, _ in key != "model_type" }) }
        let config: JSON = [
            "model_type": "mistral3", "text_config": .object(text), "vision_config": ["hidden_size": 8],
            "tie_word_embeddings": false, "eos_token_id": 9,
        ]
        variant.folder.write(config.text(), to: "config.json")
        let local = try variant.open()
        #expect(try variant.gap(local) < 1e-4)
        #expect(local.checkpoint.unrequested == vision.map(\.name).sorted())
        #expect(
            local.leftAside
                == "\(variant.folder.path) is a multimodal checkpoint (mistral3) of which the text model is "
                + "loaded; left aside are projector (1 tensor), vision_tower (2 tensors)")
        #expect(try Variant("mistral-sliding").open().leftAside == nil)
    }

    @Test("are multimodal without a text part, or with one that is not read, which is an error that says so")
    func unreadText() throws {
        func message(_ settings: JSON.Object) -> String {
            do {
                let variant = try Variant("mistral-sliding", settings)
                do { _ = try variant.open() } catch {
                    return "\(error)".replacing(variant.folder.path, with: "FOLDER")
                }
                return "no error"
            } catch { return "\(error)" }
        }
        #expect(message(["model_type": "mistral3"]) == "FOLDER/config.json has no 'text_config'")
        #expect(
            message(["model_type": "mistral3", "text_config": ["model_type": "other"]]).hasPrefix(
                "'text_config' in FOLDER/config.json has the model_type 'other', which is not supported; supported are")
        )
    }

    @Test("have a Mistral's layers of which some see the whole text")
    func layerTypes() throws {
        let sliding = try Variant("mistral-sliding", ["layer_types": ["sliding_attention", "sliding_attention"]])
        #expect(try sliding.gap(sliding.open()) < 1e-4)
        let full = try Variant("mistral-sliding", ["layer_types": ["full_attention", "full_attention"]])
        let windowless = try Variant("mistral-sliding", ["sliding_window": .null])
        #expect(try full.logits(full.open()) == windowless.logits(windowless.open()))
        let short = try Variant("mistral-sliding", ["layer_types": ["sliding_attention"]])
        do {
            _ = try short.open()
            Issue.record("no error")
        } catch {
            #expect(
                "\(error)" == "'layer_types' in \(short.folder.path)/config.json is [\"sliding_attention\"], "
                    + "expected sliding_attention or full_attention for each of 2 layers")
        }
    }

    @Test("have a Qwen's windows by layer_types or by max_window_layers")
    func qwenWindows() throws {
        let types: JSON = ["full_attention", "sliding_attention", "sliding_attention"]
        let named = try Variant("qwen2-windows-bf16", ["max_window_layers": 28, "layer_types": types])
        #expect(try named.gap(named.open()) < 1e-4)
        let unused = try Variant("qwen2-windows-bf16", ["use_sliding_window": false])
        #expect(try unused.gap(unused.open()) > 0.1)
        let contradicted = try Variant("qwen2-windows-bf16", ["use_sliding_window": false, "layer_types": types])
        do {
            _ = try contradicted.open()
            Issue.record("no error")
        } catch {
            #expect(
                "\(error)" == "'layer_types' in \(contradicted.folder.path)/config.json is [\"full_attention\","
                    + "\"sliding_attention\",\"sliding_attention\"], expected full_attention for each of 3 layers")
        }
    }

    @Test("may be quantized by a method that is not read, which the error names, or only say so")
    func otherQuantization() throws {
        let said = try Variant("mixtral-bf16", ["quantization_config": ["quant_method": "bitsandbytes"]])
        #expect(try said.gap(said.open()) < 1e-4)
        let asked = try Variant(
            "mixtral-bf16", ["quantization_config": ["quant_method": "awq"], "intermediate_size": 64])
        do {
            _ = try asked.open()
            Issue.record("no error")
        } catch {
            let file = "\(asked.folder.path)/config.json"
            #expect(
                "\(error)".hasPrefix(
                    "\(file) says that the checkpoint is quantized by 'awq', which is not supported; use one in bf16 (tensor '"
                ))
        }
    }

    @Test("have a UMT5 that says its embeddings are not tied, which scales what its decoder gives all the same")
    func untiedUMT5() throws {
        let untied = try Variant("umt5-gated-f16", ["tie_word_embeddings": false])
        #expect(try untied.gap(untied.open()) < 1e-4)
    }

    @Test("have a SmolLM3's layers without positions by a list or by an interval")
    func smolLM3Positions() throws {
        let listed = try Variant("smollm3-windows-bf16", ["no_rope_layer_interval": 4, "no_rope_layers": [1, 0, 1]])
        #expect(try listed.gap(listed.open()) < 1e-4)
        let longer = try Variant("smollm3-windows-bf16", ["no_rope_layers": [1, 0, 1, 0]])
        #expect(try longer.gap(longer.open()) < 1e-4)
        let other = try Variant("smollm3-windows-bf16", ["no_rope_layers": [1, 1, 0]])
        #expect(try other.gap(other.open()) > 0.1)
    }

    @Test("have a SmolLM3's windows by layer_types, or else where layers have no positions")
    func smolLM3Windows() throws {
        let types: JSON = ["full_attention", "sliding_attention", "full_attention"]
        let named = try Variant("smollm3-windows-bf16", ["use_sliding_window": false, "layer_types": types])
        #expect(try named.gap(named.open()) < 1e-4)
        let unused = try Variant("smollm3-windows-bf16", ["use_sliding_window": false])
        #expect(try unused.gap(unused.open()) > 0.1)
    }

    @Test("are quantized and opened again under the names that they have")
    func quantized() throws {
        let variant = try Variant("llama-plain") { "module." + $0 }
        let output = TemporaryFolder()
        try FolderQuantizer(variant.open(), to: .int8).write(to: output.path) { _, _ in }
        let local = try LocalModel(folder: output.path, on: CPUBackend(threadCount: 2))
        #expect(local.checkpoint.names.allSatisfy { $0.hasPrefix("module.") })
        #expect(try variant.gap(local) < 0.3, "8 bits a value")
    }
}
