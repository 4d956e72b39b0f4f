/// The texts of a vocabulary's tokens as a tree, laid out depth first, so that walking it is reading an array with skips.
public final class TokenTrie: Sendable {
    /// A byte of a token's text.
    struct Node {
        /// The node after all that are below this one.
        var end: Int32
        /// The place in `tokens` of the first token that ends here or below.
        var firstToken: Int32
        /// The kinds of bytes here and below.
        var kinds: UInt32
        /// How many bytes the text has up to here.
        var depth: UInt16
        var byte: UInt8
    }

    /// All nodes, and one after them.
    let nodes: [Node]
    /// The ids of tokens in the order of their texts.
    let tokens: [Int32]
    let texts: [[UInt8]?]
    /// The longest text.
    let depth: Int

    /// How long a token may be that is ever allowed.
    public static let longestToken = 1 << 12

    /// A tree of the texts of tokens, by id; nil for tokens that are never allowed, such as special ones.
    public init(_ texts: [[UInt8]?]) {
        self.texts = texts.map { text in
            text.flatMap { $0.isEmpty || $0.count > TokenTrie.longestToken ? nil : $0 }
        }
        let sorted = self.texts.enumerated().compactMap { id, text in text.map { (id: Int32(id), text: $0) } }
            .sorted { TokenTrie.precedes($0.text, $1.text) || $0.text == $1.text && $0.id < $1.id }
        var nodes: [Node] = []
        var path: [Int] = []
        var last: [UInt8] = []
        for (place, (_, text)) in sorted.enumerated() {
            let common = zip(last, text).prefix { $0 == $1 }.count
            while path.count > common { nodes[path.removeLast()].end = Int32(nodes.count) }
            for index in common ..< text.count {
                path.append(nodes.count)
                nodes.append(
                    Node(end: 0, firstToken: Int32(place), kinds: 0, depth: UInt16(index + 1), byte: text[index]))
            }
            last = text
        }
        while let node = path.popLast() { nodes[node].end = Int32(nodes.count) }
        // Children come after their parents, so that from the end on all below a node is known before it.
        var parents: [Int] = []
        for index in nodes.indices {
            while let parent = parents.last, Int(nodes[parent].end) <= index { TokenTrie.close(&parents, &nodes) }
            nodes[index].kinds = 1 << ByteKind.table[Int(nodes[index].byte)]
            parents.append(index)
        }
        while !parents.isEmpty { TokenTrie.close(&parents, &nodes) }
        depth = nodes.map { Int($0.depth) }.max() ?? 0
        nodes.append(Node(end: Int32(nodes.count + 1), firstToken: Int32(sorted.count), kinds: 0, depth: 1, byte: 0))
        self.nodes = nodes
        tokens = sorted.map(\.id)
    }

    private static func close(_ parents: inout [Int], _ nodes: inout [Node]) {
        guard let node = parents.popLast(), let parent = parents.last else { return }
        nodes[parent].kinds |= nodes[node].kinds
    }

    private static func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.withUnsafeBufferPointer { left in
            right.withUnsafeBufferPointer { right in
                for index in 0 ..< min(left.count, right.count) where left[index] != right[index] {
                    return left[index] < right[index]
                }
                return left.count < right.count
            }
        }
    }
}

/// Bytes that most states treat alike, so that what is below a node can be judged without looking.
enum ByteKind {
    /// The kind of each byte, below 32.
    static let table: [UInt8] = (0 ..< 256).map { byte in
        switch UInt8(byte) {
        case 0x09, 0x20: 0
        case 0x0A: 1
        case 0 ... 0x1F: 2
        case UInt8(ascii: "\""): 3
        case UInt8(ascii: "\\"): 4
        case UInt8(ascii: "0") ... UInt8(ascii: "9"): 5
        case UInt8(ascii: "a") ... UInt8(ascii: "f"): 6
        case UInt8(ascii: "g") ... UInt8(ascii: "z"): 7
        case UInt8(ascii: "A") ... UInt8(ascii: "F"): 8
        case UInt8(ascii: "G") ... UInt8(ascii: "Z"): 9
        case UInt8(ascii: "-"): 10
        case UInt8(ascii: "_"): 11
        case UInt8(ascii: "."): 12
        case UInt8(ascii: ","), UInt8(ascii: ":"): 13
        case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "["), UInt8(ascii: "]"): 14
        case UInt8(ascii: "<"): 15
        case UInt8(ascii: "/"): 16
        case 0x7F: 17
        case 0x80 ... 0xBF: 18
        case 0xC0 ... 0xFF: 19
        default: 20
        }
    }

    /// The bytes of each kind.
    static let members: [[UInt8]] = (0 ..< 21).map { kind in (0 ... 255).filter { table[Int($0)] == kind } }
}
