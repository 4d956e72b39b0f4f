import HayJSON
import TestSupport
import Testing

/// `hayloft chat` with tools: what a generator finds, the command shows.
@Suite("Tools in hayloft chat")
struct ChatCommandTests {
    let folder = TemporaryFolder()
    /// tiny-zephyr was trained to call a tool for this.
    let question = #"[{"role": "user", "content": "What is the weather in Paris?"}]"#
    let weather = """
        {"name": "get_weather", "description": "The weather in a city", "parameters": {"type": "object", "properties":
         {"city": {"type": "string"}}, "required": ["city"]}}
        """

    private func answer(_ tools: String, _ flags: String = "--json") -> (output: String, errors: String, status: Int32)
    {
        folder.write(question, to: "messages.json")
        folder.write(tools, to: "tools.json")
        return hayloft("chat -q --messages \(folder.path)/messages.json --tools \(folder.path)/tools.json \(flags)")
    }

    @Test("a call is in the JSON, with the reason tool_calls, in both ways to write a tool")
    func json() throws {
        for tools in ["[\(weather)]", "[{\"type\": \"function\", \"function\": \(weather)}]"] {
            let result = answer(tools)
            #expect(result.status == 0, "\(result.errors)")
            let reply = try #require(JSON.parse(result.output)["replies"]?.array?.first)
            #expect(reply["tool_calls"] == [["name": "get_weather", "arguments": ["city": "Paris"]]])
            #expect(reply["finish_reason"] == "tool_calls")
            #expect(reply["text"]?.string?.contains("get_weather") == true)
        }
    }

    @Test("without --json a call is a line of JSON")
    func plain() throws {
        let result = answer("[\(weather)]", "")
        #expect(result.output == #"{"name": "get_weather", "arguments": {"city": "Paris"}}"# + "\n", "\(result.errors)")
    }

    @Test("a conversation goes on after a call")
    func conversation() throws {
        folder.write("[\(weather)]", to: "tools.json")
        let talk = hayloft(
            "chat -q --tools \(folder.path)/tools.json", input: "What is the weather in Paris?\nWrite 21 in words.\n")
        #expect(talk.status == 0 && talk.errors == "", "\(talk.errors)")
        #expect(talk.output.split(separator: "\n").count == 2)
        #expect(talk.output.hasPrefix(#"{"name": "get_weather""#))
    }

    @Test("special tokens that mark a call are found, though replies do not show special tokens")
    func specialMarks() throws {
        // A copy of tiny-zephyr in which a special token is such a mark.
        for file in Fixtures.entries(of: "\(Fixtures.packageFolder)/Models/Bundled/tiny-zephyr") {
            let name = file.split(separator: "/").last.map(String.init) ?? ""
            folder.write(try #require(Fixtures.bytes(file)), to: name)
        }
        for name in ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"] {
            let text = String(decoding: try #require(Fixtures.bytes("\(folder.path)/\(name)")), as: UTF8.self)
            folder.write(text.replacing("<|system|>", with: "[TOOL_CALLS]"), to: name)
        }
        let id = try #require(
            JSON.parse(
                hayloft(
                    "tokenize --model \(folder.path) --no-special", input: "\"[TOOL_CALLS]\""
                ).output
            ).array?.first?.int)
        let result = hayloft(
            "chat -q --model \(folder.path) --messages '\(question)' --tools '[\(weather)]' --json --max-new-tokens 4"
                + " --generation-config '{\"logit_bias\": {\"\(id)\": 100}}'")
        let reply = try #require(JSON.parse(result.output)["replies"]?.array?.first)
        #expect(reply["text"]?.string?.contains("[TOOL_CALLS]") == true, "\(result.output) \(result.errors)")
    }
}
