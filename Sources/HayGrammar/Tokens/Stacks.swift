/// Stacks of states to return to, each kept once. 0 is the empty one.
struct Stacks: Sendable {
    private struct Entry {
        let parent: Int32
        let state: Int32
        /// The fewest tokens to the end of all the rules on it.
        let pieces: Int32
        let depth: Int32
    }

    private var entries = [Entry(parent: -1, state: -1, pieces: 0, depth: 0)]
    private var ids: [UInt64: Int32] = [:]

    var count: Int { entries.count }

    func parent(_ stack: Int32) -> Int32 { entries[Int(stack)].parent }
    func state(_ stack: Int32) -> Int32 { entries[Int(stack)].state }
    func pieces(_ stack: Int32) -> Int32 { entries[Int(stack)].pieces }
    func depth(_ stack: Int32) -> Int32 { entries[Int(stack)].depth }

    /// The stack with one more state to return to, from which it is so many tokens to the end of its rule.
    mutating func push(_ stack: Int32, _ state: Int32, pieces: Int32) -> Int32 {
        let key = UInt64(UInt32(bitPattern: stack)) << 32 | UInt64(UInt32(bitPattern: state))
        if let id = ids[key] { return id }
        let id = Int32(entries.count)
        ids[key] = id
        entries.append(
            Entry(
                parent: stack, state: state, pieces: Stacks.sum(self.pieces(stack), pieces), depth: depth(stack) + 1))
        return id
    }

    static func sum(_ left: Int32, _ right: Int32) -> Int32 {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? Distances.none - 1 : sum
    }
}
