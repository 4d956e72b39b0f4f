import HayComponents
import HayJSON
import TestSupport
import Testing

@testable import HayGeneration
@testable import Hayloft

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// An option, what else has to be said for it to count, and whether replies then differ.
private struct Effect: Sendable, CustomTestStringConvertible {
    let name: String
    let value: JSON
    var others: JSON.Object = [:]
    /// Whether the option changes replies at all: some change speed, some only what is reported.
    var changesReplies = true
    var model = "tiny-flan-t5"

    init(
        _ name: String, _ value: JSON, with others: JSON.Object = [:], changesReplies: Bool = true,
        of model: String = "tiny-flan-t5"
    ) {
        self.name = name
        self.value = value
        self.others = others
        self.changesReplies = changesReplies
        self.model = model
    }

    var testDescription: String { name }
}

private let drawing: JSON.Object = ["do_sample": true, "seed": 1, "temperature": 6.0, "top_k": 0, "max_new_tokens": 6]
private let hot: JSON.Object = ["do_sample": true, "seed": 1, "temperature": 1000.0, "top_k": 0, "max_new_tokens": 6]
/// Takes the first token of the reply away, so that the model is unsure of it.
private let unsure: JSON.Object = ["suppress_tokens": [52], "max_new_tokens": 8, "num_beams": 4]

/// The first token of the reply without options is 52.
private let lengths = [
    Effect("max_new_tokens", 2), Effect("max_length", 3), Effect("min_length", 12), Effect("min_new_tokens", 12),
    Effect("max_time", 1e-9), Effect("stop_strings", "hundred"), Effect("eos_token_id", [1, 27]),
    Effect("forced_bos_token_id", 60), Effect("forced_eos_token_id", 27, with: ["max_new_tokens": 3]),
    Effect("decoder_start_token_id", 60), Effect("decoder_input_ids", [0, 60]),
    Effect("pad_token_id", 3, changesReplies: false),
]
private let sampling = [
    Effect("do_sample", true, with: ["seed": 1, "temperature": 6.0]), Effect("seed", 2, with: drawing),
    Effect("temperature", 30.0, with: ["do_sample": true, "seed": 1, "top_k": 0, "max_new_tokens": 6]),
    Effect("top_k", 1, with: hot),
    Effect("top_p", 0.01, with: hot), Effect("min_p", 1.0, with: hot), Effect("top_h", 0.01, with: hot),
    Effect("typical_p", 0.01, with: hot), Effect("epsilon_cutoff", 0.9, with: hot),
    Effect("eta_cutoff", 0.9, with: drawing),
]
private let penalties = [
    Effect("repetition_penalty", 9.0, with: ["sequence_bias": [[[5], 60.0]], "max_new_tokens": 6]),
    Effect("encoder_repetition_penalty", 50.0),
    Effect("no_repeat_ngram_size", 1, with: ["min_new_tokens": 20]),
    Effect("encoder_no_repeat_ngram_size", 1, with: ["sequence_bias": [[[16], 100.0]], "max_new_tokens": 6]),
    Effect("bad_words_ids", [[52]]),
    Effect("sequence_bias", [[[52], -100.0]]), Effect("suppress_tokens", [52]), Effect("begin_suppress_tokens", [52]),
    Effect("exponential_decay_length_penalty", [1, 1000.0]), Effect("renormalize_logits", true, changesReplies: false),
    Effect("remove_invalid_values", true, changesReplies: false),
    Effect("guidance_scale", 9.0, of: "tiny-zephyr"),
    Effect("negative_prompt_ids", [5, 6, 7], with: ["guidance_scale": 9.0], of: "tiny-zephyr"),
    Effect("frequency_penalty", 2.0, with: ["logit_bias": ["11": 100]]),
    Effect("presence_penalty", 2.0, with: ["min_new_tokens": 20], changesReplies: false),
    Effect("logit_bias", ["52": -100]),
]
private let searches = [
    Effect("num_beams", 4, with: ["suppress_tokens": [52], "max_new_tokens": 8]),
    Effect("num_beam_groups", 2, with: ["num_beams": 2, "num_return_sequences": 2, "diversity_penalty": 9.0]),
    Effect("diversity_penalty", 900.0, with: ["num_beams": 2, "num_return_sequences": 2, "num_beam_groups": 2]),
    Effect("length_penalty", -9.0, with: unsure),
    Effect(
        "early_stopping", true,
        with: ["suppress_tokens": [52, 27, 108], "max_new_tokens": 8, "num_beams": 4, "length_penalty": 9.0]),
    Effect("num_return_sequences", 2, with: ["num_beams": 2]),
    Effect("penalty_alpha", 1.0, with: ["top_k": 4]),
    Effect("prompt_lookup_num_tokens", 4, changesReplies: false),
    Effect("max_matching_ngram_size", 3, with: ["prompt_lookup_num_tokens": 4], changesReplies: false),
    Effect("num_assistant_tokens", 4, changesReplies: false),
    Effect("num_assistant_tokens_schedule", "heuristic", changesReplies: false),
    Effect("assistant_confidence_threshold", 0.9, changesReplies: false),
    Effect("output_scores", true, changesReplies: false), Effect("output_logits", true, changesReplies: false),
    Effect("logprobs", true, changesReplies: false),
    Effect("top_logprobs", 2, with: ["logprobs": true], changesReplies: false),
]
private let effects = lengths + sampling + penalties + searches

