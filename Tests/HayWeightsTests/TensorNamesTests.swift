import HayTensor
import TestSupport
import Testing

@testable import HayWeights

@Suite("Tensors under other names")
struct TensorNamesTests {
    @Test(
        "are found under the prefixes of other tools and classes",
        arguments: [
            "model.layers.0.mlp.weight", "layers.0.mlp.weight", "module.model.layers.0.mlp.weight",
            "_orig_mod.model.layers.0.mlp.weight", "module._orig_mod.layers.0.mlp.weight",
            "transformer.layers.0.mlp.weight", "language_model.model.layers.0.mlp.weight",
            "model.language_model.layers.0.mlp.weight", "base_model.model.model.layers.0.mlp.weight",
            "model.layers.0._orig_mod.mlp.weight", "model.model.layers.0.mlp.weight",
        ])
    func prefixes(name: String) throws {
        let names = TensorNames([name, "lm_head.weight", "vision.layers.0.mlp.weight"])
        #expect(try names.stored("model.layers.0.mlp.weight") == name)
        #expect(names.contains("model.layers.0.mlp.weight"))
    }

    @Test(
        "those of a vision tower are never taken for a text model's",
        arguments: [
            ("model.language_model.", "model.vision_tower.vision_model.encoder."),
            ("language_model.model.", "vision_tower.vision_model.encoder."), ("model.", "vision_tower."),
            ("language_model.", "model.vision_tower.transformer."),
            ("model.language_model.", "model.multi_modal_projector."),
        ])
    func multimodal(text: String, vision: String) throws {
        let weight = "layers.0.self_attn.q_proj.weight"
        let names = TensorNames([vision + weight, text + weight, "\(vision)norm.weight", "\(vision)layers.9.weight"])
        #expect(try names.stored("model.\(weight)") == text + weight)
        #expect(try names.stored("model.norm.weight") == nil)
        #expect(!names.contains("model.layers.9.weight"))
        #expect(
            TensorNames.part(of: vision + weight) == String(vision.split(separator: ".").first { $0 != "model" } ?? ""))
    }

    @Test("the head may have the prefix of the model or none")
    func head() throws {
        for name in ["lm_head.weight", "language_model.lm_head.weight", "model.lm_head.weight"] {
            #expect(try TensorNames([name]).stored("lm_head.weight") == name)
        }
    }

    @Test("are not found under prefixes that say something else, or within a name")
    func others() throws {
        let names = TensorNames(["vision_model.norm.weight", "layers.model.0.weight", "norm"])
        #expect(try names.stored("model.norm.weight") == nil)
        #expect(try names.stored("layers.0.weight") == nil)
        #expect(!names.contains("norm.weight"))
    }

    @Test("with and without 'model.' the first in the alphabet counts, as in the reference implementation")
    func both() throws {
        let names = TensorNames(["model.norm.weight", "norm.weight", "layers.0.weight", "model.layers.0.weight"])
        #expect(try names.stored("model.norm.weight") == "model.norm.weight")
        #expect(try names.stored("model.layers.0.weight") == "layers.0.weight")
        let known = TensorNames(["model.norm.weight", "language_model.norm.weight", "module.norm.weight"])
        #expect(try known.stored("model.norm.weight") == "model.norm.weight")
    }

    @Test("two names of which neither is the model's own are an error that names both")
    func ambiguous() throws {
        let folder = TemporaryFolder()
        let path = "\(folder.path)/model.safetensors"
        try SafetensorsWriter.write([("module.w", [1], [1]), ("transformer.w", [1], [2])], to: path)
        let weights = Weights(try Checkpoint(folder: folder.path), on: CPUBackend(threadCount: 1))
        #expect(weights.has("model.w"))
        do {
            _ = try weights.vector("model.w", [1])
            Issue.record("no error")
        } catch {
            #expect(
                "\(error)" == "\(path) has no tensor 'model.w', but 'module.w' and 'transformer.w', "
                    + "any of which may stand for it; rename the right one")
        }
    }

    @Test("what was found under another name is not among the tensors that nobody asked for")
    func requested() throws {
        let folder = TemporaryFolder()
        try SafetensorsWriter.write(
            [("module.w", [1], [1]), ("module.unused", [1], [2])], to: "\(folder.path)/model.safetensors")
        let checkpoint = try Checkpoint(folder: folder.path)
        #expect(try Weights(checkpoint, on: CPUBackend(threadCount: 1))["model"].vector("w", [1]).array() == [1])
        #expect(checkpoint.unrequested == ["module.unused"])
    }
}
