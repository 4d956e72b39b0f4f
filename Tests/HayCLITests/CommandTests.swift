import HayJSON
import TestSupport
import Testing

@Suite("The hayloft command")
struct CommandTests {
    let golden = "\(Fixtures.packageFolder)/Tests/Golden"
    let folder = TemporaryFolder()

    @Test("verify passes on the repository's own references and counts what it skips")
    func verify() {
        let result = hayloft("verify --reference \(golden)")
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.contains(" passed, 0 failed, 0 skipped\n"))
    }

    @Test("verify fails when a reference differs")
    func verifyFails() throws {
        for file in Fixtures.entries(of: "\(golden)/llama-plain") {
            let name = file.split(separator: "/").last.map(String.init) ?? ""
            var bytes = try #require(Fixtures.bytes(file))
            if name == "model.safetensors" { bytes[bytes.count - 2] ^= 0x7F }
            folder.write(bytes, to: name)
        }
        let result = hayloft("verify --reference \(folder.path)")
        #expect(result.status == 1)
        #expect(result.output.contains("FAILED"))
    }

    @Test("verify fails on numbers that are none, and on references that do not belong together")
    func verifyHostile() throws {
        for file in Fixtures.entries(of: "\(golden)/llama-plain") {
            let name = file.split(separator: "/").last.map(String.init) ?? ""
            var bytes = try #require(Fixtures.bytes(file))
            if name == "expected.safetensors" {  // the first numbers of the data become not-a-number
                let header = 8 + bytes[0 ..< 8].reversed().reduce(0) { $0 << 8 | Int($1) }
                for place in stride(from: header, to: header + 4000, by: 4) {
                    bytes.replaceSubrange(place ..< place + 4, with: [0, 0, 0xC0, 0x7F])
                }
            }
            folder.write(bytes, to: name)
        }
        let result = hayloft("verify --reference \(folder.path)")
        #expect(result.status == 1 && result.output.contains("FAILED, error inf"))
        folder.write(
            #"{"cases": [{"tag": "sample/0", "input_ids": [1], "sequences": [[1]], "generate": {"do_sample": true}}]}"#,
            to: "expected.json")
        #expect(hayloft("verify --reference \(folder.path)").output.contains("do not belong together"))
        folder.write("{", to: "config.json")
        let unreadable = hayloft("verify --reference \(folder.path) \(golden)/llama-plain")
        #expect(unreadable.status == 1 && unreadable.output.hasSuffix(" passed, 1 failed, 0 skipped\n"))
        #expect(hayloft("verify --reference /no/such/folder").status == 1)
    }

    @Test("absurd sizes in a configuration are an error")
    func absurdSizes() throws {
        let text = String(decoding: try #require(Fixtures.bytes("\(golden)/llama-plain/config.json")), as: UTF8.self)
        folder.write(
            text.replacing("\"num_hidden_layers\": 2", with: "\"num_hidden_layers\": 16777216"), to: "config.json")
        folder.write(try #require(Fixtures.bytes("\(golden)/llama-plain/model.safetensors")), to: "model.safetensors")
        #expect(
            hayloft("logits --model \(folder.path) --input-ids 1").errors
                == "hayloft: error: 'num_hidden_layers' in \(folder.path)/config.json is 16777216, expected 1 to 4096\n"
        )
    }

    @Test("generate answers, streamed or as JSON, from an argument or stdin")
    func generate() throws {
        let plain = hayloft("generate --quiet 'Write 347 in words.'")
        #expect(plain.status == 0 && plain.output == "three hundred forty-seven\n" && plain.errors == "")
        let result = hayloft("generate - --json --seed 1", input: "Write 347 in words.\r\n")
        let json = try JSON.parse(result.output)
        let reply = try #require(json["replies"]?.array?.first)
        #expect(reply["text"] == "three hundred forty-seven" && reply["finish_reason"] == "stop" && reply["index"] == 0)
        let count = try #require(reply["token_ids"]?.array?.count)
        #expect(json["usage"]?["completion_tokens"]?.int == count)
        #expect(json["usage"]?["total_tokens"]?.int == count + (json["usage"]?["prompt_tokens"]?.int ?? 0))
        for key in ["load_seconds", "time_to_first_token_seconds", "prompt_tokens_per_second", "tokens_per_second"] {
            #expect((json["timing"]?[key]?.double ?? 0) > 0, "\(key)")
        }
        #expect(json["model"] == "tiny-flan-t5" && json["dtype"] == "bf16" && json["device"]?.string != nil)
    }

    @Test("sampling with one seed gives one text")
    func seeds() {
        let sample = { (seed: Int) in
            hayloft("generate -q --temperature 3 --seed \(seed) 'Sort alphabetically: pear apple lemon'").output
        }
        #expect(sample(1) == sample(1))
        #expect(Set((1 ... 8).map(sample)).count > 1)
    }

    @Test("a JSON schema, given as text or as a file, is what replies hold to")
    func jsonSchema() throws {
        let properties = #"{"n": {"type": "integer", "minimum": 3, "maximum": 5}}"#
        let schema = #"{"type": "object", "properties": \#(properties), "required": ["n"]}"#
        let file = folder.write(schema, to: "schema.json")
        for argument in ["'\(schema)'", file] {
            let result = hayloft("generate -q --temperature 2 --seed 1 --json-schema \(argument) 'Write 12 in words.'")
            #expect(result.status == 0)
            #expect((3 ... 5).contains(try JSON.parse(result.output)["n"]?.int ?? 0))
        }
        let wrong = hayloft("generate -q --json-schema '{\"not\": {}}' hello")
        #expect(wrong.status == 1)
        #expect(wrong.errors.hasPrefix("hayloft: error: --json-schema: #"), "\(wrong.errors)")
        #expect(wrong.errors.contains("'not'"), "\(wrong.errors)")
        let short = hayloft("generate -q --max-new-tokens 2 --json-schema '\(schema)' hello")
        #expect(short.status == 1 && short.errors.contains("raise max_new_tokens"), "\(short.errors)")
    }

    @Test("chat holds a conversation, and answers the messages of a file")
    func chat() throws {
        let talk = hayloft("chat -q", input: "Write 21 in words.\nNow in capital letters.\n/help\n/quit\n")
        #expect(talk.status == 0 && talk.output == "twenty-one\nTWENTY-ONE\n")
        folder.write(#"[{"role": "user", "content": "Write 21 in words."}]"#, to: "messages.json")
        let json = try JSON.parse(hayloft("chat --messages \(folder.path)/messages.json --json").output)
        let reply = try #require(json["replies"]?.array?.first)
        #expect(reply["text"] == "twenty-one" && reply["tool_calls"] == [])
    }

    @Test("tokenize and detokenize are each other's inverse, also streamed")
    func tokens() throws {
        let ids = hayloft("tokenize --model tiny-zephyr --no-special", input: "\"Write 21 é😀.\"\n")
        #expect(ids.status == 0)
        let text = hayloft("detokenize --model tiny-zephyr", input: ids.output)
        #expect(text.output == "\"Write 21 é😀.\"\n")
        let pieces = try JSON.parse(hayloft("detokenize --stream --model tiny-zephyr", input: ids.output).output)
        #expect(pieces.array?.count == (try JSON.parse(ids.output).array?.count))
        #expect(pieces.array?.compactMap(\.string).joined() == "Write 21 é😀.")
        #expect(
            hayloft("tokenize", input: "[1]\n").errors.hasSuffix(
                "line 1 is an array, expected a string or an array of two\n"))
    }

    @Test("template renders the model's own and raw Jinja")
    func template() {
        let input = #"{"messages": [{"role": "user", "content": "Hi"}], "add_generation_prompt": true}"#
        #expect(hayloft("template", input: input).output == "<|user|>\nHi</s>\n<|assistant|>\n")
        let raw = hayloft(
            "template --raw --jsonl",
            input: "{\"template\": \"{{ 1 + a }}\", \"context\": {\"a\": 1}}\n{\"template\": \"{{\"}\n")
        #expect(raw.output.hasPrefix("\"2\"\n{\"error\": "))
        #expect(hayloft("template", input: "{").errors.contains("stdin is not JSON"))
    }

    @Test("template takes one of several templates by its name")
    func templateName() {
        folder.write(
            #"{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}, "added_tokens": []}"#, to: "tokenizer.json")
        folder.write(#"{"chat_template": {"rag": "R", "tool_use": "T"}}"#, to: "tokenizer_config.json")
        let input = #"{"messages": [{"role": "user", "content": "Hi"}]}"#
        #expect(hayloft("template --model \(folder.path) --template-name rag", input: input).output == "R")
        let other = hayloft("template --model \(folder.path) --template-name x", input: input)
        #expect(other.status == 1)
        #expect(other.errors.contains("--template-name: \(folder.path) has no chat template 'x', it has rag, tool_use"))
    }

    @Test("output that cannot be written is an error")
    func fullDisk() {
        let result = hayloft("generate -q 'Write 347 in words.' > /dev/full; exit $?; true")
        #expect(result.status == 1)
    }

    @Test("logits prints five ids and writes every position")
    func logits() {
        let file = "\(folder.path)/logits.safetensors"
        let result = hayloft("logits --model \(golden)/llama-plain --input-ids 5,6,7 --output \(file)")
        #expect(result.status == 0 && result.output.split(separator: "\n").count == 5)
        #expect(result.errors == "hayloft: wrote logits [1, 3, 96] to \(file)\n")
        #expect((Fixtures.bytes(file)?.count ?? 0) > 3 * 96 * 4)
    }

    @Test("info says what a checkpoint is")
    func info() {
        let result = hayloft("info \(golden)/t5-relu-tied --json")
        #expect(result.status == 0)
        #expect(result.output.contains(#""architecture": "t5""#))
    }

    @Test("a folder without config.json is one line and status 1")
    func noConfig() {
        let result = hayloft("generate --model \(folder.path) hello")
        #expect(result.status == 1 && result.output == "")
        #expect(
            result.errors == "hayloft: error: \(folder.path)/config.json cannot be read: No such file or directory\n")
    }

    @Test("a truncated checkpoint is one line and status 1")
    func truncated() throws {
        let config = try #require(Fixtures.bytes("\(golden)/llama-plain/config.json"))
        folder.write(config, to: "config.json")
        let weights = try #require(Fixtures.bytes("\(golden)/llama-plain/model.safetensors"))
        folder.write(Array(weights.dropLast(100)), to: "model.safetensors")
        let result = hayloft("logits --model \(folder.path) --input-ids 1")
        #expect(result.status == 1 && result.output == "")
        #expect(
            result.errors == "hayloft: error: \(folder.path)/model.safetensors has \(weights.count - 100) of "
                + "\(weights.count) bytes, 100 are missing; download it again\n")
    }

    @Test("an unknown architecture is one line and status 1")
    func unknownArchitecture() {
        folder.write(#"{"model_type": "perceiver"}"#, to: "config.json")
        let result = hayloft("generate --model \(folder.path) hello")
        #expect(result.status == 1)
        let start =
            "hayloft: error: \(folder.path)/config.json has the model_type 'perceiver', which is not supported; "
            + "supported are "
        #expect(result.errors.hasPrefix(start) && result.errors.hasSuffix("\n"))
        // The list grows with each architecture.
        let types = result.errors.dropFirst(start.count).dropLast().split(separator: ", ")
        #expect(Set(types).isSuperset(of: ["llama", "mistral", "mistral3", "mt5", "t5"]) && types == types.sorted())
    }

    @Test("a prompt longer than the context is one line and status 1")
    func promptTooLong() {
        let ids = Array(repeating: "3", count: 129).joined(separator: ",")
        let result = hayloft("logits --model \(golden)/llama-plain --input-ids \(ids)")
        #expect(result.status == 1 && result.output == "")
        #expect(
            result.errors
                == "hayloft: error: the prompt has 129 tokens, but the model's context holds 128; shorten the prompt\n")
    }

    @Test("an id beyond the vocabulary is an error")
    func tokenOutOfRange() {
        let result = hayloft("logits --model \(golden)/llama-plain --input-ids 3,96")
        #expect(result.errors == "hayloft: error: token id 96 is not in the vocabulary, whose ids are 0 to 95\n")
    }

    @Test("a model that is nowhere is an error that says what to do")
    func nowhere() {
        #expect(
            hayloft("generate --model ./no/such/folder x").errors
                == "hayloft: error: there is no folder './no/such/folder'; give a checkpoint folder in Hugging Face layout\n"
        )
    }

    @Test(
        "wrong usage has status 2, help 0",
        arguments: [("generate", 2), ("nonsense", 2), ("--help", 0), ("bench --help", 0), ("logits", 2)])
    func usage(arguments: String, status: Int32) { #expect(hayloft(arguments).status == status) }

    @Test("an option that is not one names the nearest")
    func options() {
        let result = hayloft("generate --generation-config '{\"max_new_token\": 3}' hello")
        #expect(result.status == 1)
        #expect(result.errors.hasSuffix("'max_new_token' is not a generation option; did you mean 'max_new_tokens'?\n"))
    }

    @Test("quantize writes a folder that info and loading read", arguments: ["int8", "int4"])
    func quantize(dtype: String) throws {
        for model in ["tiny-zephyr", "tiny-flan-t5"] {
            let output = "\(folder.path)/\(model)/"
            let result = hayloft("quantize --model \(model) --dtype \(dtype) --output \(output)")
            #expect(result.status == 0 && result.output == "", "\(result.errors)")
            #expect(result.errors.hasPrefix("hayloft: wrote \(output): "))
            #expect(!Fixtures.isFolder("\(folder.path)/\(model).unfinished"))
            let info = try JSON.parse(hayloft("info \(output) --json").output)
            #expect(info["weight_types"]?["int8"]?.int ?? 0 > 100_000)
            #expect((info["weight_types"]?["int4"] != nil) == (dtype == "int4"))
            #expect(info["architecture"]?.string == (model == "tiny-zephyr" ? "mistral" : "t5"))
            #expect(info["tokenizer"]?.string?.hasSuffix(" tokens") == true)
            #expect(info["weight_bytes"]?["int4"]?.int ?? 0 < info["weight_bytes"]?["int8"]?.int ?? 0)
            let config = try JSON.parse(String(decoding: Fixtures.bytes("\(output)config.json") ?? [], as: UTF8.self))
            #expect(config["quantization_config"]?["bits"]?.int == (dtype == "int8" ? 8 : 4))
        }
    }

    @Test("quantize takes named chat templates along")
    func quantizeTemplates() {
        for file in Fixtures.entries(of: "\(Fixtures.packageFolder)/Models/Bundled/tiny-zephyr") {
            let name = file.split(separator: "/").last.map(String.init) ?? ""
            folder.write(Fixtures.bytes(file) ?? [], to: name)
        }
        folder.make("additional_chat_templates")
        folder.write("R", to: "additional_chat_templates/rag.jinja")
        #expect(hayloft("quantize --model \(folder.path) --dtype int8 --output \(folder.path)/small").status == 0)
        let input = #"{"messages": [{"role": "user", "content": "Hi"}]}"#
        let rendered = hayloft("template --model \(folder.path)/small --template-name rag", input: input)
        #expect(rendered.output == "R")
    }

    @Test("quantize overwrites nothing and says what it takes")
    func quantizeErrors() {
        folder.write("x", to: "x")
        let full = hayloft("quantize --model tiny-zephyr --dtype int4 --output \(folder.path)")
        #expect(full.status == 1)
        #expect(
            full.errors == "hayloft: error: \(folder.path) is not empty; remove it, or name another folder\n")
        let missing = hayloft("quantize --model tiny-zephyr --dtype int4 --output \(folder.path)/a/b")
        #expect(missing.errors == "hayloft: error: \(folder.path)/a/b cannot be created: No such file or directory\n")
        let type = hayloft("quantize --model tiny-zephyr --dtype bf16 --output \(folder.path)/c")
        #expect(type.status == 2 && type.errors.contains("--dtype takes int8 or int4 here, not bf16"))
        let device = hayloft("quantize --quiet --model tiny-zephyr --dtype int4 --output /dev/null/x")
        #expect(device.errors == "hayloft: error: /dev/null/x cannot be created: Not a directory\n")
    }

    @Test("a disk that is full ends quantize with an error and no folder")
    func quantizeDiskFull() {
        let output = "\(folder.path)/out"
        let result = hayloft(
            "quantize --model tiny-flan-t5 --dtype int8 --output \(output)", after: "trap '' XFSZ; ulimit -f 1000;")
        #expect(result.status == 1 && result.errors.contains("model.safetensors cannot be written: "))
        #expect(!Fixtures.isFolder(output) && !Fixtures.isFolder("\(output).unfinished"))
    }
}
