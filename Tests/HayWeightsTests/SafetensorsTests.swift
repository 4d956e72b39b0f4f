import HayTensor
import TestSupport
import Testing

@testable import HayWeights

/// A file of this header and so many bytes of data.
private func file(_ header: String, data: Int) -> [UInt8] {
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + Array(header.utf8)
        + (0 ..< data).map { UInt8(truncatingIfNeeded: $0) }
}

private func entry(_ name: String, _ type: String, _ shape: String, _ begin: Int, _ end: Int) -> String {
    #""\#(name)":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":[\#(begin),\#(end)]}"#
}

@Suite("Safetensors")
struct SafetensorsTests {
    let folder = TemporaryFolder()

    private func message(_ bytes: [UInt8]) -> String {
        let path = folder.write(bytes, to: "m")
        do {
            _ = try Safetensors(path)
            return "no error"
        } catch {
            return "\(error)".replacing(path, with: "FILE")
        }
    }

    @Test("reads tensors in the order of their bytes, metadata aside")
    func reads() throws {
        let header =
            "{\"__metadata__\":{\"format\":\"pt\"},\(entry("b", "F16", "[2]", 8, 12)),\(entry("a", "F32", "[1,2]", 0, 8))}"
        let path = folder.write(file(header, data: 12), to: "m")
        let tensors = try Safetensors(path)
        #expect(tensors.entries.map(\.name) == ["a", "b"])
        #expect(tensors.entries.map(\.shape) == [[1, 2], [2]])
        #expect(tensors.entries[1].range.count == 4)
    }

    @Test("a tensor of no elements takes no bytes")
    func empty() {
        #expect(message(file("{\(entry("a", "F32", "[0,4]", 0, 0))}", data: 0)) == "no error")
        #expect(message(file("{\(entry("s", "F32", "[]", 0, 4))}", data: 4)) == "no error")
    }

