import Testing

@testable import HayTensor

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A mapped file of these bytes, already removed from its folder.
func temporaryFile(_ bytes: [UInt8], _ path: String) throws -> MappedFile {
    let file = fopen(path, "wb")
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
    defer { unlink(path) }
    return try MappedFile(path)
}

@Suite("Results depend on neither threads nor neighbours")
struct InvarianceTests {
    /// Around each change of shape of the kernel: every count of a batch, and prompts of several panels and a rest.
    static let rowCounts = Array(1 ... 20) + [33, 64, 100]

    @Test(
        "a row's product has the same bits alone and among others, whatever their number", arguments: Backends.tested,
        [DType.f32, .bf16, .f16])
    func rowAlone(backend: CPUBackend, dtype: DType) throws {
        // One value, less than a vector, odd counts of vectors with and without a rest, one block and past it.
        for (inner, outer) in [(1, 5), (7, 3), (24, 1), (259, 67), (512, 9), (1043, 50)] {
            let weight = Tensor(random: [outer, inner], seed: 1, dtype, on: backend)
            let bias = Tensor(random: [outer], seed: 3, on: backend)
            let x = Tensor(random: [100, inner], seed: 2, on: backend)
            let alone = try (0 ..< 100).map { row in
                try x[row ..< row + 1].matmul(weight, bias: bias, scale: 0.7).array().map(\.bitPattern)
            }
            for rows in Self.rowCounts where dtype != .f32 || rows < CPUBackend.blasRowThreshold {
                let together = try x[0 ..< rows].matmul(weight, bias: bias, scale: 0.7).array().map(\.bitPattern)
                #expect(together == Array(alone[..<rows].joined()), "\(dtype) [\(outer), \(inner)], \(rows) rows")
            }
        }
    }

    @Test("columns too long to be laid out for several rows still give a row's own bits", arguments: Backends.tested)
    func longColumns(backend: CPUBackend) throws {
        for inner in [16_375, 16_376, 16_377, 20_001] {
            let weight = Tensor(random: [5, inner], seed: 1, .bf16, on: backend)
            let x = Tensor(random: [16, inner], seed: 2, on: backend)
            let alone = try (0 ..< 16).flatMap { try x[$0 ..< $0 + 1].matmul(weight).array().map(\.bitPattern) }
            #expect(try x.matmul(weight).array().map(\.bitPattern) == alone, "\(inner) values")
        }
    }

    @Test("a pass of 192 rows with f32 weights is exact: more than that goes to OpenBLAS")
    func passesAreExact() { #expect(CPUBackend.blasRowThreshold > 192) }

    @Test("one, two and five threads compute the same bits", arguments: CPUBackend.InstructionSet.available)
    func threads(set: CPUBackend.InstructionSet) throws {
        let results = try [1, 2, 5].map { count in
            let backend = CPUBackend(threadCount: count, instructionSet: set)
            let x = Tensor(random: [40, 320], seed: 1, on: backend)
            let h = x.matmul(Tensor(random: [700, 320], seed: 2, on: backend)).gated(
                .silu, x.matmul(Tensor(random: [700, 320], seed: 3, .bf16, on: backend)))
            return try h.rmsNorm(Tensor(random: [700], seed: 4, on: backend), epsilon: 1e-5).array()
        }
        #expect(results[0] == results[1])
        #expect(results[0] == results[2])
    }

    @Test("norms of many rows have the bits of each row alone, with any number of threads")
    func norms() throws {
        for set in CPUBackend.InstructionSet.available {
            let alone = CPUBackend(threadCount: 1, instructionSet: set)
            let rows = try (0 ..< 50).flatMap { try norms(of: $0 ..< $0 + 1, on: alone) }
            for count in [1, 2, 5] {
                #expect(
                    try norms(of: 0 ..< 50, on: CPUBackend(threadCount: count, instructionSet: set)) == rows, "\(set)")
            }
        }
    }

    private func norms(of rows: Range<Int>, on backend: any Backend) throws -> [UInt32] {
        let weight = Tensor(random: [75], seed: 2, on: backend), bias = Tensor(random: [75], seed: 3, on: backend)
        let x = Tensor(random: [50, 75], seed: 1, on: backend)[rows]
        return try x.layerNorm(weight, bias: bias, epsilon: 1e-5).rmsNorm(weight, epsilon: 1e-5).array()
            .map(\.bitPattern)
    }

    @Test("scaled and turned rows have the bits of each row alone, with any number of threads")
    func scaledRows() throws {
        for set in CPUBackend.InstructionSet.available {
            let alone = CPUBackend(threadCount: 1, instructionSet: set)
            let rows = try (0 ..< 50).flatMap { try scaledRows(of: $0 ..< $0 + 1, on: alone) }
            for count in [1, 2, 5] {
                let backend = CPUBackend(threadCount: count, instructionSet: set)
                #expect(try scaledRows(of: 0 ..< 50, on: backend) == rows, "\(set)")
            }
        }
    }

    /// 50 rows of 330 values, so that their 16,500 are several tiles of the kernels that go value by value.
    private func scaledRows(of rows: Range<Int>, on backend: any Backend) throws -> [UInt32] {
        let x = Tensor(random: [50, 330], seed: 1, on: backend)[rows]
        let scales = Tensor(random: [50], seed: 2, on: backend)[rows]
        let table = Tensor.ropeTable(
            positions: Tensor(rows.map { Int32($0) }, [rows.count], on: backend),
            frequencies: Tensor(random: [21], seed: 3, on: backend), scale: 1)
        let heads = x.scalingRows(by: scales).softCapped(3).reshaped([1, rows.count, 6, 55])
        let turned = heads.rotated(table, layout: .pairs)
        return try turned.gatedClamped(heads.rotated(table), alpha: 1.7, limit: 0.9).array().map(\.bitPattern)
    }

    @Test("callers on several threads take turns")
    func concurrentCallers() async throws {
        let backend = CPUBackend(threadCount: 2)
        let expected = try product(3, on: backend)
        try await withThrowingTaskGroup(of: [Float].self) { group in
            for _ in 0 ..< 8 { group.addTask { try product(3, on: backend) } }
            for try await result in group { #expect(result == expected) }
        }
    }

    private func product(_ seed: UInt64, on backend: any Backend) throws -> [Float] {
        try Tensor(random: [4, 300], seed: seed, on: backend)
            .matmul(Tensor(random: [900, 300], seed: seed + 1, .bf16, on: backend)).array()
    }

    @Test("a pool that is made and dropped often leaves no thread behind")
    func churn() {
        for _ in 0 ..< 50 { _ = CPUBackend(threadCount: 3).allocate(byteCount: 10) }
    }
}
