import Testing

@testable import HayTensor

/// Every kernel in every instruction set of this machine against the scalar reference, which sums in double.
@Suite("Kernels agree with the scalar reference")
struct KernelTests {
    /// Runs the same work on the reference and on another set and gives both results.
    private func both(_ backend: CPUBackend, _ work: (any Backend) -> Tensor) throws -> ([Float], [Float]) {
        (try work(backend).array(), try work(Backends.reference).array())
    }

    @Test("matmul of few and many rows", arguments: Backends.tested, Backends.sizes)
    func matmul(backend: CPUBackend, size: Int) throws {
        for (rows, outer) in [(1, 5), (2, 1), (3, 33), (7, 17), (13, 40), (70, 9)] {
            for dtype in [DType.f32, .bf16, .f16] {
                let (found, expected) = try both(backend) { on in
                    Tensor(random: [rows, size], seed: 1, on: on).matmul(
                        Tensor(random: [outer, size], seed: 2, dtype, on: on),
                        bias: Tensor(random: [outer], seed: 3, on: on), scale: 0.5)
                }
                // f32 sums of `size` products below 1 lose at most a few units of the last place for each term.
                #expect(largestError(found, expected) < 1e-6 + 2e-7 * Float(size), "\(rows) rows of \(outer), \(dtype)")
            }
        }
    }

    @Test("rmsNorm", arguments: Backends.tested, Backends.sizes)
    func rmsNorm(backend: CPUBackend, size: Int) throws {
        let (found, expected) = try both(backend) { on in
            Tensor(random: [3, size], seed: 1, on: on).rmsNorm(Tensor(random: [size], seed: 2, on: on), epsilon: 1e-6)
        }
        #expect(largestError(found, expected) < 1e-5)  // a value divided by the root of a small mean grows
    }

    @Test("layerNorm with and without weight and bias", arguments: Backends.tested, Backends.sizes)
    func layerNorm(backend: CPUBackend, size: Int) throws {
        for (hasWeight, hasBias) in [(true, true), (true, false), (false, false), (false, true)] {
            let (found, expected) = try both(backend) { on in
                // A mean far from zero, as some layers have: the variance must not be a difference of squares.
                Tensor(randomValues(3 * size, seed: 1).map { $0 + 20 }, [3, size], on: on).layerNorm(
                    hasWeight ? Tensor(random: [size], seed: 2, on: on) : nil,
                    bias: hasBias ? Tensor(random: [size], seed: 3, on: on) : nil, epsilon: 1e-5)
            }
            #expect(largestError(found, expected) < 3e-5, "\(hasWeight), \(hasBias)")  // x has steps of 2e-6
        }
    }

    @Test("layerNorm of heads gives each its own weight and bias", arguments: Backends.tested)
    func layerNormOfHeads(backend: CPUBackend) throws {
        let x = Tensor(random: [1, 7, 3, 20], seed: 1, on: backend)
        let weight = Tensor(random: [3, 20], seed: 2, on: backend),
            bias = Tensor(random: [3, 20], seed: 3, on: backend)
        let rows = x.reshaped([21, 20])
        let expected = try (0 ..< 21).flatMap { row in
            try rows[row ..< row + 1].layerNorm(
                weight[row % 3 ..< row % 3 + 1].reshaped([20]), bias: bias[row % 3 ..< row % 3 + 1].reshaped([20]),
                epsilon: 1e-5
            ).array()
        }
        #expect(try x.layerNorm(weight, bias: bias, epsilon: 1e-5).array() == expected)
    }

    @Test("activations, gated and sums", arguments: Backends.tested, Backends.sizes)
    func elementwise(backend: CPUBackend, size: Int) throws {
        for activation in Activation.allCases {
            let (found, expected) = try both(backend) { on in
                let wide = Tensor(randomValues(size, seed: 1).map { $0 * 12 }, [size], on: on)
                return wide.activated(activation) + wide.gated(activation, Tensor(random: [size], seed: 2, on: on))
            }
            #expect(largestError(found, expected) < 2e-5, "\(activation)")  // values up to 24, 1e-6 relative
        }
    }

    @Test("activations keep to their limits", arguments: Backends.tested)
    func activationLimits(backend: CPUBackend) throws {
        let x = Tensor([-1000, -30, 0, 30, 1000] as [Float], [5], on: backend)
        for activation in Activation.allCases {
            let y = try x.activated(activation).array()
            #expect(largestError(y, [0, 0, 0, 30, 1000]) < 1e-6, "\(activation)")
        }
    }

    @Test("clamped gates, soft caps and scaled rows", arguments: Backends.tested, Backends.sizes)
    func gatesAndCaps(backend: CPUBackend, size: Int) throws {
        let (found, expected) = try both(backend) { on in
            let x = Tensor(randomValues(3 * size, seed: 1).map { $0 * 12 }, [3, size], on: on)
            let up = Tensor(randomValues(3 * size, seed: 2).map { $0 * 9 }, [3, size], on: on)
            let scales = Tensor([0.5, -2, 3] as [Float], [3], on: on)
            return x.gatedClamped(up, alpha: 1.702, limit: 7) + x.softCapped(5).scalingRows(by: scales)
        }
        #expect(largestError(found, expected) < 2e-5)  // values up to 71, 1e-6 relative at most
        let small = try both(backend) { on in Tensor(random: [size], seed: 3, on: on).softCapped(30) }
        #expect(largestError(small.0, small.1) < 2e-7)  // numbers below 1 keep their precision
    }

