import HayJSON
import HayTensor
import TestSupport
import Testing

@testable import HayNN

@Suite("Model configurations")
struct ModelConfigTests {
    private func config(_ text: String) throws -> ModelConfig {
        try ModelConfig(JSON.parse(text), source: "config.json")
    }

    private func message(_ work: () throws -> Void) -> String {
        do {
            try work()
            return "no error"
        } catch { return "\(error)" }
    }

    @Test("a key, its default, and null as absent")
    func keys() throws {
        let c = try config(#"{"a": 3, "b": null, "c": 2.5, "d": "x", "e": true, "ids": [4, 5], "id": 6}"#)
        #expect(try c["a"] == 3)
        #expect(try c["b", default: 7] == 7)
        #expect(try c["c"] == Float(2.5))
        #expect(try c["d"] == "x")
        #expect(try c["e", default: false] == true)
        #expect(try c.tokenIDs("ids") == [4, 5])
        #expect(try c.tokenIDs("id") == [6])
        #expect(try c.tokenIDs("none") == [])
    }

    @Test("each error says the key, the file and what was expected")
    func errors() throws {
        let c = try config(#"{"n": "three", "z": 0, "ids": [1, "a"], "o": 1}"#)
        #expect(message { _ = try c["missing"] as Int } == "config.json has no 'missing'")
        #expect(message { _ = try c["n"] as Int } == "'n' in config.json is \"three\", expected an integer")
        #expect(message { _ = try c.count("z") } == "'z' in config.json is 0, expected 1 to 16777216")
        #expect(message { _ = try c.tokenIDs("ids") } == "'ids' in config.json is [1,\"a\"], expected a token id")
        #expect(
            message { _ = try c.object("o") } == "'o' in config.json is malformed: it is an integer, expected an object"
        )
        #expect(
            message { _ = try Activation(named: "mish", key: "hidden_act", in: c) }
                == "'hidden_act' in config.json is 'mish', expected relu, silu, gelu, gelu_new or gelu_pytorch_tanh")
    }

    @Test("a file that is not there, or not JSON")
    func files() {
        let folder = TemporaryFolder()
        #expect(
            message { _ = try ModelConfig(folder: folder.path) }
                == "\(folder.path)/config.json cannot be read: No such file or directory")
        folder.write("{", to: "config.json")
        #expect(
            message { _ = try ModelConfig(folder: folder.path) }
                == "\(folder.path)/config.json is malformed: line 1, column 2: expected a key in double quotes")
    }

    @Test(
        "what stands in place of the file is named",
        arguments: [
            ("", "it is empty; the download may be incomplete"),
            (
                "version https://git-lfs.github.com/spec/v1\n",
                "line 1, column 1: it is a Git LFS pointer, not the file itself; run 'git lfs pull' in its folder"
            ),
        ])
    func foreign(text: String, reason: String) {
        let folder = TemporaryFolder()
        folder.write(text, to: "config.json")
        #expect(
            message { _ = try ModelConfig(folder: folder.path) } == "\(folder.path)/config.json is malformed: \(reason)"
        )
    }

    @Test("truth as Python sees it, and nil where a key is absent")
    func truth() throws {
        let c = try config(#"{"a": null, "b": false, "c": 0, "d": "", "e": [], "f": {}, "g": "no", "h": 2, "i": 0.0}"#)
        for key in ["a", "b", "c", "d", "e", "f", "i"] { #expect(c.isTruthy(key) == false, "\(key)") }
        for key in ["g", "h"] { #expect(c.isTruthy(key) == true, "\(key)") }
        #expect(c.isTruthy("x") == nil)
    }
}
