import Testing

@testable import HayTensor

/// A matrix in blocks as `kernels.h` describes it, read by a second hand: [M][K], and the scales [M][groups].
struct Blocks {
    var values: [[Float]] = []
    var scales: [[Float]] = []

    init(_ tensor: Tensor) throws {
        var bytes: [UInt8] = []
        try tensor.readBytes(inPiecesOf: 1000) { bytes += $0 }
        let (outer, inner) = (tensor.shape[0], tensor.shape[1]), groups = (inner + 31) / 32
        let size = tensor.dtype == .int8 ? 544 : 304
        #expect(bytes.count == (outer + 15) / 16 * groups * size)
        for output in 0 ..< outer {
            let blocks = (0 ..< groups).map {
                Array(bytes[((output / 16 * groups) + $0) * size ..< (output / 16 * groups + $0 + 1) * size])
            }
            scales.append(blocks.map { Blocks.scale($0, output % 16) })
            values.append((0 ..< inner).map { Blocks.value(blocks[$0 / 32], output % 16, $0 % 32) })
        }
    }

    private static func scale(_ block: [UInt8], _ c: Int) -> Float {
        Float(Float16(bitPattern: UInt16(block[2 * c]) | UInt16(block[2 * c + 1]) << 8))
    }

    private static func value(_ block: [UInt8], _ c: Int, _ k: Int) -> Float {
        if block.count == 544 {
            return scale(block, c) * Float(Int8(bitPattern: block[32 + k / 4 * 64 + c * 4 + k % 4]))
        }
        let pair = block[48 + k % 16 / 4 * 64 + c * 4 + k % 4]
        return scale(block, c) * (Float(k < 16 ? pair & 15 : pair >> 4) - Float(block[32 + c]) / 8)
    }
}

@Suite("Weights in blocks")
struct BlockTests {
    static let shapes = [(1, 1), (15, 31), (17, 33), (33, 100), (16, 32), (40, 257)]

    /// The same numbers, of which int4 and int8 can be asked to keep those that they have: whole, from -7 to 8.
    private func whole(_ count: Int) -> [Float] {
        (0 ..< count).map { place -> Float in Float((place * 7 + place / 16) % 16) - 7 }
    }