    @Test("clamped gates and soft caps by hand, limits and NaN included", arguments: Backends.tested)
    func gatesByHand(backend: CPUBackend) throws {
        let gate = Tensor([0, 100, -100, 7, .nan] as [Float], [5], on: backend)
        let up = Tensor([5, 100, 3, -100, 0] as [Float], [5], on: backend)
        // 6 · 0; 8 · 7 σ(7 α); 4 · -100 σ(-100 α); -6 · 7 σ(7 α), where σ(7 · 1.702) is 0.99999330.
        let y = try gate.gatedClamped(up, alpha: 1.702, limit: 7).array()
        #expect(largestError(Array(y[..<4]), [0, 55.999_625, 0, -41.999_719]) < 2e-5)
        #expect(y[4].isNaN)
        let capped = try Tensor([0, 1, -1, 1e9, -.infinity, .nan] as [Float], [6], on: backend).softCapped(2).array()
        #expect(largestError(Array(capped[..<5]), [0, 0.924_234_3, -0.924_234_3, 2, -2]) < 2e-7)
        #expect(capped[5].isNaN)
        let x = Tensor([1, 2, 3, 4] as [Float], [1, 2, 1, 2], on: backend)
        #expect(try x.scalingRows(by: Tensor([2, -1] as [Float], [2], on: backend)).array() == [2, 4, -3, -4])
    }

    @Test("rope of pairs turns neighbours, by hand", arguments: Backends.tested)
    func ropeOfPairs(backend: CPUBackend) throws {
        // Cosines 0 and 0.6, sines 1 and 0.8: (1, 2) becomes (-2, 1), (5, 10) becomes (-5, 10), and the rest stays.
        let table = Tensor([0, 0.6, 1, 0.8] as [Float], [1, 4], on: backend)
        let x = Tensor([1, 2, 5, 10, 7] as [Float], [1, 1, 1, 5], on: backend)
        #expect(largestError(try x.rotated(table, layout: .pairs).array(), [-2, 1, -5, 10, 7]) < 1e-6)
        // (1, 5) and (2, 10) in halves.
        #expect(largestError(try x.rotated(table).array(), [-5, -6.8, 1, 7.6, 7]) < 1e-6)
    }

    @Test(
        "rope turns the first part of each head", arguments: Backends.tested,
        [2, 6, 16, 34, 64].flatMap { size in [RotaryLayout.halves, .pairs].map { (size, $0) } })
    func rope(backend: CPUBackend, head: (size: Int, layout: RotaryLayout)) throws {
        let (found, expected) = try both(backend) { on in
            let half = max(1, head.size / 2 - 1)
            let table = Tensor.ropeTable(
                positions: Tensor([0, 3, 4095] as [Int32], [3], on: on),
                frequencies: Tensor((0 ..< half).map { 1 / Float(1 + $0) }, [half], on: on), scale: 1.1)
            return Tensor(random: [1, 3, 2, head.size], seed: 1, on: on).rotated(table, layout: head.layout)
        }
        #expect(largestError(found, expected) < 1e-5)
    }

    @Test("embedding and gathering take whole rows", arguments: Backends.tested, Backends.sizes)
    func rows(backend: CPUBackend, size: Int) throws {
        for dtype in [DType.f32, .bf16, .f16] {
            let (found, expected) = try both(backend) { on in
                let ids = Tensor([4, 0, 4, 2] as [Int32], [1, 4], on: on)
                let rows = Tensor(random: [5, size], seed: 1, dtype, on: on).embedding(of: ids, scale: 3)
                return rows.reshaped([4, size]).gatheringRows(Tensor([3, 1] as [Int32], [2], on: on))
            }
            #expect(found == expected)  // a copy, one product
        }
    }

    @Test("conversion rounds alike", arguments: Backends.tested, Backends.sizes)
    func conversion(backend: CPUBackend, size: Int) throws {
        for dtype in [DType.bf16, .f16] {
            let (found, expected) = try both(backend) { on in
                Tensor(random: [size], seed: 5, on: on).converted(to: dtype).converted(to: .f32)
            }
            #expect(found == expected)
        }
    }

    @Test("weights may lie on any address of their type's size", arguments: Backends.tested)
    func unaligned(backend: CPUBackend) throws {
        let folder = "/tmp/hayloft-unaligned-\(backend.instructionSet)"
        let values = randomValues(33 * 5, seed: 2)
        var bytes: [UInt8] = [0, 0]
        for value in values { withUnsafeBytes(of: UInt16(value.bitPattern >> 16)) { bytes += $0 } }
        let file = try temporaryFile(bytes, folder)
        let weight = try Tensor(loading: 2 ..< bytes.count, of: file, shape: [5, 33], dtype: .bf16, on: backend)
        let truncated = values.map { Float(bitPattern: ($0.bitPattern >> 16) << 16) }
        let x = Tensor(random: [2, 33], seed: 1, on: backend)
        let aligned = Tensor(truncated, [5, 33], on: backend).converted(to: .bf16)
        #expect(try x.matmul(weight).array() == x.matmul(aligned).array())
    }
}
