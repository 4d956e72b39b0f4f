import HayGeneration
import HayJSON
import HayModels
import HayNN
import HayTensor
import HayWeights
import TestSupport
import Testing

/// A golden checkpoint of an architecture, opened with a configuration in which a member was changed.
private struct Subject: CustomTestStringConvertible {
    let type: String
    let testDescription: String
    private let checkpoint: Checkpoint
    private let config: JSON.Object
    private let backend = CPUBackend(threadCount: 1)

    /// The first golden folder of a `model_type`. mT5 is T5 under another name.
    init(_ type: String) throws {
        let folders = Fixtures.entries(of: "\(Fixtures.packageFolder)/Tests/Golden")
        let configs = folders.compactMap { folder in
            (try? Fixtures.json("\(folder)/config.json").object).map { (folder, $0) }
        }
        let wanted = type == "mt5" ? "t5" : type
        let found = try #require(
            configs.first { $1["model_type"]?.string == wanted }, "no golden checkpoint of \(type)")
        self.type = type
        testDescription = type
        checkpoint = try Checkpoint(folder: found.0)
        var members = JSON.Object(found.1.map { ($0, $0 == "model_type" ? .string(type) : $1) })
        if type.hasPrefix("qwen") { members.append("use_sliding_window", true) }
        config = members
    }

    /// The members that the language model reads.
    var members: JSON.Object { config["text_config"]?.object ?? config }

    /// The model of the changed configuration.
    func open(_ changes: [(String, JSON)]) throws -> any LanguageModel {
        var changed = members
        for (key, value) in changes { changed.append(key, value) }
        var outer = changed
        if config["text_config"] != nil {
            outer = config
            outer.append("text_config", .object(changed))
        }
        return try Architectures.load(
            Weights(checkpoint, on: backend), ModelConfig(.object(outer), source: "config.json"))
    }

    /// Opens a changed configuration and, if nothing is wrong with it, runs a short text.
    func run(_ changes: [(String, JSON)]) throws {
        let model = try open(changes)
        _ = try model.allLogits(prompt: [3, 4, 5, 6, 7, 8, 9, 10, 11], decoderPrompt: [0, 3, 4], on: backend)
    }

    /// The keys of sizes.
    var sizeKeys: [String] {
        if ["t5", "mt5", "umt5"].contains(type) {
            return ["vocab_size", "d_model", "d_kv", "d_ff", "num_layers", "num_decoder_layers", "num_heads"]
        }
        if type == "gpt2" { return ["vocab_size", "n_embd", "n_layer", "n_head", "n_positions", "n_inner"] }
        return [
            "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
            "max_position_embeddings",
        ] + (type == "gpt_neox" ? [] : ["num_key_value_heads"])
    }

    /// What `open` throws for a value: the key and the file of the `ConfigError`, or what else came of it.
    func outcome(_ key: String, _ value: JSON) -> String {
        do {
            _ = try open([(key, value)])
            return "no error"
        } catch let error as ConfigError {
            switch error {
            case .missing(let key, let file), .wrongKind(let key, let file, _, _), .outOfRange(let key, let file, _, _):
                return file.hasSuffix("config.json") ? key : "no file: \(error)"
            default: return "no key: \(error)"
            }
        } catch { return "no error of the configuration: \(error)" }
    }
}

/// Values that a key does not take in some architectures, and the key that the error names.
private struct Refusal: CustomTestStringConvertible {
    let types: [String]
    let key: String
    let values: [JSON]
    let namedKey: String
    var testDescription: String { "\(key) of \(types.joined(separator: ", "))" }

    /// - Parameters:
    ///   - types: the architectures, separated by spaces.
    ///   - key: the member that is changed.
    ///   - values: a JSON array of the values that it gets.
    ///   - namedKey: the key that the error names, if another.
    init(_ types: String, _ key: String, _ values: String, naming namedKey: String? = nil) throws {
        self.types = types.split(separator: " ").map(String.init)
        self.key = key
        self.values = try #require(JSON.parse(values).array)
        self.namedKey = namedKey ?? key
    }
}