    @Test("a file cut within the length, the header or the data, with how much is missing")
    func truncated() {
        let whole = file("{\(entry("a", "F32", "[1]", 0, 4)),\(entry("b", "F32", "[2]", 4, 12))}", data: 12)
        let size = whole.count
        #expect(message([1, 0, 0]) == "FILE has 3 of 8 bytes, 5 are missing; download it again")
        #expect(
            message(Array(whole[..<30]))
                == "FILE has 30 of \(size - 12) bytes, \(size - 42) are missing; download it again")
        #expect(
            message(Array(whole.dropLast(11)))
                == "FILE has \(size - 11) of \(size) bytes, 11 are missing; download it again")
    }

    @Test("offsets beyond what a number holds")
    func farOffsets() {
        #expect(
            message(file("{\(entry("a", "NEW", "[1]", 0, Int.max))}", data: 4))
                == "tensor 'a' in FILE: 'data_offsets' are beyond any file")
    }

    @Test(
        "what stands in place of weights is named, with what to do",
        arguments: [
            ("", "FILE is empty; the download may be incomplete"),
            (
                "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n",
                "FILE is a Git LFS pointer, not the file itself; run 'git lfs pull' in its folder"
            ),
            (
                "<!DOCTYPE html><html>",
                "FILE is an HTML or XML page, not the file itself; download it again, signed in where that is needed"
            ),
            (
                "PK\u{3}\u{4}archive/data.pkl",
                "FILE is a zip archive, which is how PyTorch saves a pickle; convert it to safetensors"
            ),
            ("GGUF\u{3}\0\0\0\0", "FILE is a GGUF file of llama.cpp; convert it to safetensors"),
            ("\0\0\0\0\0\0\0\0\0\0", "FILE is zeros at its beginning; the download may be incomplete"),
            (
                #"{"error":"Repository not found"}"#,
                #"FILE is a text that begins with '{"error":"Repository not found"}'"#
            ),
        ])
    func foreign(text: String, expected: String) {
        #expect(message(Array(text.utf8)) == expected)
    }

    @Test("a header length beyond the limit, up to the largest number")
    func headerTooLarge() {
        #expect(
            message([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0])
                == "FILE announces a header of 18446744073709551615 bytes, more than the limit of 100000000")
    }

    @Test("a header that is not JSON or not an object")
    func malformedHeader() {
        #expect(
            message(file("{\"a\"", data: 0))
                == "the header of FILE is malformed: line 1, column 5: expected ':' after the key 'a'")
        #expect(message(file("[]", data: 0)) == "the header of FILE is malformed: an array, expected an object")
    }

    @Test(
        "an entry that lacks a field or has one of another kind",
        arguments: [
            ("{\"a\":{}}", "'dtype' is not a string"),
            ("{\"a\":{\"dtype\":\"F32\"}}", "'shape' is not a list of sizes"),
            ("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", "'shape' is not a list of sizes"),
            ("{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}", "'shape' is not a list of sizes"),
            (
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}",
                "'data_offsets' is not a pair of offsets"
            ),
            (
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,99999999999999999999]}}",
                "'data_offsets' is not a pair of offsets"
            ),
        ])
    func malformedEntry(header: String, reason: String) {
        #expect(message(file(header, data: 4)) == "tensor 'a' in FILE: \(reason)")
    }

    @Test("a type that is not known is an entry of some bytes")
    func unknownType() throws {
        let path = folder.write(file("{\(entry("a", "F17", "[3,5000000000,5000000000]", 0, 4))}", data: 4), to: "m")
        let entry = try Safetensors(path).entries[0]
        #expect(entry.typeName == "F17")
        #expect(entry.range.count == 4)
        #expect(entry.elementCount == 32, "no more than the bits")
    }

    @Test("a name that stands twice")
    func duplicate() {
        let header = "{\(entry("a", "F32", "[1]", 0, 4)),\(entry("a", "F32", "[1]", 4, 8))}"
        #expect(message(file(header, data: 8)) == "FILE names tensor 'a' twice")
    }

    @Test("offsets that end before they begin")
    func reversed() {
        #expect(
            message(file("{\(entry("a", "F32", "[1]", 4, 0))}", data: 4))
                == "tensor 'a' in FILE ends at 0, before it begins at 4")
    }

    @Test("offsets that do not fit the shape")
    func wrongSize() {
        #expect(
            message(file("{\(entry("a", "F32", "[3]", 0, 8))}", data: 8))
                == "tensor 'a' in FILE spans 8 bytes, but its shape and type need 12")
    }

    @Test("a shape whose size overflows")
    func shapeTooLarge() {
        #expect(
            message(file("{\(entry("a", "F32", "[4294967296,4294967296,2]", 0, 8))}", data: 8))
                == "tensor 'a' in FILE has the shape [4294967296, 4294967296, 2], larger than any memory")
    }

    @Test("tensors that share bytes")
    func overlap() {
        let header = "{\(entry("a", "F32", "[2]", 0, 8)),\(entry("b", "F32", "[1]", 4, 8))}"
        #expect(message(file(header, data: 8)) == "tensors 'a' and 'b' in FILE share bytes")
    }

    @Test("bytes between tensors")
    func hole() {
        let header = "{\(entry("a", "F32", "[1]", 0, 4)),\(entry("b", "F32", "[1]", 8, 12))}"
        #expect(message(file(header, data: 12)) == "tensor 'b' in FILE begins at 8, leaving bytes from 4 to no tensor")
    }

    @Test("bytes after the last tensor")
    func trailing() {
        #expect(
            message(file("{\(entry("a", "F32", "[1]", 0, 4))}", data: 5))
                == "FILE has 5 bytes of data, but its last tensor ends at 4")
    }

    @Test("any byte of a small file changed is an error or another sound file, never a trap")
    func everyByte() {
        let bytes = file("{\(entry("a", "F32", "[2]", 0, 8)),\(entry("b", "BF16", "[2]", 8, 12))}", data: 12)
        for place in bytes.indices {
            for value: UInt8 in [0, 0x22, 0x2D, 0x39, 0x5D, 0x7D, 0xFF] {
                var changed = bytes
                changed[place] = value
                _ = message(changed)
            }
        }
    }

    @Test("what the writer writes is read back, aligned")
    func writer() throws {
        let path = "\(folder.path)/w"
        try SafetensorsWriter.write([("logits", [1, 3], [1, 2, 3]), ("x", [1], [-0.5])], to: path)
        let file = try TensorFile(path)
        #expect(file.names == ["logits", "x"])
        #expect(try file.floats("logits").shape == [1, 3])
        #expect(try file.floats("logits").values == [1, 2, 3])
        #expect(try file.floats("x").values == [-0.5])
        #expect(try Safetensors(path).entries[0].range.lowerBound % 8 == 0)
        #expect(throws: FileError(path: "/no/such/x", reason: "cannot be written: No such file or directory")) {
            try SafetensorsWriter.write([], to: "/no/such/x")
        }
    }
}

