import Synchronization

/// Memory that comes back: a buffer that only the pool still holds is handed out again, so that a token loop, which
/// asks for the same sizes at every step, allocates nothing.
final class BufferPool: Sendable {
    private let classes = Mutex<[[CPUBuffer]]>([])

    /// A buffer of at least this size.
    func buffer(byteCount: Int) -> CPUBuffer {
        let (index, size) = BufferPool.sizeClass(byteCount)
        return classes.withLock { classes in
            while classes.count <= index { classes.append([]) }
            for place in classes[index].indices where isKnownUniquelyReferenced(&classes[index][place]) {
                return classes[index][place]
            }
            if size >= CPUBuffer.pageThreshold { BufferPool.dropLargeUnused(&classes) }
            let buffer = CPUBuffer(byteCount: size)
            classes[index].append(buffer)
            return buffer
        }
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
    private static func dropLargeUnused(_ classes: inout [[CPUBuffer]]) {
        for index in classes.indices where (classes[index].first?.byteCount ?? 0) >= CPUBuffer.pageThreshold {
            classes[index] = classes[index].indices.compactMap { place in
                isKnownUniquelyReferenced(&classes[index][place]) ? nil : classes[index][place]
            }
        }
    }
}
