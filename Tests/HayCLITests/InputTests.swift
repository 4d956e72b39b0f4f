import HayJSON
import TestSupport
import Testing

/// What people type and pipe.
@Suite("Arguments and input of the hayloft command")
struct InputTests {
    let folder = TemporaryFolder()

    @Test(
        "a prompt may begin with a dash",
        arguments: ["- [ ] milk", "-5 + 3", "--- title ---", "--help me", "-hello", "-- milk"])
    func dashes(prompt: String) {
        let piped = hayloft("generate -q --max-new-tokens 4 -", input: prompt)
        let given = hayloft("generate -q --max-new-tokens 4 '\(prompt)'")
        #expect(given.status == 0 && given.output == piped.output, "\(given.errors)")
        let first = hayloft("generate '\(prompt)' -q --max-new-tokens 4 --stop '- x'")
        #expect(first.status == 0 && first.output == piped.output, "\(first.errors)")
    }

    @Test("what reads like an option is one, known or not, and the error says how to give it as a prompt")
    func options() {
        let unknown = hayloft("generate -q --temprature 1 hello")
        #expect(unknown.status == 2)
        #expect(unknown.errors.contains("Unknown option '--temprature'"), "\(unknown.errors)")
        #expect(unknown.errors.contains("Put '--' before a prompt that reads like an option."), "\(unknown.errors)")
        #expect(hayloft("generate -q --max-new-tokens 2 -- --help").status == 0)
        let missing = hayloft("generate -q hello --stop --json")
        #expect(missing.status == 2 && missing.errors.contains("Missing value for '--stop <text>'"))
        let short = hayloft("generate -q -x hello")
        #expect(short.status == 2 && short.errors.contains("Unknown option '-x'"))
    }

