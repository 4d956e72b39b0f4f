import Synchronization

/// Memory that comes back: a buffer that only the pool still holds is handed out again, so that a token loop, which
/// asks for the same sizes at every step, allocates nothing.
final class BufferPool: Sendable {
    private struct SizeClass {
        var buffers: [CPUBuffer] = []
        /// Where the search begins: behind the buffer that was handed out last, at the one that rests the longest.
        var next = 0
        /// When a buffer of this size was last asked for.
        var lastRequest = 0
    }

    private struct State {
        var classes: [SizeClass] = []
        /// Requests for large buffers so far, which is the pool's clock.
        var largeRequests = 0
    }

    private let state = Mutex(State())
    /// A size that was not asked for during so many large requests, some layers' worth, is of another prompt.
    private static let requestsToKeep = 64

    /// A buffer of at least this size.
    func buffer(byteCount: Int) -> CPUBuffer {
        let (index, size) = BufferPool.sizeClass(byteCount)
        return state.withLock { state in
            while state.classes.count <= index { state.classes.append(SizeClass()) }
            if size >= CPUBuffer.pageThreshold {
                state.largeRequests += 1
                state.classes[index].lastRequest = state.largeRequests
            }
            if let resting = BufferPool.resting(&state.classes[index]) { return resting }
            BufferPool.dropLargeUnused(&state)
            let buffer = CPUBuffer(byteCount: size)
            state.classes[index].buffers.append(buffer)
            return buffer
        }
    }

    /// A buffer that nobody else holds.
    private static func resting(_ sizeClass: inout SizeClass) -> CPUBuffer? {
        let count = sizeClass.buffers.count
        for step in 0 ..< count {
            var place = sizeClass.next + step
            if place >= count { place -= count }
            if isKnownUniquelyReferenced(&sizeClass.buffers[place]) {
                sizeClass.next = place + 1 == count ? 0 : place + 1
                return sizeClass.buffers[place]
            }
        }
        return nil
    }

    /// Four sizes to each power of two from 256 bytes: at most a quarter of a buffer is unused.
    private static func sizeClass(_ byteCount: Int) -> (index: Int, size: Int) {
        let least = max(byteCount, 256)
        let power = Int.bitWidth - 1 - (least - 1).leadingZeroBitCount  // 2^power < least <= 2^(power + 1)
        let quarter = max(1, (1 << power) / 4)
        let quarters = (least - (1 << power) + quarter - 1) / quarter  // 0 ... 4
        return (power * 4 + quarters, (1 << power) + quarters * quarter)
    }

    /// Another length of prompt needs other large sizes; what the last one used would otherwise stay for good.
    private static func dropLargeUnused(_ state: inout State) {
        for index in state.classes.indices {
            let last = state.classes[index].lastRequest
            if last > 0 && last < state.largeRequests - requestsToKeep { dropUnused(&state.classes[index]) }
        }
    }

    private static func dropUnused(_ sizeClass: inout SizeClass) {
        sizeClass.buffers = sizeClass.buffers.indices.compactMap { place in
            isKnownUniquelyReferenced(&sizeClass.buffers[place]) ? nil : sizeClass.buffers[place]
        }
        sizeClass.next = 0
    }
}
