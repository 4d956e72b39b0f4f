import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Runs the built command as a user would.
private func hayloft(_ arguments: String, input: String = "") -> (output: String, errors: String, status: Int32) {
    let folder = TemporaryFolder()
    folder.write(input, to: "in")
    let program = CommandLine.arguments[0].split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let binary = program.joined(separator: "/") + "/hayloft"
    let command =
        "HAYLOFT_MODELS=\(Fixtures.packageFolder)/Models/Bundled '\(binary)' \(arguments)"
        + " <\(folder.path)/in >\(folder.path)/out 2>\(folder.path)/err"
    let status = system(command)
    let text = { (name: String) in String(decoding: Fixtures.bytes("\(folder.path)/\(name)") ?? [], as: UTF8.self) }
    return (text("out"), text("err"), status >> 8 & 0xFF)
}

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
        for name in ["config.json", "model.safetensors"] {
            let bytes = try #require(Fixtures.bytes("\(golden)/llama-plain/\(name)"))
            folder.write(name == "config.json" ? bytes : Array(bytes.dropLast(100)), to: name)
        }
        let result = hayloft("logits --model \(folder.path) --input-ids 1")
        #expect(result.status == 1 && result.output == "")
        #expect(result.errors.hasPrefix("hayloft: error: tensor '"))
        #expect(result.errors.hasSuffix("; the download may be incomplete\n"))
        #expect(result.errors.contains("\(folder.path)/model.safetensors"))
    }

    @Test("an unknown architecture is one line and status 1")
    func unknownArchitecture() {
        folder.write(#"{"model_type": "perceiver"}"#, to: "config.json")
        let result = hayloft("generate --model \(folder.path) hello")
        #expect(result.status == 1)
        #expect(
            result.errors
                == "hayloft: error: \(folder.path)/config.json has the model_type 'perceiver', which is not supported; supported are llama, mistral, mt5, t5\n"
        )
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
}
