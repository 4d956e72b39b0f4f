import Testing

@testable import HayTensor

@Suite("Products with weights in blocks, and of several weights")
struct BlockProductTests {
    /// Below and above the counts of rows that kernels take together, in every set.
    static let rowCounts = [1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 25, 97, 130]

    @Test("agree with the scalar reference", arguments: Backends.tested, [DType.int8, .int4])
    func reference(backend: CPUBackend, dtype: DType) throws {
        for (inner, outer) in [(1, 5), (31, 16), (32, 17), (100, 33), (523, 50)] {
            for rows in [1, 3, 4, 13, 100] {
                let results = try [backend, Backends.reference].map { on in
                    let weight = Tensor(random: [outer, inner], seed: 1, on: Backends.reference).quantized(to: dtype)
                    return try Tensor(random: [rows, inner], seed: 2, on: on).matmul(
                        weight.copied(to: on), bias: Tensor(random: [outer], seed: 3, on: on), scale: 0.5
                    ).array()
                }
                // Sums of groups are exact; what is left are a few roundings of f32 for each group.
                let tolerance = 1e-6 + 1e-7 * Float(inner)
                #expect(largestError(results[0], results[1]) < tolerance, "[\(outer), \(inner)], \(rows) rows")
            }
        }
    }

    @Test("are near the products with the numbers that the blocks stand for", arguments: Backends.tested)
    func rounding(backend: CPUBackend) throws {
        for dtype in [DType.int8, .int4] {
            let weight = Tensor(random: [64, 512], seed: 1, on: backend).quantized(to: dtype)
            let x = Tensor(random: [5, 512], seed: 2, on: backend)
            let (found, exact) = (try x.matmul(weight).array(), try x.matmul(weight.dequantized()).array())
            // x is rounded by at most 1/254, evenly: the sum of 512 such errors times weights has a deviation of
            // sqrt(512) / 254 / sqrt(3) / sqrt(3) = 0.03, and the largest of 320 stays within four of them.
            #expect(largestError(found, exact) < 0.12, "\(dtype)")
            #expect(largestError(found, exact) > 0)
        }
    }

    @Test(
        "a row's product has the same bits alone and among others", arguments: Backends.tested, [DType.int8, .int4])
    func rowAlone(backend: CPUBackend, dtype: DType) throws {
        for (inner, outer) in [(7, 3), (259, 67), (1043, 50)] {
            let weight = Tensor(random: [outer, inner], seed: 1, on: backend).quantized(to: dtype)
            let bias = Tensor(random: [outer], seed: 3, on: backend)
            let x = Tensor(random: [130, inner], seed: 2, on: backend)
            let alone = try (0 ..< 130).map { row in
                try x[row ..< row + 1].matmul(weight, bias: bias, scale: 0.7).array().map(\.bitPattern)
            }
            for rows in Self.rowCounts {
                let together = try x[0 ..< rows].matmul(weight, bias: bias, scale: 0.7).array().map(\.bitPattern)
                #expect(together == Array(alone[..<rows].joined()), "[\(outer), \(inner)], \(rows) rows")
            }
        }
    }

    @Test("every instruction set gives the same bits", arguments: [DType.int8, .int4])
    func sets(dtype: DType) throws {
        let results = try CPUBackend.InstructionSet.available.filter { $0 != .scalar }.map { set in
            let backend = CPUBackend(threadCount: 1, instructionSet: set)
            let weight = Tensor(random: [40, 300], seed: 1, on: Backends.reference).quantized(to: dtype)
            return try Tensor(random: [9, 300], seed: 2, on: backend).matmul(weight.copied(to: backend)).array()
        }
        #expect(results.allSatisfy { $0 == results[0] })
    }

