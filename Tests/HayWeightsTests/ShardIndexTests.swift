import HayTensor
import TestSupport
import Testing

@testable import HayWeights

@Suite("Checkpoints in several files")
struct ShardIndexTests {
    let folder = TemporaryFolder()
    let backend = CPUBackend(threadCount: 1)

    private func write(_ name: String, _ tensors: [(String, [Int], [Float])]) throws {
        try SafetensorsWriter.write(
            tensors.map { (name: $0.0, shape: $0.1, values: $0.2) }, to: "\(folder.path)/\(name)")
    }

    /// The values of tensors of one element, or the error.
    private func values(_ names: [String], index: String) throws -> [Float] {
        folder.write(index, to: "model.safetensors.index.json")
        let weights = Weights(try Checkpoint(folder: folder.path), on: backend)
        return try names.flatMap { try weights.vector($0, [1]).array() }
    }

    private func message(_ work: () throws -> Void) -> String {
        do {
            try work()
            return "no error"
        } catch {
            return "\(error)".replacing(folder.path, with: "FOLDER").replacing(
                "model.safetensors.index.json", with: "INDEX")
        }
    }

    @Test(
        "only the names of the files count",
        arguments: [
            #"{"weight_map": {"a": "1.safetensors", "b": "2.safetensors", "c": "2.safetensors"}}"#,
            #"{"weight_map": {"a": "1.safetensors", "b": "2.safetensors"}}"#,
            #"{"weight_map": {"a": "2.safetensors", "b": "1.safetensors"}}"#,
            #"{"weight_map": {"a": "1.safetensors", "z": "2.safetensors"}}"#,
            #"{"weight_map": {"a": "1.safetensors", "a": "2.safetensors"}, "metadata": {"total_size": 7}}"#,
        ])
    func names(index: String) throws {
        try write("1.safetensors", [("a", [1], [1])])
        try write("2.safetensors", [("b", [1], [2]), ("c", [1], [3])])
        #expect(try values(["a", "b", "c"], index: index) == [1, 2, 3])
    }

    @Test("a tensor in two files is the one of the last, and one that is in no named file is missing")
    func several() throws {
        try write("1.safetensors", [("a", [1], [1]), ("b", [1], [5])])
        try write("2.safetensors", [("b", [1], [2])])
        let both = #"{"weight_map": {"a": "1.safetensors", "b": "2.safetensors"}}"#
        #expect(try values(["a", "b"], index: both) == [1, 2])
        let first = #"{"weight_map": {"a": "1.safetensors"}}"#
        #expect(try values(["b"], index: first) == [5])
        #expect(
            message { _ = try values(["c"], index: first) } == "FOLDER has no tensor 'c'")
    }

    @Test("one whole file counts before the index")
    func whole() throws {
        try write("1.safetensors", [("a", [1], [1])])
        try write("model.safetensors", [("a", [1], [4])])
        #expect(try values(["a"], index: #"{"weight_map": {"a": "1.safetensors"}}"#) == [4])
    }

    @Test(
        "an index that is not one",
        arguments: [
            ("[", "FOLDER/INDEX is malformed: line 1, column 2: the text ends where a value is expected"),
            ("{}", "FOLDER/INDEX is malformed: it has no object 'weight_map'"),
            (#"{"weight_map": {}}"#, "FOLDER/INDEX is malformed: its 'weight_map' names no file"),
            (#"{"weight_map": {"a": 1}}"#, "FOLDER/INDEX is malformed: the file of tensor 'a' is an integer"),
            (
                #"{"weight_map": {"a": "../x.safetensors"}}"#,
                "FOLDER/INDEX is malformed: the file of tensor 'a' is not beside it: '../x.safetensors'"
            ),
            (
                #"{"weight_map": {"a": "/x.safetensors"}}"#,
                "FOLDER/INDEX is malformed: the file of tensor 'a' is not beside it: '/x.safetensors'"
            ),
            (
                #"{"weight_map": {"z": "2.safetensors"}}"#,
                "FOLDER/INDEX names 2.safetensors, which is not there; the download may be incomplete"
            ),
            (
                "version https://git-lfs.github.com/spec/v1",
                "FOLDER/INDEX is malformed: line 1, column 1: it is a Git LFS pointer, not the file itself; "
                    + "run 'git lfs pull' in its folder"
            ),
        ])
    func malformed(text: String, expected: String) throws {
        try write("1.safetensors", [("a", [1], [1])])
        folder.write(text, to: "model.safetensors.index.json")
        #expect(message { _ = try Checkpoint(folder: folder.path) } == expected)
    }
}