private let grouped =
    "llama mistral qwen2 qwen3 qwen2_moe qwen3_moe gemma gemma2 gemma3_text phi3 mixtral gpt_oss olmo2 smollm3 granite "
    + "starcoder2 stablelm ministral3"
private let rotary = "\(grouped) phi"
private let namedHeads = "llama mistral qwen3 qwen3_moe gemma gemma2 gemma3_text gpt_oss ministral3"
private let windowed =
    "mistral qwen2 qwen3 qwen2_moe qwen3_moe gemma2 gemma3_text phi3 mixtral gpt_oss smollm3 starcoder2"
private let typed = "mistral qwen2 qwen3 qwen2_moe gemma2 gemma3_text gpt_oss smollm3"

private let scaled =
    "llama mistral qwen2 qwen3 qwen2_moe qwen3_moe gemma gemma2 mixtral gpt_oss olmo2 smollm3 granite starcoder2 stablelm "
    + "phi gpt_neox"

private let refusals: [Refusal] = {
    do {
        return try [
            Refusal(grouped, "num_key_value_heads", "[3, 5, 8]"),
            Refusal("llama gemma2 qwen3 gpt_oss", "num_attention_heads", "[3, 7]", naming: "num_key_value_heads"),
            Refusal("smollm3 granite starcoder2 stablelm olmo2 phi3", "hidden_size", "[30, 33]"),
            Refusal("gpt_neox", "hidden_size", "[30, 33]"),
            Refusal("gpt2", "n_embd", "[30, 33]"),
            Refusal(namedHeads, "head_dim", "[1, 7, 0, -2, \"8\"]"),
            Refusal("smollm3 granite starcoder2 olmo2", "head_dim", "[1, 7, 0, -2, \"8\"]"),
            Refusal("stablelm phi phi3", "partial_rotary_factor", "[0.0, 0.1, 1.01, -0.5, 1e300, \"0.5\"]"),
            Refusal("gpt_neox", "rotary_pct", "[0.0, 0.01, 1.01, -0.5, 1e300, \"0.5\"]"),
            Refusal(windowed, "sliding_window", "[0, -1, 1.5, \"7\", 1e30, [7], true]"),
            Refusal(
                typed, "layer_types",
                #"[[], ["full_attention"], ["full_attention", "full_attention", "full_attention", "full_attention"],"#
                    + #" "full_attention", 3, [1, 2, 3], ["full", "full", "full"], [null, null], {}]"#),
            Refusal(
                scaled, "rope_scaling", #"[{"rope_theta": 0}, {"rope_theta": -1e4}, {"rope_theta": "x"}]"#,
                naming: "rope_theta"),
            Refusal(scaled, "rope_scaling", #"[{"rope_type": "odd"}, {"rope_type": 3}]"#, naming: "rope_type"),
            Refusal(
                scaled, "rope_scaling",
                #"[{"type": "linear"}, {"type": "linear", "factor": 0}, {"type": "yarn", "factor": -2}]"#,
                naming: "factor"),
            Refusal(
                "llama mistral qwen2 qwen3 qwen2_moe qwen3_moe mixtral olmo2 smollm3 granite starcoder2",
                "rope_scaling",
                #"[{"type": "linear", "factor": 2, "partial_rotary_factor": 0.5}]"#, naming: "partial_rotary_factor"),
            Refusal("mixtral gpt_oss", "num_local_experts", "[0, -1, 1.5, \"8\", 99999999999]"),
            Refusal("qwen2_moe qwen3_moe", "num_experts", "[-1, 1.5, \"8\", 99999999999]"),
            Refusal(
                "mixtral gpt_oss qwen2_moe qwen3_moe", "num_experts_per_tok", "[0, -1, 7, 9223372036854775807, 1.5]"),
            Refusal("qwen2_moe qwen3_moe", "moe_intermediate_size", "[0, -1, \"20\"]"),
            Refusal("qwen2_moe", "shared_expert_intermediate_size", "[-1, \"20\"]"),
            Refusal("qwen2_moe qwen3_moe", "decoder_sparse_step", "[0, -1]"),
            Refusal("qwen2_moe qwen3_moe", "mlp_only_layers", "[3, [\"0\"], {}]"),
            Refusal("gpt_oss", "swiglu_limit", "[\"7\", -1.0, 1e300]"),
            Refusal("smollm3", "no_rope_layers", "[[], [1], [1, 0], [1, 0, \"1\"], [1, 0.5, 1], 3, {}]"),
            Refusal("smollm3", "no_rope_layer_interval", "[0, -1, 1.5, \"4\"]"),
            Refusal("granite", "logits_scaling", "[0, 0.0, 1e300, \"8\", true]"),
            Refusal("granite", "embedding_multiplier", "[1e300, -1e300, \"12\", []]"),
            Refusal("granite", "residual_multiplier", "[1e300, \"1\"]"),
            Refusal("granite", "attention_multiplier", "[1e300, \"1\"]"),
            Refusal("gemma2 gemma3_text", "query_pre_attn_scalar", "[0, -4, 1e300, \"20\"]"),
            Refusal("gemma2", "attn_logit_softcapping", "[0.0, -1.0, \"50\"]"),
            Refusal("gemma2", "final_logit_softcapping", "[0.0, -1.0, \"30\"]"),
            Refusal(
                "ministral3", "rope_parameters", #"[{"llama_4_scaling_beta": "x", "rope_type": "default"}]"#,
                naming: "llama_4_scaling_beta"),
            Refusal("t5 mt5 umt5", "relative_attention_num_buckets", "[0, -8, \"8\"]"),
            Refusal("t5 mt5 umt5", "relative_attention_max_distance", "[0, -1, 1.5, 4]"),
            Refusal(
                "t5 mt5 umt5", "relative_attention_num_buckets", "[1, 2, 1000]",
                naming: "relative_attention_max_distance"),
            Refusal("t5 mt5 umt5", "feed_forward_proj", "[\"gated\", \"relu-gated\", \"\", 3]"),
            Refusal("t5 mt5 umt5", "layer_norm_epsilon", "[-1e-6, \"x\", 1e300]"),
            Refusal(
                "llama mistral qwen2 qwen3 olmo2 smollm3 granite mixtral phi3", "rms_norm_eps", "[-1, \"x\", 1e300]"),
            Refusal("stablelm phi gpt_neox", "layer_norm_eps", "[-1, \"x\", 1e300]"),
            Refusal("starcoder2", "norm_epsilon", "[-1, \"x\", 1e300]"),
            Refusal("gpt2", "layer_norm_epsilon", "[-1, \"x\", 1e300]"),
            Refusal(rotary, "tie_word_embeddings", "[0, 1, \"true\", []]"),
            Refusal(
                "llama mistral qwen2 qwen3 olmo2 smollm3 granite starcoder2 stablelm phi phi3", "hidden_act",
                "[\"mish\", \"\", 3, {}]"),
            Refusal("gpt2", "activation_function", "[\"mish\", \"\", 3, {}]"),
        ]
    } catch {
        Issue.record(error)
        return []
    }
}()

@Suite("Hostile and odd configurations of every architecture")
struct HostileConfigurationTests {
    private static let subjects = Architectures.modelTypes

    @Test("name the key and the file of a size that is none", arguments: subjects)
    func sizes(type: String) throws {
        let subject = try Subject(type)
        let values = try #require(
            JSON.parse(
                #"[0, -1, 16777217, 9223372036854775807, -9223372036854775808, 1e300, 123456789012345678901234567890,"#
                    + #" NaN, Infinity, 1.5, "8", true, [8], {}]"#
            ).array)
        for key in subject.sizeKeys {
            for value in values { #expect(subject.outcome(key, value) == key, "\(key) \(value)") }
        }
    }

    @Test("name the key and the file of a value that it does not take", arguments: refusals)
    private func refusal(_ refusal: Refusal) throws {
        let types = refusal.types.filter(Architectures.modelTypes.contains)
        #expect(!types.isEmpty, "no architecture of these is known")
        for type in types {
            let subject = try Subject(type)
            for value in refusal.values {
                #expect(subject.outcome(refusal.key, value) == refusal.namedKey, "\(type): \(value)")
            }
        }
    }

    /// Keys that a configuration may have beside those of the golden checkpoints.
    private static let otherKeys = [
        "head_dim", "num_key_value_heads", "rope_theta", "rope_scaling", "rope_parameters", "partial_rotary_factor",
        "original_max_position_embeddings", "layer_types", "sliding_window", "use_sliding_window", "max_window_layers",
        "hidden_act", "rms_norm_eps", "attention_bias", "no_rope_layers", "text_config", "mlp_only_layers",
    ]
    /// One of these stands for each key in turn.
    private static let oddValues = """
        [null, true, false, 0, 1, -1, 2, 3, 5, 1.5, -0.5, 1e30, -1e30, 1e308, NaN, -Infinity, 2147483648, 4294967297,
        9223372036854775807, -9223372036854775808, 100000000000000000000, "", "8", "gelu", "default", [], [0], [1, 1, 1],
        ["full_attention"], ["sliding_attention", "sliding_attention", "sliding_attention"], {}, {"rope_type": "yarn"},
        {"rope_type": "yarn", "factor": 1e300, "rope_theta": 1e-300}, {"rope_type": "linear", "factor": 0},
        {"rope_type": "dynamic", "factor": 1e308}, {"type": "su"}, {"rope_type": "llama3", "factor": -1},
        {"rope_type": "longrope", "short_factor": [], "long_factor": [1e-300], "factor": NaN},
        {"full_attention": {"rope_type": "default"}, "sliding_attention": 3}]
        """

    @Test("are refused with a typed error or run, whatever a key holds", arguments: subjects)
    func anything(type: String) throws {
        let subject = try Subject(type)
        let values = try #require(JSON.parse(Self.oddValues).array)
        try subject.run([])
        let keys = Array(Set(subject.members.keys + subject.sizeKeys + Self.otherKeys)).sorted()
        for key in keys where key != "model_type" {
            for value in values { try runOrRefuse(subject, [(key, value)]) }
        }
        var random = SplitMix(seed: 7)
        for _ in 0 ..< 300 {
            try runOrRefuse(
                subject,
                (0 ..< 3).map { _ in (keys.randomElement(using: &random)!, values.randomElement(using: &random)!) })
        }
    }

    @Test("ask for the tensors, and for no memory, where all sizes are as large as they may be", arguments: subjects)
    func largest(type: String) throws {
        let subject = try Subject(type)
        let experts = ["num_experts", "num_local_experts", "moe_intermediate_size", "shared_expert_intermediate_size"]
        let changes = (subject.sizeKeys + experts).map { key in
            (key, JSON.int(key.contains("layers") || key == "n_layer" ? 4096 : 1 << 24))
        }
        // Lists with an entry for each layer.
        let lists = ["layer_types", "no_rope_layers"].filter { subject.members[$0] != nil }.map { ($0, JSON.null) }
        try runOrRefuse(subject, changes + lists)
    }

    private func runOrRefuse(_ subject: Subject, _ changes: [(String, JSON)]) throws {
        do { try subject.run(changes) } catch {
            #expect(
                error is ConfigError || error is CheckpointError || error is GenerationError, "\(changes): \(error)")
        }
    }
}
