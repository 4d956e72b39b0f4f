/// The pieces of a model and their ids, both ways: all texts in one arena, found by an open-addressing hash.
struct Vocabulary: Sendable {
    /// The largest id that is read. A table by id stays small, whatever a file says.
    static let largestID = 1 << 24 - 1

    private var arena: [UInt8] = []
    /// Where each entry's text ends in the arena; it begins where the one before ends.
    private var ends: [UInt32] = []
    private var ids: [Int32] = []
    /// The entry of each id, -1 where an id has none.
    private var entries: [Int32] = []
    /// Upper half of the hash and entry + 1; 0 marks a free slot.
    private var slots: [UInt64]
    private let seed: UInt64

    /// A vocabulary with room for `capacity` pieces.
    init(capacity: Int) {
        slots = Array(repeating: 0, count: Vocabulary.slotCount(for: capacity))
        // Seeded at random, so that no file can be made whose pieces all collide.
        seed = UInt64.random(in: .min ... .max)
        ends.reserveCapacity(capacity)
        ids.reserveCapacity(capacity)
        arena.reserveCapacity(capacity * 8)
    }

    /// How many different pieces there are.
    var count: Int { ends.count }

    /// One above the largest id.
    var idLimit: Int { entries.count }

    /// Adds a piece. A piece that is there gets the new id; an id that is taken keeps its first piece.
    mutating func insert(_ text: Bytes, id: Int32) {
        let hash = hash(text)
        var slot = find(text, hash)
        if slots[slot] == 0 {
            if (count + 1) * 2 > slots.count {
                grow()
                slot = find(text, hash)
            }
            arena.append(contentsOf: text)
            ends.append(UInt32(arena.count))
            ids.append(id)
            slots[slot] = Vocabulary.pack(hash, entry: count - 1)
        } else {
            ids[Vocabulary.entry(slots[slot])] = id
        }
        let entry = Vocabulary.entry(slots[slot])
        if entries.count <= Int(id) {
            entries.append(contentsOf: repeatElement(-1, count: Int(id) + 1 - entries.count))
        }
        if entries[Int(id)] < 0 { entries[Int(id)] = Int32(entry) }
    }

    /// The id of a piece, -1 where there is none.
    @inline(__always)
    func id(of text: Bytes) -> Int32 {
        let slot = slots[find(text, hash(text))]
        return slot == 0 ? -1 : ids[Vocabulary.entry(slot)]
    }

    /// The id of a piece.
    func id(of text: String) -> Int32? {
        var text = text
        let id: Int32 = text.withUTF8 { self.id(of: $0) }
        return id < 0 ? nil : id
    }

    /// The text of an id; nil where no piece has it.
    func text(of id: Int32) -> ArraySlice<UInt8>? {
        guard id >= 0, Int(id) < entries.count, entries[Int(id)] >= 0 else { return nil }
        return arena[range(Int(entries[Int(id)]))]
    }

    /// Calls `body` with each piece and its id, in the order they came.
    func forEach(_ body: (Bytes, Int32) throws -> Void) rethrows {
        try arena.withUnsafeBufferPointer { arena in
            for entry in 0 ..< count { try body(arena.slice(range(entry)), ids[entry]) }
        }
    }

    private func range(_ entry: Int) -> Range<Int> {
        (entry == 0 ? 0 : Int(ends[entry - 1])) ..< Int(ends[entry])
    }

    /// The slot that holds a text, or the free one where it belongs.
    @inline(__always)
    private func find(_ text: Bytes, _ hash: UInt64) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            if slots[slot] >> 32 == hash >> 32, equals(text, Vocabulary.entry(slots[slot])) { return slot }
            slot = (slot + 1) & mask
        }
        return slot
    }

    @inline(__always)
    private func equals(_ text: Bytes, _ entry: Int) -> Bool {
        let range = range(entry)
        guard range.count == text.count else { return false }
        return arena.withUnsafeBufferPointer { arena in
            for index in 0 ..< text.count where arena[range.lowerBound + index] != text[index] { return false }
            return true
        }
    }

    private mutating func grow() {
        slots = Array(repeating: 0, count: slots.count * 2)
        arena.withUnsafeBufferPointer { arena in
            for entry in 0 ..< count {
                let text = arena.slice(range(entry))
                let hash = hash(text)
                slots[find(text, hash)] = Vocabulary.pack(hash, entry: entry)
            }
        }
    }

    @inline(__always)
    private func hash(_ text: Bytes) -> UInt64 {
        let bytes = UnsafeRawBufferPointer(text)
        var hash = seed ^ UInt64(truncatingIfNeeded: text.count)
        var index = 0
        while index + 8 <= bytes.count {
            hash = mix(hash ^ bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            index += 8
        }
        var rest: UInt64 = 0
        while index < bytes.count {
            rest = rest << 8 | UInt64(bytes[index])
            index += 1
        }
        return mix(hash ^ rest)
    }

    private static func slotCount(for capacity: Int) -> Int {
        var count = 16
        while count < capacity * 2 { count *= 2 }
        return count
    }

    @inline(__always)
    private static func pack(_ hash: UInt64, entry: Int) -> UInt64 { hash & ~0xFFFF_FFFF | UInt64(entry + 1) }

    @inline(__always)
    private static func entry(_ slot: UInt64) -> Int { Int(slot & 0xFFFF_FFFF) - 1 }
}

/// Spreads every bit of a word over the whole word: the two halves of a wide product, folded.
@inline(__always)
func mix(_ word: UInt64) -> UInt64 {
    let product = (word ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
    return product.high ^ product.low
}
