import Synchronization

/// Memory that comes back: a buffer that only the pool still holds is handed out again, so that a token loop, which
/// asks for the same sizes at every step, allocates nothing.
final class BufferPool: Sendable {
    private struct SizeClass {
        var buffers: [CPUBuffer] = []
        /// Where the search begins: behind the buffer that was handed out last, at the one that rests the longest.
        var next = 0
    }

    private let classes = Mutex<[SizeClass]>([])

    /// A buffer of at least this size.
    func buffer(byteCount: Int) -> CPUBuffer {
        let (index, size) = BufferPool.sizeClass(byteCount)
        return classes.withLock { classes in
            while classes.count <= index { classes.append(SizeClass()) }
            if let resting = BufferPool.resting(&classes[index]) { return resting }
            if size >= CPUBuffer.pageThreshold { BufferPool.dropLargeUnused(&classes) }
            let buffer = CPUBuffer(byteCount: size)
            classes[index].buffers.append(buffer)
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
    private static func dropLargeUnused(_ classes: inout [SizeClass]) {
        for index in classes.indices where (classes[index].buffers.first?.byteCount ?? 0) >= CPUBuffer.pageThreshold {
            classes[index].buffers = classes[index].buffers.indices.compactMap { place in
                isKnownUniquelyReferenced(&classes[index].buffers[place]) ? nil : classes[index].buffers[place]
            }
            classes[index].next = 0
        }
    }
}
