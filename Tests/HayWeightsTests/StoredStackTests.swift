import HayTensor
import TestSupport
import Testing

@testable import HayWeights

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

@Suite("Stacks of matrices")
struct StoredStackTests {
    let folder = TemporaryFolder(), output = TemporaryFolder()
    let backend = CPUBackend(threadCount: 1)

    private let count = 5, rows = 18, columns = 40

    /// The gate or the up of an expert [F, C].
    private func matrix(_ expert: Int, _ seed: Int) -> [Float] {
        var random = SplitMix(seed: UInt64(expert * 10 + seed))
        return (0 ..< rows * columns).map { _ in Float(Int(random.next() % 255) - 127) / 64 }
    }

    private func transposed(_ values: [Float], _ rows: Int) -> [Float] {
        let columns = values.count / rows
        return (0 ..< values.count).map { values[$0 % rows * columns + $0 / rows] }
    }

    private let forms: [StoredStack] = [
        .stacked("gate_up", part: .rows(18 ..< 36, of: 36)), .stacked("fused", part: .everyColumn(1, of: 2)),
        .each("experts.*.w3.weight"),
    ]

    /// The same experts as transformers 5 saves them, as gpt-oss has them, and one by one.
    private func checkpoint(_ form: Int, _ type: String = "F32", leavingOut expert: Int? = nil) throws -> Checkpoint {
        let experts = (0 ..< count).map { (gate: matrix($0, 1), up: matrix($0, 3)) }
        switch form {
        case 0:
            let values = experts.flatMap { $0.gate + $0.up }
            return try folder.checkpoint([("gate_up", type, [count, 2 * rows, columns], bytes(values, as: type))])
        case 1:
            let values = experts.flatMap { expert in
                let both = (0 ..< rows).flatMap { row in
                    [expert.gate, expert.up].flatMap { $0[row * columns ..< (row + 1) * columns] }
                }
                return transposed(both, 2 * rows)
            }
            return try folder.checkpoint([("fused", type, [count, columns, 2 * rows], bytes(values, as: type))])
        default:
            let order = [3, 0, 4, 2, 1].filter { (index: Int) in index != expert }
            return try folder.checkpoint(
                order.flatMap { index -> [StoredTensor] in
                    [
                        ("experts.\(index).w1.weight", type, [rows, columns], bytes(experts[index].gate, as: type)),
                        ("experts.\(index).w3.weight", type, [rows, columns], bytes(experts[index].up, as: type)),
                    ]
                })
        }
    }

    private func load(_ checkpoint: Checkpoint, _ dtype: DType?, copiesFiles: Bool = false) throws -> Tensor {
        try Weights(checkpoint, on: backend, dtype: dtype, copiesFiles: copiesFiles)
            .matrices([count, rows, columns], forms[0], forms[1], forms[2])
    }

    @Test(
        "are the same whether stacked, fused, interleaved, transposed or one by one",
        arguments: [0, 1, 2], ["F32", "BF16", "F16", "F64"])
    func same(form: Int, type: String) throws {
        let checkpoint = try checkpoint(form, type)
        for dtype in [DType.f32, .bf16, .f16, .int8, .int4] {
            let stack = try load(checkpoint, dtype)
            #expect(stack.shape == [count, rows, columns] && stack.dtype == dtype)
            for expert in 0 ..< count {
                let floats = Tensor(matrix(expert, 3), [rows, columns], on: backend)
                let expected = dtype.isInBlocks ? floats.quantized(to: dtype) : floats.converted(to: dtype)
                #expect(try stack[expert].bytes() == expected.bytes(), "expert \(expert) in \(dtype)")
            }
        }
    }

