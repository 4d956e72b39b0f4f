import HayJSON
import Testing

@testable import HayGeneration

@Suite("Generation options")
struct GenerationConfigTests {
    private func message(_ text: String) -> String {
        var config = GenerationConfig()
        do {
            try config.set(JSON.parse(text).object ?? .init())
            return "no error"
        } catch { return "\(error)" }
    }

    @Test("options under Hugging Face's names")
    func names() throws {
        var config = GenerationConfig()
        try config.set(
            JSON.parse(
                #"{"max_new_tokens": 5, "do_sample": true, "temperature": 0.5, "top_k": 3, "top_p": 0.9, "seed": 7, "eos_token_id": [1, 2], "stop_strings": "x", "num_beams": 1, "repetition_penalty": 1.0, "use_cache": true}"#
            ).object ?? .init())
        #expect(config.maxNewTokens == 5 && config.doSample && config.temperature == 0.5 && config.topK == 3)
        #expect(config.topP == 0.9 && config.seed == 7 && config.eosTokenIDs == [1, 2] && config.stopStrings == ["x"])
    }

    @Test("max_new_tokens wins over max_length, which counts the prompt")
    func lengths() {
        var config = GenerationConfig()
        #expect(config.newTokenLimit(after: 3, fallback: 9) == 9)
        config.maxLength = 10
        #expect(config.newTokenLimit(after: 3, fallback: 9) == 7)
        #expect(config.newTokenLimit(after: 30, fallback: 9) == 0)
        config.maxNewTokens = 4
        #expect(config.newTokenLimit(after: 3, fallback: 9) == 4)
    }

    @Test(
        "each error names the option",
        arguments: [
            (#"{"max_new_token": 5}"#, "'max_new_token' is not a generation option; did you mean 'max_new_tokens'?"),
            (#"{"colour": 5}"#, "'colour' is not a generation option"),
            (#"{"dola_layers": "high"}"#, "the generation option 'dola_layers' is not supported yet"),
            (
                #"{"max_new_tokens": -1}"#,
                "the generation option 'max_new_tokens' is -1, expected an integer from 0 to 1048576"
            ),
            (#"{"top_k": -1}"#, "the generation option 'top_k' is -1, expected an integer of at least 0"),
            (#"{"temperature": 0}"#, "the generation option 'temperature' is 0, expected a number from 1e-6"),
            (#"{"top_p": 2}"#, "the generation option 'top_p' is 2, expected from 0 to 1"),
            (#"{"do_sample": 1}"#, "the generation option 'do_sample' is 1, expected true or false"),
            (
                #"{"eos_token_id": "x"}"#,
                "the generation option 'eos_token_id' is \"x\", expected a token id or a list of them"
            ),
            (
                #"{"stop_strings": [""]}"#,
                "the generation option 'stop_strings' is [\"\"], expected a text or a list of texts, none empty"
            ),
        ])
    func errors(text: String, expected: String) { #expect(message(text) == expected) }

    @Test("a checkpoint's own options that are not supported are passed over and named")
    func defaults() throws {
        var config = GenerationConfig()
        let options = try JSON.parse(#"{"token_healing": true, "max_length": 20, "future_option": 1}"#).object
        #expect(try config.setDefaults(options ?? .init()) == ["token_healing", "future_option"])
        #expect(config.maxLength == 20)
    }
}
