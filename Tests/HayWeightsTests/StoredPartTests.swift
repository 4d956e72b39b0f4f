import HayTensor
import TestSupport
import Testing

@testable import HayWeights

/// A part, the stored tensor that it is cut from, and the indices of its elements there.
private struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let part: StoredPart
    let stored: [Int]
    let shape: [Int]
    /// The index in the stored tensor of the element in a row and a column.
    let index: @Sendable (Int, Int) -> Int

    var testDescription: String { name }

    static let all = [
        Case(name: "whole", part: .whole, stored: [20, 33], shape: [20, 33]) { $0 * 33 + $1 },
        Case(name: "rows of Phi-3", part: .rows(17 ..< 49, of: 81), stored: [81, 40], shape: [32, 40]) {
            ($0 + 17) * 40 + $1
        },
        Case(name: "the transpose", part: .transposed, stored: [70, 300], shape: [300, 70]) { $1 * 300 + $0 },
        Case(name: "columns of GPT-2", part: .columns(48 ..< 96, of: 144), stored: [48, 144], shape: [48, 48]) {
            $1 * 144 + $0 + 48
        },
        Case(name: "keys of GPT-NeoX", part: .perHead(1, of: 3, headSize: 5), stored: [60, 33], shape: [20, 33]) {
            ($0 / 5 * 15 + 5 + $0 % 5) * 33 + $1
        },
        Case(name: "every third row", part: .everyRow(2, of: 3), stored: [51, 8], shape: [17, 8]) {
            ($0 * 3 + 2) * 8 + $1
        },
        Case(
            name: "ups of gpt-oss", part: .everyColumn(1, of: 2).inStack(2, of: 3), stored: [3, 40, 66],
            shape: [33, 40]
        ) { 2 * 40 * 66 + $1 * 66 + 2 * $0 + 1 },
        Case(
            name: "downs of gpt-oss", part: .transposed.inStack(1, of: 2), stored: [2, 36, 50], shape: [50, 36]
        ) { 36 * 50 + $1 * 50 + $0 },
        Case(
            name: "rows of a stack", part: .rows(16 ..< 32, of: 40).inStack(0, of: 2), stored: [2, 40, 9],
            shape: [16, 9]
        ) { ($0 + 16) * 9 + $1 },
        Case(name: "columns by heads", part: .columns(3 ..< 5, of: 7), stored: [33, 280], shape: [80, 33]) {
            $1 * 280 + $0 / 2 * 7 + 3 + $0 % 2
        },
        Case(name: "one row", part: .rows(4 ..< 5, of: 6), stored: [6, 64], shape: [1, 64]) { ($0 + 4) * 64 + $1 },
    ]
}

@Suite("Parts of stored tensors")
struct StoredPartTests {
    let folder = TemporaryFolder(), plain = TemporaryFolder()
    let backend = CPUBackend(threadCount: 1)

    /// Numbers that all types hold apart, in no order, except in blocks.
    private func numbers(_ count: Int) -> [Float] {
        var random = SplitMix(seed: 7)
        return (0 ..< count).map { _ in Float(Int(random.next() % 255) - 127) / 64 }
    }

    @Test(
        "are to the bit what cutting before the file is written gives, in every type",
        arguments: Case.all, ["F32", "BF16", "F16", "F64"])
    fileprivate func cut(example: Case, type: String) throws {
        let values = numbers(example.stored.reduce(1, *))
        let shape = Shape(example.shape)
        let expected = (0 ..< shape[0]).flatMap { row in
            (0 ..< shape[1]).map { values[example.index(row, $0)] }
        }
        let fused = try folder.checkpoint([
            ("odd", "U8", [3], [1, 2, 3]), ("w", type, example.stored, bytes(values, as: type)),
        ])
        let cut = try plain.checkpoint([("w", type, example.shape, bytes(expected, as: type))])
        for dtype in [nil, DType.f32, .bf16, .f16, .int8, .int4] {
            for copiesFiles in [false, true] {
                let part = try Weights(fused, on: backend, dtype: dtype, copiesFiles: copiesFiles)
                    .matrix("w", shape, part: example.part)
                let whole = try Weights(cut, on: backend, dtype: dtype).matrix("w", shape)
                #expect(part.shape == shape && part.dtype == whole.dtype)
                #expect(try part.bytes() == whole.bytes(), "\(dtype.map { "\($0)" } ?? "stored")")
            }
        }
        #expect(fused.unrequested == ["odd"])
    }