    @Test("are read in place where a file holds them as they are")
    func mapped() throws {
        let values = (0 ..< 2 * 3 * 4).map(Float.init)
        let checkpoint = try folder.checkpoint([("down", "F32", [2, 3, 4], bytes(values))])
        let told = Collected<Int>()
        let weights = Weights(checkpoint, on: backend) { told.append($0.done) }
        #expect(try weights.matrices([2, 3, 4], .stacked("down")).array() == values)
        #expect(told.all == [])
        let copied = Weights(checkpoint, on: backend, copiesFiles: true) { told.append($0.done) }
        #expect(try copied.matrices([2, 3, 4], .stacked("down")).array() == values)
        #expect(told.all == [48, 96], "progress goes matrix by matrix")
    }

    @Test("let go of the pages of a file as they are read", arguments: [StoredPart.transposed, .everyColumn(0, of: 2)])
    func memory(part: StoredPart) throws {
        let shape: Shape = part.range == nil ? [32, 1024, 512] : [32, 512, 512]
        let row = bytes((0 ..< 1024).map { Float($0 % 15) }, as: "F32")
        let header = #"{"w":{"dtype":"F32","shape":[32,512,1024],"data_offsets":[0,\#(32 * 512 * row.count)]}}"#
        let path = folder.write(bytes([UInt64(header.utf8.count)]) + Array(header.utf8), to: "model.safetensors")
        let file = try #require(fopen(path, "ab"))
        for _ in 0 ..< 32 * 512 { fwrite(row, 1, row.count, file) }
        fclose(file)
        let memory = MemoryWatch()
        let weights = Weights(try Checkpoint(folder: folder.path), on: backend, dtype: .int4) { _ in memory.note() }
        let stack = try weights.matrices(shape, .stacked("w", part: part))
        #expect(memory.growth < 32 << 20, "of 64 MiB in the file")
        let value: Float = part.range == nil ? 3 : 6
        #expect(try stack[31].dequantized()[3 ..< 4].array().allSatisfy { abs($0 - value) < 0.1 })
    }

    @Test("of vectors become one tensor in f32")
    func vectors() throws {
        let stacked: [Float] = [1, 2, 3, 4, 5, 6, 7, 8]
        let weights = try Weights(
            folder.checkpoint([
                ("e.b", "BF16", [2, 4], bytes(stacked, as: "BF16")), ("e.0.b", "F32", [2], bytes([9, 8] as [Float])),
                ("e.1.b", "F32", [2], bytes([7, 6] as [Float])),
            ]), on: backend)["e"]
        #expect(try weights.vectors([2, 2], .stacked("b", part: .everyColumn(1, of: 2))).array() == [2, 4, 6, 8])
        #expect(try weights.vectors([2, 2], .stacked("x"), .each("*.b")).array() == [9, 8, 7, 6])
        #expect(try weights.vectors([2, 2], .stacked("b", part: .rows(2 ..< 4, of: 4))).array() == [3, 4, 7, 8])
    }

