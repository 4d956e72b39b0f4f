import HayTensor
import TestSupport
import Testing

@testable import HayWeights

@Suite("Tensors in types that kernels do not read")
struct StoredTypeTests {
    let folder = TemporaryFolder()
    let backend = CPUBackend(threadCount: 1)

    @Test("vectors of doubles and integers become f32")
    func vectors() throws {
        let values: [(String, [UInt8], [Float])] = [
            ("F64", bytes([1.5, -0.1, 1e300]), [1.5, -0.1, .infinity]), ("I64", bytes([1, -2, 3]), [1, -2, 3]),
            ("I32", bytes([1, -2, 3] as [Int32]), [1, -2, 3]), ("I16", bytes([1, -2, 300] as [Int16]), [1, -2, 300]),
            ("I8", bytes([1, -2, 127] as [Int8]), [1, -2, 127]), ("U8", bytes([1, 2, 255] as [UInt8]), [1, 2, 255]),
            ("U16", bytes([1, 2, 65535] as [UInt16]), [1, 2, 65535]),
            ("U32", bytes([1, 2, 3] as [UInt32]), [1, 2, 3]),
            ("U64", bytes([1, 2, 3] as [UInt64]), [1, 2, 3]), ("BOOL", [0, 1, 1], [0, 1, 1]),
        ]
        let weights = try Weights(folder.checkpoint(values.map { ($0.0, $0.0, [3], $0.1) }), on: backend)
        for (type, _, expected) in values { #expect(try weights.vector(type, [3]).array() == expected, "\(type)") }
    }

    @Test("matrices of doubles become f32 or the type asked for, also when a checkpoint is quantized")
    func matrices() throws {
        let values = (0 ..< 33 * 32).map { Double($0 % 15 - 7) }
        let checkpoint = try folder.checkpoint([
            ("w", "F64", [33, 32], bytes(values)), ("n", "F64", [2], bytes([1.0, 2.0])),
        ])
        let plain = Weights(checkpoint, on: backend)
        #expect(try plain.matrix("w", [33, 32]).array() == values.map(Float.init))
        let narrow = try Weights(checkpoint, on: backend, dtype: .bf16).matrix("w", [33, 32])
        #expect(narrow.dtype == .bf16)
        #expect(try narrow.converted(to: .f32).array() == values.map(Float.init), "small integers are exact in bf16")
        _ = try plain.vector("n", [2])
        let output = TemporaryFolder()
        try CheckpointQuantizer(checkpoint, to: .int8, on: backend).write(to: output.path)
        let quantized = try Weights(Checkpoint(folder: output.path), on: backend)
        let loaded = try Weights(checkpoint, on: backend, dtype: .int8).matrix("w", [33, 32]).dequantized().array()
        #expect(try quantized.matrix("w", [33, 32]).dequantized().array() == loaded)
        #expect(try quantized.vector("n", [2]).array() == [1, 2])
    }

    @Test("routers keep their values whatever type matrices have, also when a checkpoint is quantized")
    func routers() throws {
        let values = (0 ..< 33 * 32).map { Float($0 % 257) / 128 }
        let checkpoint = try folder.checkpoint([
            ("b", "BF16", [33, 32], bytes(values, as: "BF16")), ("d", "F64", [33, 32], bytes(values, as: "F64")),
        ])
        let narrow = try Weights(checkpoint, on: backend).router("b", [33, 32])
        for dtype in [nil, DType.f32, .int8, .int4] {
            let weights = Weights(checkpoint, on: backend, dtype: dtype)
            let (b, d) = (try weights.router("b", [33, 32]), try weights.router("d", [33, 32]))
            #expect(b.dtype == .bf16 && d.dtype == .f32)
            #expect(try b.converted(to: .f32).array() == narrow.converted(to: .f32).array())
            #expect(try d.array() == values)
        }
        let output = TemporaryFolder()
        try CheckpointQuantizer(checkpoint, to: .int4, on: backend).write(to: output.path)
        let kept = try Weights(Checkpoint(folder: output.path), on: backend).router("b", [33, 32])
        #expect(kept.dtype == .bf16)
        #expect(try kept.converted(to: .f32).array() == narrow.converted(to: .f32).array())
    }

    @Test("a router that is stored in blocks is f32 in memory")
    func routerInBlocks() throws {
        let values = (0 ..< 16 * 32).map { Float($0 % 255 - 127) }
        let checkpoint = try folder.checkpoint([("w", "F32", [16, 32], bytes(values))])
        _ = try Weights(checkpoint, on: backend).matrix("w", [16, 32])
        let output = TemporaryFolder()
        try CheckpointQuantizer(checkpoint, to: .int8, on: backend).write(to: output.path)
        let weights = try Weights(Checkpoint(folder: output.path), on: backend)
        let router = try weights.router("w", [16, 32])
        #expect(router.dtype == .f32)
        #expect(try router.array() == weights.matrix("w", [16, 32]).dequantized().array())
    }

    @Test("a type that is not read matters only where the tensor is used")
    func unused() throws {
        let checkpoint = try folder.checkpoint([
            ("w", "F32", [1], bytes([2] as [Float])), ("f8", "F8_E4M3", [3], [1, 2, 3]), ("new", "NEW", [9, 9], [1]),
            ("i", "I8", [1, 2], [1, 2]),
        ])
        let weights = Weights(checkpoint, on: backend)
        #expect(try weights.vector("w", [1]).array() == [2])
        #expect(checkpoint.unrequested == ["f8", "i", "new"])
        #expect(checkpoint.parameterCounts == ["F32": 1, "F8_E4M3": 3, "I8": 2, "NEW": 8])
        #expect(
            folder.message { _ = try weights.vector("f8", [3]) }
                == "tensor 'f8' in FOLDER/model.safetensors has type F8_E4M3, "
                + "expected floats of 16 bits or more, or integers")
        #expect(
            folder.message { _ = try weights.matrix("new", [9, 9]) }
                == "tensor 'new' in FOLDER/model.safetensors has type NEW, expected F32, BF16, F16, F64 or blocks")
        #expect(
            folder.message { _ = try weights.matrix("i", [1, 2]) }
                == "tensor 'i' in FOLDER/model.safetensors has type I8, expected F32, BF16, F16, F64 or blocks")
    }

    @Test("tied tables stand for those that are not there; equal ones share memory, others are their own")
    func tied() throws {
        let one = bytes([1, 2] as [Float]), other = bytes([3, 4] as [Float])
        let checkpoint = try folder.checkpoint([
            ("b", "F32", [1, 2], one), ("c", "F32", [1, 2], one), ("d", "F32", [1, 2], other),
        ])
        let weights = Weights(checkpoint, on: backend)
        let tables = try weights.tiedTables(["a", "b", "c", "d"], [1, 2])
        #expect(try tables.map { try $0.array() } == [[1, 2], [1, 2], [1, 2], [3, 4]])
        #expect(checkpoint.unrequested == ["c"], "an equal table is not read")
        #expect(
            folder.message { _ = try weights.tiedTables(["x", "y"], [1, 2]) }
                == "FOLDER/model.safetensors has no tensor 'x'")
    }
}
