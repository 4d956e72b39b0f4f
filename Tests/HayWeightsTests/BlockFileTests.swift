import HayJSON
import HayTensor
import TestSupport
import Testing

@testable import HayWeights

@Suite("Checkpoints in blocks")
struct BlockFileTests {
    let folder = TemporaryFolder(), output = TemporaryFolder()
    let backend = CPUBackend(threadCount: 1)

    /// Whole numbers from -7 to 8 in no order, all of them in each group: both types keep them.
    private func whole(_ count: Int) -> [Float] {
        (0 ..< count).map { place -> Float in
            let level: Int = (place * 7 + place / 16) % 15
            return place % 32 == 31 ? 8 : Float(level - 7)
        }
    }

    /// A layer, a table, a norm and a tensor that no model asks for.
    private func checkpoint() throws -> Checkpoint {
        try SafetensorsWriter.write(
            [
                ("layer.weight", [17, 64], whole(17 * 64)), ("left", [2], [1, 2]), ("norm.weight", [64], whole(64)),
                ("table.weight", [5, 64], whole(5 * 64)),
            ], to: "\(folder.path)/model.safetensors")
        return try Checkpoint(folder: folder.path)
    }

    private func load(_ weights: Weights) throws -> [Tensor] {
        try [
            weights["layer"].matrix("weight", [17, 64]), weights["table"].table("weight", [5, 64]),
            weights["norm"].vector("weight", [64]),
        ]
    }

    private func floats(_ tensors: [Tensor]) throws -> [[Float]] {
        try tensors.map { try ($0.dtype.isInBlocks ? $0.dequantized() : $0.converted(to: .f32)).array() }
    }

    /// A quantized copy of the checkpoint in `output`.
    private func quantize(to dtype: DType, shardSize: Int? = nil) throws -> Checkpoint {
        let checkpoint = try checkpoint()
        _ = try load(Weights(checkpoint, on: backend))
        var quantizer = try CheckpointQuantizer(checkpoint, to: dtype, on: backend)
        if let shardSize { quantizer.shardSize = shardSize }
        try quantizer.write(to: output.path)
        return try Checkpoint(folder: output.path)
    }

    private func message(_ work: () throws -> Void) -> String {
        do {
            try work()
            return "no error"
        } catch {
            return "\(error)".replacing(folder.path, with: "FOLDER").replacing(output.path, with: "OUTPUT")
        }
    }

