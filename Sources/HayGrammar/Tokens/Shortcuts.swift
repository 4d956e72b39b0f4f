/// Tokens of several bytes that lead from one state of a rule to another along single bytes: names, punctuation,
/// constants. They make the least number of tokens that a text takes come out near the truth.
enum Shortcuts {
    /// How many nodes are looked at from one state.
    private static let workLimit = 64

    /// The tokens' ways, each counting as one piece.
    static func find(in network: Network, _ trie: TokenTrie, isAllowed: (Int32) -> Bool) -> [(from: Int32, to: Int32)] {
        let singles = network.steps.filter { $0.low == $0.high }
        let steps = Grouped(network.stateCount, singles.map { (Int($0.from), $0) })
        let jumps = Grouped(network.stateCount, network.jumps.map { (Int($0.from), $0.to) })
        var roots = [Int](repeating: -1, count: 256)
        var node = 0
        while node < trie.nodes.count - 1 {
            roots[Int(trie.nodes[node].byte)] = node
            node = Int(trie.nodes[node].end)
        }
        var result: [(from: Int32, to: Int32)] = []
        for step in singles where roots[Int(step.low)] >= 0 {
            var work = 0
            var pending = [(node: roots[Int(step.low)], state: step.to)]
            while let (node, state) = pending.popLast(), work < workLimit {
                work += 1
                if trie.nodes[node].depth > 1, trie.hasToken(at: node, isAllowed) { result.append((step.from, state)) }
                for jump in jumps[Int(state)] where pending.count < workLimit { pending.append((node, jump)) }
                for next in steps[Int(state)] {
                    if let child = trie.child(of: node, next.low) { pending.append((child, next.to)) }
                }
            }
        }
        return result
    }
}

extension TokenTrie {
    /// The ids whose text ends at a node.
    func tokens(at node: Int) -> Range<Int> { Int(nodes[node].firstToken) ..< Int(nodes[node + 1].firstToken) }

    fileprivate func hasToken(at node: Int, _ isAllowed: (Int32) -> Bool) -> Bool {
        // The tokens of a leaf's successor begin where its own end; those of an inner node where its first child's do.
        tokens(at: node).contains { isAllowed(tokens[$0]) }
    }

    fileprivate func child(of node: Int, _ byte: UInt8) -> Int? {
        var child = node + 1
        let end = Int(nodes[node].end)
        while child < end {
            if nodes[child].byte == byte { return child }
            if nodes[child].byte > byte { return nil }
            child = Int(nodes[child].end)
        }
        return nil
    }
}