@Suite("What generation_config.json says counts")
struct GenerationDefaultsTests {
    let folder = TemporaryFolder()

    /// A bundled model with another generation_config.json, or none, and with changes to its config.json.
    private func checkpoint(_ model: String, _ options: JSON.Object?, config: JSON.Object = [:]) throws -> String {
        for file in Fixtures.entries(of: "\(bundled)/\(model)") {
            let name = file.split(separator: "/").last.map(String.init) ?? ""
            if name != "generation_config.json", name != "config.json" { symlink(file, "\(folder.path)/\(name)") }
        }
        var members = try Fixtures.json("\(bundled)/\(model)/config.json").object ?? [:]
        for (name, value) in config { members.append(name, value) }
        folder.write(JSON.object(members).text(spaced: true), to: "config.json")
        unlink("\(folder.path)/generation_config.json")
        if let options { folder.write(JSON.object(options).text(spaced: true), to: "generation_config.json") }
        return folder.path
    }

    /// The replies to a question and why they ended, or the error.
    private func replies(_ folder: String, _ kwargs: JSON.Object = [:]) async throws -> [String] {
        do { return try await answers(folder, kwargs) } catch let error as GenerationError { return ["\(error)"] }
    }

    private func answers(_ folder: String, _ kwargs: JSON.Object) async throws -> [String] {
        let generator = try HuggingFaceLocalGenerator(model: folder, generationKwargs: GenerationKwargs(kwargs))
        try await generator.warmUp()
        let prompt = generator.generationKwargs["return_full_text"] == nil ? questions[0] : zephyrPrompt(questions[0])
        let result = try await generator.run(prompt: prompt)
        return zip(result.replies, result.meta).map { "\($0), \($1["finish_reason"]?.string ?? "")" }
    }

    private func merged(_ options: JSON.Object, _ others: JSON.Object) -> JSON.Object {
        var all = GenerationKwargs(options)
        for (name, value) in others { all[name] = value }
        return all.dictionary
    }

