/// Values by pairs of ids, in an open-addressing hash.
struct PairTable: Sendable {
    /// What a merge of two ids gives.
    struct Merge: Equatable {
        /// Its place among all merges: the lowest is done first.
        let rank: UInt32
        /// The id of the merged piece.
        let id: Int32
    }

    private struct Slot {
        var pair: UInt64
        var rank: UInt32
        var id: Int32
    }

    /// No pair of ids: ids are never negative.
    private static let free = UInt64.max

    private var slots: [Slot]
    private var count = 0

    /// A table with room for `capacity` pairs.
    init(capacity: Int) {
        var size = 16
        while size < capacity * 2 { size *= 2 }
        slots = Array(repeating: Slot(pair: PairTable.free, rank: 0, id: 0), count: size)
    }

    /// Sets what a pair merges into, replacing what was there.
    mutating func insert(_ left: Int32, _ right: Int32, _ merge: Merge) {
        let pair = PairTable.pair(left, right)
        var slot = find(pair)
        if slots[slot].pair == PairTable.free {
            count += 1
            if count * 2 > slots.count {
                grow()
                slot = find(pair)
            }
        }
        slots[slot] = Slot(pair: pair, rank: merge.rank, id: merge.id)
    }

    /// What a pair merges into; nil where it does not.
    @inline(__always)
    func merge(_ left: Int32, _ right: Int32) -> Merge? {
        let pair = PairTable.pair(left, right)
        let slot = slots[find(pair)]
        return slot.pair == pair ? Merge(rank: slot.rank, id: slot.id) : nil
    }

    /// Whether a pair is there.
    @inline(__always)
    func contains(_ left: Int32, _ right: Int32) -> Bool {
        let pair = PairTable.pair(left, right)
        return slots[find(pair)].pair == pair
    }

    @inline(__always)
    private func find(_ pair: UInt64) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: mix(pair)) & mask
        while slots[slot].pair != PairTable.free, slots[slot].pair != pair { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: Slot(pair: PairTable.free, rank: 0, id: 0), count: old.count * 2)
        for slot in old where slot.pair != PairTable.free { slots[find(slot.pair)] = slot }
    }

    @inline(__always)
    private static func pair(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }
}
