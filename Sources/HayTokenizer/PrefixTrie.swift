/// Texts by their prefixes: edges in one hash table, so that building takes a step a byte and so does matching.
struct PrefixTrie: Sendable {
    /// The longest text that is stored; bounds the time that a match takes at each place.
    static let longestText = 1024

    private static let nodeLimit = 1 << 24

    /// A place in the trie: what all texts share that go on from it.
    typealias Node = Int

    /// The place that nothing leads to.
    static let root: Node = 0

    /// (node << 8 | byte) << 32 | child; 0 marks a free slot, as no edge leads to the root.
    private var edges: [UInt64]
    /// The value of the text that ends in each node, -1 where none does.
    private var values: [Int32] = [-1]

    /// A trie with room for texts of `byteCount` bytes together.
    init(byteCount: Int = 0) {
        var count = 1024
        while count < byteCount { count *= 2 }
        edges = Array(repeating: 0, count: count)
    }

    /// Whether there is no text.
    var isEmpty: Bool { values.count == 1 }

    /// Adds a text, replacing its value if it is there. False when the trie is full.
    mutating func insert(_ text: Bytes, value: Int32) -> Bool {
        var node = 0
        for byte in text {
            let slot = find(node, byte)
            if edges[slot] != 0 {
                node = Int(edges[slot] & 0xFFFF_FFFF)
            } else {
                guard values.count < PrefixTrie.nodeLimit else { return false }
                edges[slot] = PrefixTrie.key(node, byte) << 32 | UInt64(values.count)
                node = values.count
                values.append(-1)
                if values.count * 2 > edges.count { grow() }
            }
        }
        if node != 0 { values[node] = value }
        return true
    }

    /// The place that a text leads to; nil where no text goes on from it.
    func node(of text: Bytes) -> Node? {
        var node = PrefixTrie.root
        for byte in text {
            let edge = edges[find(node, byte)]
            if edge == 0 { return nil }
            node = Node(edge & 0xFFFF_FFFF)
        }
        return node
    }

    /// Whether a text is there.
    func contains(_ text: Bytes) -> Bool { node(of: text).map { values[$0] >= 0 } ?? false }

    /// Calls `body` with the end and the value of each text that begins at `start` and goes on from a place, the
    /// shortest first.
    @inline(__always)
    func matches(
        in text: Bytes, from start: Int, below node: Node = PrefixTrie.root,
        _ body: (_ end: Int, _ value: Int32) -> Void
    ) {
        var node = node
        var index = start
        while index < text.count {
            let edge = edges[find(node, text[index])]
            if edge == 0 { return }
            node = Int(edge & 0xFFFF_FFFF)
            index += 1
            let value = values[node]
            if value >= 0 { body(index, value) }
        }
    }

    /// Whether a text begins with this byte.
    func begins(with byte: UInt8) -> Bool { edges[find(0, byte)] != 0 }

    @inline(__always)
    private func find(_ node: Int, _ byte: UInt8) -> Int {
        let key = PrefixTrie.key(node, byte)
        let mask = edges.count - 1
        var slot = Int(truncatingIfNeeded: mix(key)) & mask
        while edges[slot] != 0, edges[slot] >> 32 != key { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func grow() {
        let old = edges
        edges = Array(repeating: 0, count: old.count * 2)
        for edge in old where edge != 0 {
            edges[find(Int(edge >> 40), UInt8(truncatingIfNeeded: edge >> 32))] = edge
        }
    }

    @inline(__always)
    private static func key(_ node: Int, _ byte: UInt8) -> UInt64 { UInt64(node) << 8 | UInt64(byte) }
}
