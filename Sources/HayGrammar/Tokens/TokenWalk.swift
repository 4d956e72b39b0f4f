/// A walk over all tokens of a vocabulary, from one configuration.
///
/// It reads configurations and does not change them, which makes it fast; where something is not known yet it pauses.
struct TokenWalk {
    /// What has to be found out before the walk can go on.
    enum Pause {
        case needsRow(Int32)
        case needsStep(Int32, UInt8)
        case needsLoops(Int32)
    }

    /// The tokens that may follow, a bit each.
    private(set) var words: [UInt64]
    /// The most tokens that it takes to finish the text after any of them.
    private(set) var farthest: Int32 = 0

    private let trie: TokenTrie
    private let limit: Int32
    private var index = 0
    /// The configuration at each depth above the node.
    private var states: [Int32]

    /// A walk that allows tokens after which the text can be finished in `limit` more.
    init(_ trie: TokenTrie, from start: Int32, limit: Int32) {
        self.trie = trie
        self.limit = limit
        words = Array(repeating: 0, count: (trie.texts.count + 63) / 64)
        states = Array(repeating: start, count: trie.depth + 1)
    }

    /// Goes on; nil at the end.
    mutating func run(_ configurations: borrowing Configurations) -> Pause? {
        let classCount = configurations.machine.members.count
        var (index, farthest) = (self.index, self.farthest)
        let limit = limit
        defer { (self.index, self.farthest) = (index, farthest) }
        return trie.nodes.withUnsafeBufferPointer { nodes in
            trie.tokens.withUnsafeBufferPointer { tokens in
                words.withUnsafeMutableBufferPointer { words in
                    states.withUnsafeMutableBufferPointer { states in
                        configurations.entries.withUnsafeBufferPointer { entries in
                            configurations.rows.withUnsafeBufferPointer { rows in
                                configurations.machine.classes.withUnsafeBufferPointer { classes in
                                    while index < nodes.count - 1 {
                                        let node = nodes[index]
                                        let state = states[Int(node.depth) - 1]
                                        let entry = entries[Int(state)]
                                        if node.kinds & ~entry.loops == 0 {
                                            index = Int(node.end)
                                            guard entry.pieces <= limit else { continue }
                                            farthest = max(farthest, entry.pieces)
                                            allow(tokens, node.firstToken, nodes[index].firstToken, words)
                                            continue
                                        }
                                        guard entry.row >= 0 else { return .needsRow(state) }
                                        let next = rows[Int(entry.row) * classCount + Int(classes[Int(node.byte)])]
                                        if next == Configurations.unknown { return .needsStep(state, node.byte) }
                                        if next == Configurations.dead {
                                            index = Int(node.end)
                                            continue
                                        }
                                        if next == state, entry.loops == 0 { return .needsLoops(state) }
                                        states[Int(node.depth)] = next
                                        index += 1
                                        let after = nodes[index].firstToken
                                        guard node.firstToken < after else { continue }
                                        let pieces = entries[Int(next)].pieces
                                        guard pieces <= limit else { continue }
                                        farthest = max(farthest, pieces)
                                        allow(tokens, node.firstToken, after, words)
                                    }
                                    return nil
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Sets the bits of some tokens.
@inline(__always)
private func allow(
    _ tokens: UnsafeBufferPointer<Int32>, _ first: Int32, _ end: Int32, _ words: UnsafeMutableBufferPointer<UInt64>
) {
    for place in Int(first) ..< Int(end) { words[Int(tokens[place] >> 6)] |= 1 << UInt64(tokens[place] & 63) }
}
