import Testing

@testable import HayTensor

@Suite("Tensors")
struct TensorTests {
    let backend = CPUBackend(threadCount: 2)

    @Test("a product small enough to work out by hand")
    func product() throws {
        let x = Tensor([1, 2, 3, 4] as [Float], [2, 2], on: backend)
        let weight = Tensor([1, 0, 0, 1, 1, 1] as [Float], [3, 2], on: backend)
        let bias = Tensor([10, 20, 30] as [Float], [3], on: backend)
        #expect(try x.matmul(weight, bias: bias, scale: 2).array() == [12, 24, 36, 16, 28, 44])
    }

    @Test("rmsNorm makes the mean square of each row one", arguments: Backends.tested, [1, 7, 64, 257])
    func rmsNormUnit(backend: CPUBackend, size: Int) throws {
        let ones = Tensor([Float](repeating: 1, count: size), [size], on: backend)
        let y = try Tensor(random: [3, size], seed: 1, on: backend).rmsNorm(ones, epsilon: 0).array()
        for row in 0 ..< 3 {
            let meanSquare = y[row * size ..< (row + 1) * size].reduce(0) { $0 + $1 * $1 } / Float(size)
            #expect(abs(meanSquare - 1) < 1e-5)  // f32, one rounding a value
        }
    }

    @Test("layerNorm of three numbers by hand", arguments: Backends.tested)
    func layerNormByHand(backend: CPUBackend) throws {
        // Mean 4, variance (9 + 0 + 9) / 3 = 6, and 6 + 3 is 9: differences are divided by 3.
        let y = Tensor([1, 4, 7] as [Float], [1, 3], on: backend).layerNorm(
            Tensor([2, 1, 3] as [Float], [3], on: backend), bias: Tensor([0, 5, 1] as [Float], [3], on: backend),
            epsilon: 3)
        #expect(try y.array() == [-2, 5, 4])
    }

    @Test("attention to two equal keys is the mean of their values")
    func attentionMean() throws {
        let keys = Tensor([1, 1, 0, 0] as [Float], [1, 1, 4, 1], on: backend)
        let values = Tensor([2, 4, 99, 99] as [Float], [1, 1, 4, 1], on: backend)
        let blocks = KeyValueBlocks(
            keys: keys, values: values, table: Tensor([0] as [Int32], [1, 1], on: backend),
            lengths: Tensor([2] as [Int32], [1], on: backend))
        let q = Tensor([5, 5] as [Float], [1, 2, 1, 1], on: backend)
        #expect(try q.attention(to: blocks, .causal(window: nil), scale: 1).array() == [2, 3])
        #expect(try q.attention(to: blocks, .full, scale: 1).array() == [3, 3])
        #expect(try q.attention(to: blocks, .causal(window: 1), scale: 1).array() == [2, 4])
    }

    @Test("a bias far below the rest hides a key")
    func attentionBias() throws {
        let keys = Tensor([0, 0] as [Float], [1, 1, 2, 1], on: backend)
        let values = Tensor([2, 4] as [Float], [1, 1, 2, 1], on: backend)
        let blocks = KeyValueBlocks(
            keys: keys, values: values, table: Tensor([0] as [Int32], [1, 1], on: backend),
            lengths: Tensor([2] as [Int32], [1], on: backend))
        let bias = RelativeBias(table: Tensor([-1e9, 0, 0] as [Float], [1, 3], on: backend))  // keys before the query
        let q = Tensor([0, 0] as [Float], [1, 2, 1, 1], on: backend)
        #expect(try q.attention(to: blocks, .full, scale: 1, bias: bias).array() == [3, 4])
    }

    @Test("bf16 and f16 round to nearest even")
    func rounding() throws {
        // 1 + 2^-8 lies between 1 and 1 + 2^-7 in bf16; the even one is 1. 1 + 3 · 2^-8 rounds up to 1 + 2^-6.
        let x = Tensor([1 + 0x1p-8, 1 + 0x3p-8, 70_000, -0.0] as [Float], [4], on: backend)
        #expect(try x.converted(to: .bf16).converted(to: .f32).array() == [1, 1 + 0x1p-6, 70_144, 0])
        #expect(try x.converted(to: .f16).converted(to: .f32).array() == [1 + 0x1p-8, 1 + 0x3p-8, .infinity, 0])
    }

    @Test("slices of the first axis share memory with the whole")
    func slices() throws {
        let x = Tensor([1, 2, 3, 4, 5, 6] as [Float], [3, 2], on: backend)
        #expect(try x[1 ..< 3].array() == [3, 4, 5, 6])
        x.copyRow(0, to: 2)
        #expect(try x.array() == [1, 2, 3, 4, 1, 2])
        #expect(x[1 ..< 1].count == 0)
    }

    @Test("memory that nobody holds is handed out again")
    func reuse() {
        func address(_ tensor: Tensor) -> UnsafeMutableRawPointer { backend.pointer(tensor.operand) }
        let first = Tensor(uninitialized: [100], on: backend)
        let held = address(first)
        let second = address(Tensor(uninitialized: [100], on: backend))
        let third = address(Tensor(uninitialized: [100], on: backend))
        #expect(second == third && second != held)
        _ = consume first
    }

    @Test("a buffer is at least as large as asked, and at most a quarter larger")
    func sizes() {
        for size in [1, 255, 256, 257, 319, 320, 321, 1000, 1 << 20, (1 << 20) + 1, 5_000_000] {
            let found = backend.allocate(byteCount: size).byteCount
            #expect(found >= size && found <= max(256, size + size / 4 + 64), "\(size) gave \(found)")
        }
    }

    @Test("a file that is not there or no file is an error that names it")
    func files() {
        #expect(throws: FileError(path: "/no/such", reason: "cannot be read: No such file or directory")) {
            try MappedFile("/no/such")
        }
        #expect(throws: FileError(path: "/tmp", reason: "is not a file")) { try MappedFile("/tmp") }
        #expect(FileError(path: "/tmp", reason: "is not a file").description == "/tmp is not a file")
    }
}