    @Test("are read in pieces of some megabytes, of which none is lost")
    func pieces() throws {
        let values = numbers(3000 * 1500)
        let fused = try folder.checkpoint([("w", "F32", [1500, 3000], bytes(values))])
        let part = try Weights(fused, on: backend).matrix("w", [1500, 1500], part: .everyColumn(1, of: 2)).array()
        var expected: [Float] = []
        for row in 0 ..< 1500 {
            for column in 0 ..< 1500 { expected.append(values[column * 3000 + 2 * row + 1]) }
        }
        #expect(part == expected)
        let rows = try Weights(fused, on: backend, copiesFiles: true)
            .matrix("w", [1000, 3000], part: .rows(1 ..< 3, of: 3)).array()
        expected = []
        for group in 0 ..< 500 { expected += values[(group * 3 + 1) * 3000 ..< (group * 3 + 3) * 3000] }
        #expect(rows == expected)
    }

    @Test("of vectors are cut as the rows of their matrices")
    func vectors() throws {
        let weights = try Weights(
            folder.checkpoint([
                ("b", "BF16", [6], bytes([0, 1, 2, 3, 4, 5], as: "BF16")),
                ("s", "F32", [2, 6], bytes((0 ..< 12).map(Float.init))), ("i", "I8", [4], [1, 2, 3, 4]),
            ]), on: backend)
        #expect(try weights.vector("b", [2], part: .rows(3 ..< 5, of: 6)).array() == [3, 4])
        #expect(try weights.vector("b", [2], part: .columns(0 ..< 2, of: 6)).array() == [0, 1])
        #expect(try weights.vector("b", [6], part: .transposed).array() == [0, 1, 2, 3, 4, 5])
        #expect(try weights.vector("b", [2], part: .perHead(1, of: 3, headSize: 1)).array() == [1, 4])
        #expect(try weights.vector("b", [3], part: .everyColumn(1, of: 2)).array() == [1, 3, 5])
        #expect(try weights.vector("s", [3], part: .everyColumn(0, of: 2).inStack(1, of: 2)).array() == [6, 8, 10])
        #expect(try weights.vector("i", [2], part: .everyRow(1, of: 2)).array() == [2, 4])
        #expect(try weights.vectorIfPresent("none", [2], part: .rows(3 ..< 5, of: 6)) == nil)
    }

    @Test("stay in the file where their rows lie together and nothing is to be converted")
    func mapped() throws {
        let fused = try folder.checkpoint([("w", "F32", [4, 64], bytes(numbers(4 * 64)))])
        let told = Collected<Int>()
        func load(_ part: StoredPart, copiesFiles: Bool = false, dtype: DType? = nil) throws {
            let shape: Shape = part.isTransposed ? [32, 4] : [2, 64]
            _ = try Weights(fused, on: backend, dtype: dtype, copiesFiles: copiesFiles) { told.append($0.done) }
                .matrix("w", shape, part: part)
        }
        try load(.rows(1 ..< 3, of: 4))
        #expect(told.all == [], "no copy is reported")
        try load(.rows(1 ..< 3, of: 4), copiesFiles: true)
        try load(.everyRow(0, of: 2))
        try load(.columns(0 ..< 32, of: 64), dtype: .bf16)
        #expect(told.all == [512, 512, 512], "the bytes of the part, not of its tensor")
        #expect(fused.byteCount(as: .f32) == 3 * 512, "each of three parts counts")
    }