    @Test("that lack a member, have too many or other shapes are errors that name the tensor and the file")
    func errors() throws {
        let file = "FOLDER/model.safetensors"
        let incomplete = try checkpoint(2, leavingOut: 4)
        #expect(
            folder.message { _ = try load(incomplete, nil) } == "\(file) has no tensor 'experts.4.w3.weight'")
        let first = try checkpoint(2, leavingOut: 0)
        #expect(folder.message { _ = try load(first, nil) } == "\(file) has no tensor 'experts.0.w3.weight'")
        let each = Weights(try checkpoint(2), on: backend)
        #expect(
            folder.message { _ = try each.matrices([3, rows, columns], forms[2]) }
                == "\(file) has 5 tensors 'experts.*.w3.weight', expected 3")
        #expect(
            folder.message { _ = try each.matrices([count, rows, 7], forms[2]) }
                == "tensor 'experts.0.w3.weight' in \(file) has shape [18, 40], expected [18, 7]")
        let stacked = Weights(try checkpoint(0), on: backend)
        #expect(
            folder.message { _ = try stacked.matrices([4, rows, columns], forms[0]) }
                == "tensor 'gate_up' in \(file) has shape [5, 36, 40], expected [4, 36, 40]")
        #expect(
            folder.message { _ = try stacked.matrices([count, rows, columns], forms[2], forms[1]) }
                == "\(file) has no tensor 'experts.0.w3.weight'")
        #expect(
            folder.message { _ = try stacked.matrices([count, rows, columns], forms[1], forms[2]) }
                == "\(file) has no tensor 'fused'")
    }

    @Test("values that no block can hold are an error that names the member")
    func unrepresentable() throws {
        let checkpoint = try folder.checkpoint([
            ("e.0", "F32", [1, 2], bytes([1, 2] as [Float])), ("e.1", "F32", [1, 2], bytes([1, .nan] as [Float])),
        ])
        #expect(
            folder.message { _ = try Weights(checkpoint, on: backend, dtype: .int8).matrices([2, 1, 2], .each("e.*")) }
                == "tensor 'e.1' in FOLDER/model.safetensors has values that are infinite, not a number "
                + "or too large for int8")
    }

    @Test("are written in blocks as they are read, and read in place", arguments: [0, 1, 2], [DType.int8, .int4])
    func quantized(form: Int, dtype: DType) throws {
        let original = try checkpoint(form)
        _ = try load(original, nil)
        try CheckpointQuantizer(original, to: dtype, on: backend).write(to: output.path)
        let quantized = try Checkpoint(folder: output.path)
        #expect(
            quantized.names == [
                ["gate_up[18:36 of 36]", "fused.T[1:2 of 2]", "experts.*.w3.weight"][form]
            ])
        let told = Collected<Int>()
        let weights = Weights(quantized, on: backend, dtype: dtype) { told.append($0.done) }
        let stack = try weights.matrices([count, rows, columns], forms[0], forms[1], forms[2])
        #expect(told.all == [], "nothing is copied")
        #expect(try stack.bytes() == load(original, dtype).bytes())
        #expect(quantized.unrequested == [])
        #expect(try load(quantized, nil, copiesFiles: true).bytes() == stack.bytes())
        #expect(try load(quantized, .f32).array() == stack.dequantized().array())
        #expect(quantized.parameterCounts == [dtype.rawValue: count * rows * columns])
        #expect(weights.has(["gate_up", "fused", "experts.*.w3.weight"][form]))
    }

    @Test("parts of fused tensors are written by themselves, and vectors as they are", arguments: [DType.int8, .int4])
    func parts(dtype: DType) throws {
        func load(_ checkpoint: Checkpoint, _ dtype: DType?) throws -> [[UInt8]] {
            let attention = Weights(checkpoint, on: backend, dtype: dtype)["model"]["c_attn"]
            let projections = try (0 ..< 3).map { index in
                let part = StoredPart.columns(index * 8 ..< index * 8 + 8, of: 24)
                return try [
                    attention.matrix("weight", [8, 8], part: part).bytes(),
                    attention.vector("bias", [8], part: part).bytes(),
                ]
            }
            return projections.flatMap { $0 }
        }
        let values = matrix(0, 1)
        let original = try folder.checkpoint([
            ("module.c_attn.weight", "BF16", [8, 24], bytes(Array(values[..<192]), as: "BF16")),
            ("module.c_attn.bias", "F32", [24], bytes(Array(values[..<24]))),
        ])
        let expected = try load(original, dtype)
        try CheckpointQuantizer(original, to: dtype, on: backend).write(to: output.path)
        let quantized = try Checkpoint(folder: output.path)
        #expect(
            quantized.names == [
                "module.c_attn.bias", "module.c_attn.weight.T[0:8 of 24]", "module.c_attn.weight.T[16:24 of 24]",
                "module.c_attn.weight.T[8:16 of 24]",
            ])
        #expect(try load(quantized, nil) == expected)
        #expect(Weights(quantized, on: backend).has("model.c_attn.weight"))
    }
}
