import Testing

@testable import HayTensor

@Suite("The pool of buffers")
struct BufferPoolTests {
    private static let large = CPUBuffer.pageThreshold

    private struct Reference {
        weak var buffer: CPUBuffer?
    }

    @Test("keeps the large buffers of a layer for the next, though none is held while another is asked for")
    func layersShareBuffers() {
        let pool = BufferPool(), sizes = [2, 5, 10, 3].map { $0 * BufferPoolTests.large }
        let first = sizes.map { Reference(buffer: pool.buffer(byteCount: $0)) }
        for _ in 0 ..< 40 {
            for (size, reference) in zip(sizes, first) { #expect(pool.buffer(byteCount: size) === reference.buffer) }
        }
    }

    @Test("lets go of large buffers of sizes that are no longer asked for")
    func oldSizesGo() {
        let pool = BufferPool()
        let held = pool.buffer(byteCount: 7 * BufferPoolTests.large)
        let old = Reference(buffer: pool.buffer(byteCount: 20 * BufferPoolTests.large))
        #expect(old.buffer != nil)
        for count in 0 ..< 100 { _ = pool.buffer(byteCount: (2 + count % 3) * BufferPoolTests.large) }
        _ = pool.buffer(byteCount: 40 * BufferPoolTests.large)  // a new size
        #expect(old.buffer == nil)
        #expect(pool.buffer(byteCount: held.byteCount) !== held)
    }

    @Test("never hands out a buffer that is held")
    func heldStaysAlone() {
        let pool = BufferPool()
        let held = (0 ..< 5).map { _ in pool.buffer(byteCount: 1000) }
        #expect(Set(held.map(\.pointer)).count == 5)
        #expect(held.allSatisfy { $0.byteCount >= 1000 })
    }
}