    @Test("of another tensor than is stored are errors that name it, the file and both shapes")
    func shapes() throws {
        let weights = try Weights(folder.checkpoint([("w", "F32", [4, 6], bytes(numbers(24)))]), on: backend)
        func expect(_ shape: Shape, _ part: StoredPart, _ stored: [Int]) {
            #expect(
                folder.message { _ = try weights.matrix("w", shape, part: part) }
                    == "tensor 'w' in FOLDER/model.safetensors has shape [4, 6], expected \(stored)")
        }
        expect([2, 6], .rows(0 ..< 2, of: 6), [6, 6])
        expect([2, 6], .columns(0 ..< 2, of: 6), [6, 6])
        expect([6, 4], .rows(0 ..< 1, of: 2), [12, 4])
        expect([4, 6], .whole.inStack(1, of: 3), [3, 4, 6])
        expect([3, 4], .everyColumn(0, of: 3), [4, 9])
        #expect(
            folder.message { _ = try weights.matrix("v", [2, 6], part: .rows(0 ..< 2, of: 4)) }
                == "FOLDER/model.safetensors has no tensor 'v'")
    }

    @Test("of sizes beyond an integer are errors, not traps")
    func overflow() throws {
        let huge = 1 << 40
        let checkpoint = try folder.checkpoint([
            ("w", "NEW", [huge, huge], [1]), ("s", "NEW", [huge, 4, huge], [1]), ("i", "I8", [2, 2], [1, 2, 3, 4]),
        ])
        let weights = Weights(checkpoint, on: backend)
        #expect(
            folder.message { _ = try weights.matrix("w", [huge, huge]) }
                == "tensor 'w' in FOLDER/model.safetensors has the shape [\(huge), \(huge)], larger than any memory")
        #expect(
            folder.message { _ = try weights.matrix("w", [huge, 1], part: .rows(0 ..< 1, of: huge)) }
                == "tensor 'w' in FOLDER/model.safetensors has shape [\(huge), \(huge)], expected [\(huge), 1]")
        #expect(
            folder.message { _ = try weights.matrices([huge, 4, huge], .stacked("s")) }
                == "tensor 's' in FOLDER/model.safetensors has the shape [\(huge), 4, \(huge)], larger than any memory")
        #expect(
            folder.message { _ = try weights.matrix("i", [1, 2], part: .rows(0 ..< 1, of: 2)) }
                == "tensor 'i' in FOLDER/model.safetensors has type I8, expected F32, BF16, F16, F64 or blocks")
    }

    @Test("of matrices in blocks begin and end at panels", arguments: [DType.int8, .int4])
    func blocks(dtype: DType) throws {
        let values = numbers(72 * 40)
        let checkpoint = try folder.checkpoint([("w", "F32", [72, 40], bytes(values))])
        _ = try Weights(checkpoint, on: backend).matrix("w", [72, 40])
        try CheckpointQuantizer(checkpoint, to: dtype, on: backend).write(to: plain.path)
        let quantized = try Checkpoint(folder: plain.path)
        func blocks(_ rows: Int, _ part: StoredPart, _ source: Checkpoint, _ dtype: DType?) throws -> [UInt8] {
            try Weights(source, on: backend, dtype: dtype).matrix("w", [rows, 40], part: part).bytes()
        }
        for (rows, part) in [
            (32, StoredPart.rows(16 ..< 48, of: 72)), (24, .rows(48 ..< 72, of: 72)), (16, .rows(0 ..< 16, of: 72)),
        ] {
            #expect(try blocks(rows, part, quantized, nil) == blocks(rows, part, checkpoint, dtype))
            let floats = try Weights(quantized, on: backend, dtype: .f32).matrix("w", [rows, 40], part: part).array()
            let loaded = try Weights(checkpoint, on: backend, dtype: dtype).matrix("w", [rows, 40], part: part)
            #expect(try floats == loaded.dequantized().array())
        }
        for (shape, part, text) in [
            ([24, 40] as Shape, StoredPart.rows(8 ..< 32, of: 72), "[8:32 of 72]"),
            ([15, 40], .rows(16 ..< 31, of: 72), "[16:31 of 72]"), ([36, 40], .everyRow(0, of: 2), "[0:1 of 2]"),
        ] {
            #expect(
                plain.message { _ = try Weights(quantized, on: backend).matrix("w", shape, part: part) }
                    == "tensor 'w' in FOLDER/model.safetensors is in \(dtype) blocks of 16 rows, from which the part "
                    + "\(text) cannot be cut; quantize the original checkpoint")
        }
    }
}