    @Test("a product worked out by hand")
    func byHand() throws {
        // Weights of 127 and -127 with a scale of 1, and x of 127, 1 and zeros: whole numbers throughout.
        let weight = Tensor(
            [Float(127), -127] + Array(repeating: Float(0), count: 30), [1, 32], on: Backends.reference)
        let x = Tensor([Float(127), 1] + Array(repeating: Float(0), count: 30), [1, 32], on: Backends.reference)
        for backend in Backends.tested {
            let blocks = weight.quantized(to: .int8).copied(to: backend)
            #expect(try x.copied(to: backend).matmul(blocks).array() == [127 * 127 - 127])
        }
    }

    @Test("a value that is not finite makes its row so, and no other", arguments: Backends.tested, [DType.int8, .int4])
    func notFinite(backend: CPUBackend, dtype: DType) throws {
        let weight = Tensor(random: [20, 70], seed: 1, on: backend).quantized(to: dtype)
        for (place, value) in [
            (0, Float.nan), (7, .nan), (15, .nan), (31, .nan), (40, .nan), (69, .nan), (33, .infinity),
        ] {
            for rows in [2, 5] {
                var values = randomValues(rows * 70, seed: 3)
                values[70 + place] = value
                let y = try Tensor(values, [rows, 70], on: backend).matmul(weight).array()
                #expect(y[20 ..< 40].allSatisfy { !$0.isFinite }, "\(value) at \(place) of \(rows) rows")
                #expect(y[..<20].allSatisfy(\.isFinite) && y[40...].allSatisfy(\.isFinite))
            }
        }
    }

    @Test("several weights of one x give what each gives", arguments: Backends.tested)
    func parts(backend: CPUBackend) throws {
        for dtype in [DType.f32, .bf16, .int8, .int4] {
            for rows in [1, 4, 40, 90] {
                let x = Tensor(random: [rows, 96], seed: 9, on: backend)
                let weights = [33, 16, 7].enumerated().map { seed, size in
                    Tensor(random: [size, 96], seed: UInt64(seed), on: backend).stored(as: dtype)
                }
                let bias = Tensor(random: [16], seed: 5, on: backend)
                let (a, b, c) = x.matmul((weights[0], weights[1], weights[2]), biases: (nil, bias, nil))
                #expect(try a.array() == x.matmul(weights[0]).array(), "\(dtype), \(rows) rows")
                #expect(try b.array() == x.matmul(weights[1], bias: bias).array(), "\(dtype), \(rows) rows")
                #expect(try c.array() == x.matmul(weights[2]).array(), "\(dtype), \(rows) rows")
                let (d, e) = x.matmul((weights[0], weights[2]))
                #expect(try d.array() == a.array() && e.array() == c.array(), "\(dtype), \(rows) rows")
            }
        }
    }

    @Test("a residual is added last", arguments: Backends.tested)
    func residual(backend: CPUBackend) throws {
        for dtype in [DType.f32, .bf16, .int8, .int4] {
            for rows in [1, 4, 40, 90] {
                let x = Tensor(random: [rows, 96], seed: 9, on: backend)
                let weight = Tensor(random: [37, 96], seed: 1, on: backend).stored(as: dtype)
                let bias = Tensor(random: [37], seed: 5, on: backend)
                let residual = Tensor(random: [rows, 37], seed: 6, on: backend)
                let sum = residual + x.matmul(weight, bias: bias, scale: 0.3)
                let found = x.matmul(weight, bias: bias, scale: 0.3, adding: residual)
                #expect(try found.array() == sum.array(), "\(dtype), \(rows) rows")
            }
        }
    }
}

extension Tensor {
    /// The same numbers in this type of weights.
    fileprivate func stored(as dtype: DType) -> Tensor {
        dtype.isInBlocks ? quantized(to: dtype) : converted(to: dtype)
    }

    /// The same bytes on another backend.
    fileprivate func copied(to backend: CPUBackend) -> Tensor {
        let copy = Tensor(uninitialized: shape, dtype, on: backend)
        var bytes = [UInt8](repeating: 0, count: byteCount)
        bytes.withUnsafeMutableBytes { bytes in
            try? self.backend.read(buffer, at: offset, into: bytes)
            backend.write(UnsafeRawBufferPointer(bytes), to: copy.buffer, at: 0)
        }
        return copy
    }
}