@Suite("Checkpoints")
struct CheckpointTests {
    let folder = TemporaryFolder()
    let backend = CPUBackend(threadCount: 1)

    private func write(_ name: String, _ tensors: [(String, [Int], [Float])]) throws {
        try SafetensorsWriter.write(
            tensors.map { (name: $0.0, shape: $0.1, values: $0.2) }, to: "\(folder.path)/\(name)")
    }

    private func message(_ work: () throws -> Void) -> String {
        do {
            try work()
            return "no error"
        } catch { return "\(error)".replacing(folder.path, with: "FOLDER") }
    }

    @Test("weights are seen through a prefix, in place or in another type")
    func prefix() throws {
        try write("model.safetensors", [("a.b.weight", [1, 2], [1, 2]), ("a.b.bias", [1], [3]), ("left", [1], [0])])
        let checkpoint = try Checkpoint(folder: folder.path)
        let layer = Weights(checkpoint, on: backend, dtype: .bf16)["a"]["b"]
        let weight = try layer.matrix("weight", [1, 2])
        #expect(weight.dtype == .bf16)
        #expect(try weight.converted(to: .f32).array() == [1, 2])
        #expect(try layer.vector("bias", [1]).array() == [3])
        #expect(try layer.vectorIfPresent("scale", [1]) == nil)
        #expect(try Weights(checkpoint, on: backend).matrix("a.b.weight", [1, 2]).dtype == .f32)
        #expect(checkpoint.unrequested == ["left"])
        #expect(checkpoint.parameterCount == 4)
    }

    @Test("a tensor that is missing, of another shape or not of floats")
    func wrong() throws {
        let header = "{\(entry("i", "I64", "[1]", 0, 8)),\(entry("w", "F32", "[1,2]", 8, 16))}"
        folder.write(file(header, data: 16), to: "model.safetensors")
        let weights = Weights(try Checkpoint(folder: folder.path), on: backend)
        #expect(message { _ = try weights["x"].matrix("w", [1]) } == "FOLDER/model.safetensors has no tensor 'x.w'")
        #expect(
            message { _ = try weights.matrix("w", [2, 1]) }
                == "tensor 'w' in FOLDER/model.safetensors has shape [1, 2], expected [2, 1]")
        #expect(
            message { _ = try weights.matrix("i", [1]) }
                == "tensor 'i' in FOLDER/model.safetensors has type I64, expected F32, BF16, F16, F64 or blocks")
    }

    @Test("a folder without weights, perhaps with others than are read")
    func none() {
        #expect(
            message { _ = try Checkpoint(folder: folder.path) }
                == "FOLDER has neither model.safetensors nor model.safetensors.index.json")
        folder.write("PK", to: "pytorch_model.bin")
        #expect(
            message { _ = try Checkpoint(folder: folder.path) }
                == "FOLDER has neither model.safetensors nor model.safetensors.index.json; "
                + "convert pytorch_model.bin to one of them")
    }
}
