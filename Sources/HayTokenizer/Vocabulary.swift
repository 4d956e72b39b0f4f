/// The pieces of a model and their ids, both ways: all texts in one arena, found by an open-addressing hash.
struct Vocabulary: Sendable {
    /// The largest id that is read. A table by id stays small, whatever a file says.
    static let largestID = 1 << 24 - 1

    private struct Entry {
        let start: UInt32
        let length: UInt32
        var id: Int32

        var range: Range<Int> { Int(start) ..< Int(start) + Int(length) }
    }

    private var arena: [UInt8] = []
    private var entries: [Entry] = []
    /// The entry of each id, -1 where an id has none.
    private var entriesByID: [Int32] = []
    /// Upper half of the hash and entry + 1; 0 marks a free slot.
    private var slots: [UInt64]
    private let seed: UInt64

    /// A vocabulary with room for `capacity` pieces.
    init(capacity: Int) {
        slots = Array(repeating: 0, count: Vocabulary.slotCount(for: capacity))
        // Seeded at random, so that no file can be made whose pieces all collide.
        seed = UInt64.random(in: .min ... .max)
        entries.reserveCapacity(capacity)
        entriesByID.reserveCapacity(capacity)
        arena.reserveCapacity(capacity * 8)
    }

    /// How many different pieces there are.
    var count: Int { entries.count }

    /// One above the largest id.
    var idLimit: Int { entriesByID.count }

    /// Adds a piece. A piece that is there gets the new id; an id that is taken keeps its first piece.
    mutating func insert(_ text: Bytes, id: Int32) {
        let hash = hash(text)
        var slot = find(text, hash)
        if slots[slot] == 0 {
            if (count + 1) * 2 > slots.count {
                grow()
                slot = find(text, hash)
            }
            entries.append(Entry(start: UInt32(arena.count), length: UInt32(text.count), id: id))
            arena.append(contentsOf: text)
            slots[slot] = Vocabulary.pack(hash, entry: count - 1)
        } else {
            entries[Vocabulary.entry(slots[slot])].id = id
        }
        while entriesByID.count <= Int(id) { entriesByID.append(-1) }
        if entriesByID[Int(id)] < 0 { entriesByID[Int(id)] = Int32(Vocabulary.entry(slots[slot])) }
    }

    /// The id of a piece, -1 where there is none.
    @inline(__always)
    func id(of text: Bytes) -> Int32 {
        let slot = slots[find(text, hash(text))]
        return slot == 0 ? -1 : entries[Vocabulary.entry(slot)].id
    }

    /// The id of a piece.
    func id(of text: String) -> Int32? {
        var text = text
        let id: Int32 = text.withUTF8 { self.id(of: $0) }
        return id < 0 ? nil : id
    }

    /// Calls `body` with the text of an id; false where no piece has it.
    @inline(__always)
    func withText(of id: Int32, _ body: (Bytes) -> Void) -> Bool {
        guard id >= 0, Int(id) < entriesByID.count, entriesByID[Int(id)] >= 0 else { return false }
        let range = entries[Int(entriesByID[Int(id)])].range
        arena.withUnsafeBufferPointer { body($0.slice(range)) }
        return true
    }

    /// Calls `body` with each piece and its id, in the order they came.
    func forEach(_ body: (Bytes, Int32) throws -> Void) rethrows {
        try arena.withUnsafeBufferPointer { arena in
            for entry in entries { try body(arena.slice(entry.range), entry.id) }
        }
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
        let entry = entries[entry]
        guard Int(entry.length) == text.count else { return false }
        let start = Int(entry.start)
        return arena.withUnsafeBufferPointer { arena in
            for index in 0 ..< text.count where arena[start + index] != text[index] { return false }
            return true
        }
    }

    private mutating func grow() {
        slots = Array(repeating: 0, count: slots.count * 2)
        arena.withUnsafeBufferPointer { arena in
            for (index, entry) in entries.enumerated() {
                let text = arena.slice(entry.range)
                let hash = hash(text)
                slots[find(text, hash)] = Vocabulary.pack(hash, entry: index)
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