    private func bytes(_ tensor: Tensor) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try tensor.readBytes(inPiecesOf: 1 << 16) { bytes += $0 }
        return bytes
    }

    @Test("dequantizing and embedding read what lies in the blocks", arguments: Backends.tested, [DType.int8, .int4])
    func reading(backend: CPUBackend, dtype: DType) throws {
        for (outer, inner) in Self.shapes {
            let blocks = Tensor(random: [outer, inner], seed: 1, on: backend).quantized(to: dtype)
            let expected = try Blocks(blocks).values
            #expect(try blocks.dequantized().array() == expected.joined().map { $0 })
            let ids = [Int32(outer - 1), 0, Int32(outer / 2)]
            let rows = try blocks.embedding(of: Tensor(ids, [1, 3], on: backend), scale: 2).array()
            #expect(rows == ids.flatMap { expected[Int($0)].map { $0 * 2 } })
        }
    }

    @Test("every instruction set and any number of threads give the same blocks", arguments: Backends.tested)
    func sameBlocks(backend: CPUBackend) throws {
        for dtype in [DType.int8, .int4] {
            for stored in [DType.f32, .bf16, .f16] {
                for (outer, inner) in Self.shapes {
                    let found = try bytes(
                        Tensor(random: [outer, inner], seed: 3, stored, on: backend).quantized(to: dtype))
                    let expected = try bytes(
                        Tensor(random: [outer, inner], seed: 3, stored, on: Backends.reference).quantized(to: dtype))
                    #expect(found == expected, "\(dtype) of \(stored) [\(outer), \(inner)]")
                }
            }
        }
    }

    @Test("int8 keeps each value within half a step", arguments: Backends.tested)
    func int8Error(backend: CPUBackend) throws {
        for (outer, inner) in Self.shapes {
            let weight = Tensor(random: [outer, inner], seed: 2, on: backend)
            let values = try weight.array(), blocks = try Blocks(weight.quantized(to: .int8))
            for output in 0 ..< outer {
                for k in 0 ..< inner {
                    let value = values[output * inner + k], scale = blocks.scales[output][k / 32]
                    // The reciprocal of the scale and the product are rounded: two units of the last place of 127.
                    #expect(abs(blocks.values[output][k] - value) <= scale * 0.50002)
                    #expect(scale <= 1.001 / 127, "the largest value is 1, and f16 rounds a scale up by 2^-10 at most")
                }
            }
        }
    }

    /// The squared error of the plain way: the range from the least to the largest value in 15 steps of any size.
    private func plainError(_ values: some Collection<Float>) -> Float {
        let low = min(0, values.min() ?? 0), high = max(0, values.max() ?? 0), step = (high - low) / 15
        if step == 0 { return 0 }
        return values.reduce(0) { sum, value in
            let near = ((value - low) / step).rounded() * step + low
            return sum + (near - value) * (near - value)
        }
    }

    @Test("int4 is at least as near as 15 equal steps over the range are", arguments: Backends.tested)
    func int4Error(backend: CPUBackend) throws {
        for (outer, inner) in Self.shapes {
            let weight = Tensor(random: [outer, inner], seed: 2, on: backend)
            let values = try weight.array(), blocks = try Blocks(weight.quantized(to: .int4))
            var found: Float = 0, plain: Float = 0
            for output in 0 ..< outer {
                let row = values[output * inner ..< (output + 1) * inner]
                for (near, value) in zip(blocks.values[output], row) { found += (near - value) * (near - value) }
                for first in stride(from: 0, to: inner, by: 32) {
                    plain += plainError(row.dropFirst(first).prefix(32))
                }
            }
            #expect(found <= plain + 1e-6, "[\(outer), \(inner)]: \(found), plain \(plain)")
        }
    }

    @Test("values that the blocks have are kept", arguments: Backends.tested, [DType.int8, .int4])
    func exact(backend: CPUBackend, dtype: DType) throws {
        for (outer, inner) in [(1, 32), (17, 64), (33, 96)] {
            var values = whole(outer * inner).map { $0 / 4 }
            if dtype == .int8 { for place in stride(from: 0, to: values.count, by: 32) { values[place] = -127 / 4 } }
            #expect(
                try Tensor(values, [outer, inner], on: backend).quantized(to: dtype).dequantized().array() == values)
        }
    }

    @Test("groups of zeros, tiny and huge values", arguments: Backends.tested, [DType.int8, .int4])
    func limits(backend: CPUBackend, dtype: DType) throws {
        let largest: Float = dtype == .int8 ? 65_504 * 127 : 65_504 * 15
        for (value, tolerance) in [(Float(0), Float(0)), (1e-7, 1e-7), (1e-30, 1e-7), (largest, 65_504 * 8)] {
            let values = (0 ..< 64).map { $0 < 32 ? value * Float($0 % 2) : 0 }
            let weight = Tensor(values, [2, 32], on: backend).quantized(to: dtype)
            #expect(try weight.hasFiniteScales())
            #expect(largestError(try weight.dequantized().array(), values) <= tolerance)
        }
    }

    @Test("values that have no scale are told", arguments: Backends.tested, [DType.int8, .int4])
    func flaws(backend: CPUBackend, dtype: DType) throws {
        for flaw in [Float.infinity, -.infinity, .nan, 9e6, -3e38] {
            for place in [0, 40, 33 * 70 - 1] {
                var values = whole(33 * 70)
                values[place] = flaw
                #expect(try !Tensor(values, [33, 70], on: backend).quantized(to: dtype).hasFiniteScales())
            }
        }
        #expect(try Tensor(whole(33 * 70), [33, 70], on: backend).quantized(to: dtype).hasFiniteScales())
    }

    @Test("parts of whole panels share memory with the whole", arguments: [DType.int8, .int4])
    func slices(dtype: DType) throws {
        let whole = Tensor(random: [40, 33], seed: 1, on: Backends.reference).quantized(to: dtype)
        let values = try whole.dequantized().array()
        #expect(try whole[16 ..< 40].dequantized().array() == Array(values[(16 * 33)...]))
        #expect(try whole[0 ..< 32].dequantized().array() == Array(values[..<(32 * 33)]))
        #expect(whole.byteCount == 3 * 2 * (dtype == .int8 ? 544 : 304))
    }

    @Test("a stack of matrices has panels of each, and parts that share its memory", arguments: [DType.int8, .int4])
    func stacks(dtype: DType) throws {
        let floats = Tensor(random: [3, 20, 33], seed: 1, on: Backends.reference)
        let stack = floats.quantized(to: dtype)
        #expect(stack.byteCount == 3 * 2 * 2 * (dtype == .int8 ? 544 : 304))
        for index in 0 ..< 3 {
            let matrix = floats[index].quantized(to: dtype).dequantized()
            #expect(stack[index].shape == [20, 33])
            #expect(try stack[index].dequantized().array() == matrix.array())
            #expect(try stack[index ..< index + 1].dequantized()[0].array() == matrix.array())
        }
        #expect(try stack[1 ..< 3].dequantized().array() == Array(stack.dequantized().array()[(20 * 33)...]))
        let copy = Tensor(uninitialized: [3, 20, 33], dtype, on: Backends.reference)
        copy[0 ..< 2].fill(from: stack[1 ..< 3])
        copy[2].fill(from: floats[0])
        #expect(try copy.dequantized().array() == stack.dequantized().array().rotated(by: 20 * 33))
        #expect(try copy.hasFiniteScales())
    }
}

extension Array {
    /// The elements from `count` on, and then those before them.
    fileprivate func rotated(by count: Int) -> [Element] { Array(self[count...] + self[..<count]) }
}