    @Test("stop texts and system instructions know line ends, tabs and backslashes")
    func escapes() throws {
        #expect(hayloft(#"generate -q --stop 'forty\-' 'Write 347 in words.'"#).output == "three hundred forty-seven\n")
        #expect(
            hayloft(#"generate -q --stop ' \hundred' 'Write 347 in words.'"#).output == "three hundred forty-seven\n")
        folder.write("{{ messages[0].content }}", to: "template.jinja")
        let system = #"{"messages": [{"role": "system", "content": "a\nb\t\\n"}]}"#
        let rendered = hayloft("template --template \(folder.path)/template.jinja", input: system)
        #expect(rendered.output == "a\nb\t\\n")
        let chat = { (text: String) in
            hayloft("chat -q --system '\(text)' --messages - --json", input: #"[{"role": "user", "content": "x"}]"#)
        }
        let count = { (text: String) in try JSON.parse(chat(text).output)["usage"]?["prompt_tokens"]?.int }
        #expect(try count(#"a\nb"#) == count("a\nb"))
        #expect(try count(#"a\\nb"#) != count("a\nb"))
    }

    @Test(
        "a value that cannot be says what can",
        arguments: [
            ("--temperature -1", "--temperature is -1.0; give 0 for the likeliest tokens (greedy search), or a number"),
            ("--temperature 1e400", "--temperature is inf; give 0 for the likeliest tokens"),
            ("--temperature=nan", "--temperature is nan; give 0 for the likeliest tokens"),
            ("--top-k -1", "--top-k is -1; give 0 to sample from all tokens, or how many of them"),
            ("--top-p 2", "--top-p is 2.0; give a number from 0 to 1"),
            ("--min-p -0.5", "--min-p is -0.5; give a number from 0 to 1"),
            ("--repetition-penalty 0", "--repetition-penalty is 0.0; give a number above 0"),
            ("--max-new-tokens 0", "--max-new-tokens is 0; give a number from 1"),
            ("--num-beams -3", "--num-beams is -3; give a number from 1"),
            ("--seed -1", "--seed is -1; give an integer"),
            ("--stop ''", "--stop takes a text that is not empty"),
        ])
    func values(arguments: String, message: String) {
        let result = hayloft("generate -q \(arguments) hello")
        #expect(result.status == 2 && result.output == "")
        #expect(result.errors.contains("Error: \(message)"), "\(result.errors)")
    }

    @Test("a temperature of 0 takes the likeliest tokens, whatever the model says")
    func greedy() {
        let plain = hayloft("generate -q 'Write 347 in words.'").output
        #expect(hayloft("generate -q --temperature 0 'Write 347 in words.'").output == plain)
        let config = #"'{"temperature": 9.0, "top_k": 0, "seed": 1}'"#
        #expect(hayloft("generate -q --generation-config \(config) 'Write 347 in words.'").output == plain)
        #expect(hayloft("generate -q --temperature 0 --top-k 5 --seed 1 'Write 347 in words.'").output == plain)
    }

    @Test("JSON of the wrong kind is told of as such, and a file that is not there as that")
    func wrongKinds() {
        let error = { (arguments: String) in hayloft("\(arguments) x").errors }
        let schema = "generate -q --json-schema"
        #expect(
            error("\(schema) '[1]'")
                == "hayloft: error: --json-schema is an array, expected a JSON schema: an object, true or false\n")
        #expect(error("\(schema) '\"x\"'").hasPrefix("hayloft: error: --json-schema is a string"))
        #expect(error("\(schema) 5").hasPrefix("hayloft: error: --json-schema is an integer"))
        #expect(error("\(schema) '{\"a'").hasPrefix("hayloft: error: --json-schema is not JSON: line 1, column 4"))
        #expect(
            error("\(schema) schema.json") == "hayloft: error: schema.json cannot be read: No such file or directory\n")
        #expect(
            error("generate -q --generation-config '[]'")
                == "hayloft: error: --generation-config is an array, expected an object\n")
        let file = folder.write("[]", to: "5")
        #expect(error("\(schema) \(file)").hasPrefix("hayloft: error: \(file) is an array"))
        let chat = "chat -q --messages"
        #expect(hayloft("\(chat) '{}'").errors == "hayloft: error: --messages is an object, expected an array\n")
        #expect(
            hayloft("\(chat) '[1]'").errors
                == "hayloft: error: element 0 of --messages is an integer, expected an object\n")
        #expect(
            hayloft("\(chat) '[{}]' --tools '{}'").errors == "hayloft: error: --tools is an object, expected an array\n"
        )
        #expect(
            hayloft("\(chat) '[{}]' --tools '[{}]'").errors
                == "hayloft: error: element 0 of --tools has no text 'name'\n"
        )
        #expect(hayloft("generate -q --json-schema true 'x'").status == 0)
    }

    @Test("an empty value of a JSON option is told of, and an empty list of messages")
    func emptyValues() {
        for (command, flag) in [
            ("generate -q x", "--generation-config"), ("generate -q x", "--json-schema"), ("chat -q", "--messages"),
            ("chat -q --messages '[{}]'", "--tools"),
        ] {
            let errors = hayloft("\(command) \(flag) ''").errors
            #expect(errors == "hayloft: error: \(flag) is empty, expected JSON or a file of it\n")
        }
        let place = "an empty array, expected at least one message\n"
        #expect(hayloft("chat -q --messages '[]'").errors == "hayloft: error: --messages is \(place)")
        #expect(hayloft("chat -q --messages -", input: "[]").errors == "hayloft: error: stdin is \(place)")
        let system = #"[{"role": "system", "content": "x"}]"#
        #expect(
            hayloft("chat -q --system y --messages -", input: system).errors
                == "hayloft: error: stdin begins with a system message; give that or --system\n")
    }

    @Test("an empty prompt is answered like any")
    func emptyPrompt() throws {
        for result in [hayloft("generate -q --json ''"), hayloft("generate -q --json -", input: "\n")] {
            #expect(result.status == 0, "\(result.errors)")
            let reply = try JSON.parse(result.output)["replies"]?.array?.first
            #expect(reply?["finish_reason"] == "stop" && reply?["token_ids"] == [1])
        }
    }

    @Test("values of options may begin with a dash in every command")
    func dashedValues() throws {
        let chat = { (system: String) in
            let result = hayloft(
                "chat -q --json --system '\(system)' --messages -", input: #"[{"role": "user", "content": "Hi"}]"#)
            return try JSON.parse(result.output)["usage"]?["prompt_tokens"]?.int
        }
        #expect(try chat("- be brief") == chat("+ be brief"))
        let logits = hayloft("logits -q --model tiny-zephyr --prompt '-5'")
        #expect(logits.status == 0 && logits.output.split(separator: "\n").count == 5, "\(logits.errors)")
        #expect(hayloft("bench -q --prompt-tokens -3").errors.contains("--prompt-tokens takes lengths from 1"))
        #expect(hayloft("tokenize -q -- x").status == 2)
    }

    @Test("a number of replies that is a flag wins over the file's, under either name")
    func replyCount() throws {
        let result = hayloft(
            "generate -q --json --num-beams 3 --num-return-sequences 2 --generation-config '{\"n\": 3}' 'Write 42 in words.'"
        )
        #expect(try JSON.parse(result.output)["replies"]?.array?.count == 2, "\(result.errors)")
    }

    @Test("chat reads messages from stdin")
    func messagesFromInput() {
        let result = hayloft("chat -q --messages -", input: #"[{"role": "user", "content": "Write 21 in words."}]"#)
        #expect(result.status == 0 && result.output == "twenty-one\n")
        #expect(hayloft("chat -q --messages -", input: "{").errors.hasPrefix("hayloft: error: stdin is not JSON: "))
    }

    @Test("what is not UTF-8 is an error, wherever it comes from")
    func encoding() {
        let bytes = Array("\"caf".utf8) + [0xE9] + Array("\"\n".utf8)
        for (command, name) in [
            ("tokenize -q", "line 1 of stdin"), ("detokenize -q", "line 1 of stdin"), ("template -q", "stdin"),
            ("template -q --jsonl", "stdin"), ("generate -q -", "stdin"), ("chat -q", "line 1 of stdin"),
            ("chat -q --messages -", "stdin"),
        ] {
            let result = hayloft(command, input: bytes)
            #expect(result.status == 1 && result.output == "", "\(command)")
            #expect(result.errors == "hayloft: error: \(name) is not UTF-8\n", "\(command)")
        }
        let file = folder.write(bytes, to: "file.json")
        for command in ["generate -q --json-schema", "generate -q --generation-config", "template --input"] {
            #expect(hayloft("\(command) \(file) x").errors.contains("is not UTF-8") || command.hasPrefix("template"))
        }
        #expect(hayloft("template --input \(file)").errors.hasSuffix("file.json is not UTF-8\n"))
        let argument = hayloft("generate -q \"$(printf 'caf\\351')\"")
        #expect(argument.status == 1 && argument.errors == "hayloft: error: argument 3 is not UTF-8\n")
        let line = hayloft("tokenize -q", input: Array("\"a\"\n".utf8) + bytes)
        #expect(line.status == 1 && line.errors == "hayloft: error: line 2 of stdin is not UTF-8\n")
    }

    @Test("a command lists the options that mean something to it, and takes those that scripts give to all")
    func listedOptions() {
        let help = { (command: String) in hayloft("\(command) --help").output }
        for command in ["tokenize", "detokenize", "template"] {
            for option in ["--dtype", "--threads", "--device", "--cache-type", "--offline"] {
                #expect(!help(command).contains(option), "\(command) \(option)")
            }
        }
        #expect(!help("verify").contains("--model") && !help("logits").contains("--cache-type"))
        for option in ["--json-schema", "--stop", "--num-beams", "--assistant-model", "--max-new-tokens"] {
            #expect(!help("bench").contains(option))
            #expect(help("generate").contains(option) && help("chat").contains(option))
        }
        let scripted = hayloft("tokenize -q --device cpu --threads 1 --dtype auto --offline", input: "\"a\"\n")
        #expect(scripted.status == 0, "\(scripted.errors)")
        let line = "end the line"
        #expect(!help("generate").contains(line) && help("generate").contains(#"\n is a"#))
    }

    @Test("a source beyond what a T5 was made for is warned of")
    func longSource() {
        let words = Array(repeating: "pear", count: 600).joined(separator: " ")
        let result = hayloft("generate --max-new-tokens 2 '\(words)' --model tiny-flan-t5")
        #expect(result.status == 0)
        #expect(result.errors.hasPrefix("hayloft: warning: the source has "), "\(result.errors)")
        #expect(result.errors.contains("tokens, but the model was made for 512"), "\(result.errors)")
        #expect(hayloft("generate -q --max-new-tokens 2 '\(words)' --model tiny-flan-t5").errors == "")
    }
}