    @Test("an option in the file alone has the effect that it has when it is given", arguments: effects)
    fileprivate func everyOption(effect: Effect) async throws {
        let end: JSON.Object = effect.model == "tiny-zephyr" ? ["eos_token_id": 2] : ["eos_token_id": 1]
        let others = merged(end, effect.others), all = merged(others, [effect.name: effect.value])
        let without = try await replies(checkpoint(effect.model, others))
        let given = try await replies(checkpoint(effect.model, others), [effect.name: effect.value])
        let stored = try await replies(checkpoint(effect.model, all))
        #expect(stored == given)
        if effect.changesReplies { #expect(given != without) }
        var expected = GenerationConfig()
        try expected.set(all)
        let read = try model(checkpoint(effect.model, all)).generationDefaults
        #expect(read == expected)
        let overruled = try await replies(
            checkpoint(effect.model, all), merged(others, ["\(effect.name)": others[effect.name] ?? .null]))
        let off = try await replies(
            checkpoint(effect.model, others), merged(others, ["\(effect.name)": others[effect.name] ?? .null]))
        #expect(overruled == off, "what the caller gives wins")
    }

    @Test("every option of a configuration is among them")
    func names() { #expect(Set(effects.map(\.name)) == Set(GenerationConfig.options.keys)) }

    @Test("the chat generator heeds the file too, and a call's limit wins over the file's")
    func chat() async throws {
        let path = try checkpoint("tiny-zephyr", ["eos_token_id": 2, "max_new_tokens": 2])
        let generator = try HuggingFaceLocalChatGenerator(model: path)
        try await generator.warmUp()
        let reply = try await generator.run(questions[0]).replies[0]
        #expect(reply.meta["finish_reason"] == "length" && reply.meta["usage"]?["completion_tokens"] == 2)
        let whole = try await generator.run(questions[0], generationKwargs: ["max_new_tokens": 64]).replies[0]
        #expect(whole.meta["finish_reason"] == "stop")
    }

    @Test("config.json counts where there is no generation_config.json, and only there")
    func configuration() async throws {
        let options: JSON.Object = ["eos_token_id": 27, "max_new_tokens": 3]
        let old = try checkpoint("tiny-flan-t5", nil, config: options)
        #expect(try await replies(old) == ["three hundred, stop"])
        let new = try checkpoint("tiny-flan-t5", ["eos_token_id": 1], config: options)
        #expect(try await replies(new) == ["three hundred forty-seven, stop"])
    }

    @Test("a file without an end token is told of")
    func noEndToken() throws {
        let local = try model(checkpoint("tiny-zephyr", ["max_new_tokens": 5]))
        #expect(local.generationDefaults.eosTokenIDs == [])
        #expect(
            local.defaults.warning == "\(folder.path)/generation_config.json names no end token, so replies go on to "
                + "their greatest length; 'eos_token_id' in config.json, 2, counts only without this file")
        #expect(try model("\(bundled)/tiny-zephyr").defaults.warning == nil)
    }

    @Test(
        "a file that is no JSON object is told of, and config.json counts",
        arguments: ["", "<html>", "[]", "{\"eos_token_id\": 3", "\u{FF}"])
    func notAnObject(text: String) async throws {
        let path = try checkpoint("tiny-flan-t5", nil, config: ["eos_token_id": 27, "max_new_tokens": 3])
        folder.write(text, to: "generation_config.json")
        #expect(try await replies(path) == ["three hundred, stop"])
        let warning = try #require(try model(path).defaults.warning)
        #expect(warning.hasPrefix(path) && warning.hasSuffix("; config.json counts instead"), "\(warning)")
    }

    @Test(
        "options that Hugging Face does not have are passed over where they cannot be used",
        arguments: [
            ("seed", -1), ("seed", "x"), ("logprobs", "yes"), ("top_logprobs", 99), ("logit_bias", [1]),
            ("frequency_penalty", 9.0), ("presence_penalty", "high"), ("decoder_input_ids", "x"),
            ("negative_prompt_ids", []),
        ] as [(String, JSON)])
    func foreignOptions(name: String, value: JSON) async throws {
        let path = try checkpoint("tiny-flan-t5", merged(["eos_token_id": 1], [name: value]))
        #expect(try await replies(path) == ["three hundred forty-seven, stop"])
    }

    @Test(
        "a length that no memory holds leaves an encoder-decoder model usable",
        arguments: ["max_length", "max_new_tokens"])
    func greatLength(name: String) async throws {
        let path = try checkpoint("tiny-flan-t5", merged(["eos_token_id": 1, "num_beams": 16], [name: 1_000_000_000]))
        #expect(try await replies(path) == ["three hundred forty-seven, stop"])
    }

    @Test("stop texts of the file that cannot be used stay an error where a call gives none")
    func stopStrings() async throws {
        let path = try checkpoint("tiny-flan-t5", ["eos_token_id": 1, "stop_strings": [1]])
        #expect(try await replies(path)[0].contains("stop_strings"))
        #expect(try await replies(path, ["stop_words": ["hundred"]]) == ["three, stop"])
    }

    @Test("what the file says of cutting replies off gives way to a format")
    func format() async throws {
        let options: JSON.Object = ["eos_token_id": 1, "stop_strings": ["a"], "max_time": 5.0, "max_new_tokens": 40]
        let path = try checkpoint("tiny-flan-t5", options)
        let schema: JSON = ["enum": ["banana"]]
        let format: JSON = ["type": "json_schema", "json_schema": ["name": "x", "schema": schema]]
        #expect(try await replies(path, ["response_format": format]) == ["\"banana\", stop"])
    }
}