    @Test("matrices are quantized as they load; tables stay int8, and the rest f32", arguments: [DType.int8, .int4])
    func loading(dtype: DType) throws {
        let progress = Collected<String>()
        let checkpoint = try checkpoint()
        let weights = Weights(checkpoint, on: backend, dtype: dtype) {
            progress.append("\($0.dtype) \($0.done) of \($0.total)")
        }
        let tensors = try load(weights)
        #expect(tensors.map(\.dtype) == [dtype, .int8, .f32])
        let plain = try floats(load(Weights(checkpoint, on: backend)))
        let found = try floats(tensors)
        #expect(found[2] == plain[2])
        #expect(dtype == .int8 || found[0] == plain[0], "whole numbers from -7 to 8 are kept by int4")
        for (a, b) in zip(found.joined(), plain.joined()) { #expect(abs(a - b) < 0.04) }  // half of 8 / 127
        #expect(progress.all == ["\(dtype) 4352 of 5896", "int8 5632 of 5896"])
        #expect(checkpoint.byteCount(as: .int8) == 2 * 2 * 544 + 2 * 544 + 256)
        #expect(checkpoint.byteCount(as: .int4) == 2 * 2 * 304 + 2 * 544 + 256)
        #expect(checkpoint.byteCount(as: .bf16) == (17 + 5) * 64 * 2 + 256)
    }

    @Test("values that no block can hold are an error that names them")
    func unrepresentable() throws {
        try SafetensorsWriter.write(
            [("w", [1, 3], [1, .infinity, 2])], to: "\(folder.path)/model.safetensors")
        let weights = Weights(try Checkpoint(folder: folder.path), on: backend, dtype: .int4)
        let reason = "has values that are infinite, not a number or too large for int"
        #expect(
            message { _ = try weights.matrix("w", [1, 3]) }
                == "tensor 'w' in FOLDER/model.safetensors \(reason)4")
        #expect(
            message { _ = try weights.table("w", [1, 3]) }
                == "tensor 'w' in FOLDER/model.safetensors \(reason)8")
    }

    @Test("a quantized checkpoint holds the weights that quantizing at load gives", arguments: [DType.int8, .int4])
    func written(dtype: DType) throws {
        let quantized = try quantize(to: dtype)
        #expect(quantized.names == ["layer.weight", "norm.weight", "table.weight"])
        let loaded = try load(Weights(quantized, on: backend))
        #expect(loaded.map(\.dtype) == [dtype, .int8, .f32])
        let expected = try floats(load(Weights(checkpoint(), on: backend, dtype: dtype)))
        #expect(try floats(loaded) == expected)
        #expect(try floats(load(Weights(quantized, on: backend, dtype: dtype))) == expected)
        #expect(try floats(load(Weights(quantized, on: backend, dtype: .f32))) == expected)
        #expect(quantized.parameterCounts[dtype.rawValue] == (dtype == .int8 ? 17 + 5 : 17) * 64)
        let data = try Safetensors("\(output.path)/model.safetensors").entries[0].range.lowerBound
        #expect(data % 64 == 0)
    }

    @Test("large checkpoints are written in shards")
    func shards() throws {
        let quantized = try quantize(to: .int4, shardSize: 1400)
        #expect(
            quantized.files.map { $0.replacing(output.path, with: "") } == [
                "/model-00001-of-00002.safetensors", "/model-00002-of-00002.safetensors",
            ])
        let expected = try floats(load(Weights(checkpoint(), on: backend, dtype: .int4)))
        #expect(try floats(load(Weights(quantized, on: backend))) == expected)
    }

    @Test("blocks become no other blocks")
    func again() throws {
        let quantized = try quantize(to: .int4)
        #expect(
            message { _ = try load(Weights(quantized, on: backend, dtype: .int8)) }
                == "tensor 'layer.weight' in OUTPUT/model.safetensors is in int4 blocks; to get int8, "
                + "quantize the original checkpoint")
        #expect(
            message { _ = try CheckpointQuantizer(quantized, to: .int4, on: backend) }
                == "tensor 'layer.weight' in OUTPUT/model.safetensors is in int4 blocks; to get int4, "
                + "quantize the original checkpoint")
    }

    @Test("what ends the work midway is passed on")
    func stopped() throws {
        let checkpoint = try checkpoint()
        _ = try load(Weights(checkpoint, on: backend))
        let quantizer = try CheckpointQuantizer(checkpoint, to: .int8, on: backend)
        #expect(throws: FileError(path: "x", reason: "stop")) {
            try quantizer.write(to: output.path) { _, _ in throw FileError(path: "x", reason: "stop") }
        }
        #expect(
            message { try quantizer.write(to: "/no/such") }
                == "/no/such/model.safetensors cannot be written: No such file or directory")
    }

    @Test(
        "metadata that do not fit the bytes",
        arguments: [
            (
                #""hayloft_blocks":"2","w":"int4 1 1""#,
                "the header of FILE is malformed: 'hayloft_blocks' is \"2\", expected \"1\"; a newer Hayloft may read it"
            ),
            (
                #""hayloft_blocks":"1","w":"int4 17 1""#,
                "tensor 'w' in FILE: U8 [1, 1, 304] does not hold int4 [17, 1], expected U8 [2, 1, 304]"
            ),
            (
                #""hayloft_blocks":"1","w":"int8 1 1""#,
                "tensor 'w' in FILE: U8 [1, 1, 304] does not hold int8 [1, 1], expected U8 [1, 1, 544]"
            ),
            (#""hayloft_blocks":"1","w":"int4 16 32""#, "no error"),
        ])
    func metadata(metadata: String, expected: String) {
        let entry = #""w":{"dtype":"U8","shape":[1,1,304],"data_offsets":[0,304]}"#
        let header = Array("{\"__metadata__\":{\(metadata)},\(entry)}".utf8)
        let bytes = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) } + header
        let path = folder.write(bytes + [UInt8](repeating: 0, count: 304), to: "m")
        #expect(message { _ = try Safetensors(path) }.replacing("FOLDER/m", with: "FILE") == expected)
    }

    @Test(
        "metadata that are no matrix",
        arguments: ["int4 1", "int4 0 1", "int4 1 -1", "int4 1 9999999999", "f32 1 1", "int4  1", "", "int4 1 1 1"])
    func noMatrix(text: String) throws {
        var entries = [Safetensors.Entry(name: "w", type: .U8, shape: [1, 1, 304], range: 0 ..< 304)]
        #expect(throws: CheckpointError.self) {
            try BlockMetadata.apply(["hayloft_blocks": "1", "w": .string(text)], to: &entries, file: "f")
        }
    }
}
