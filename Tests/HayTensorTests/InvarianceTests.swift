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
    @Test("a row's product is the same alone and among others", arguments: Backends.tested)
    func rowAlone(backend: CPUBackend) throws {
        for dtype in [DType.bf16, .f16] {
            let weight = Tensor(random: [67, 259], seed: 1, dtype, on: backend)
            let x = Tensor(random: [37, 259], seed: 2, on: backend)
            let together = try x.matmul(weight).array()
            for row in 0 ..< 37 {
                let alone = try x[row ..< row + 1].matmul(weight).array()
                #expect(Array(together[row * 67 ..< (row + 1) * 67]) == alone, "\(dtype), row \(row)")
            }
        }
    }

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
