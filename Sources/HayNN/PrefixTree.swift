/// The beginnings of texts whose keys and values are kept for others that begin alike.
///
/// A tree of full blocks, each named by the tokens it holds below the blocks before it: what is found has been compared
/// token by token, so that a text only ever reads its own beginning. The least recently used go first.
public final class PrefixTree {
    private final class Node {
        let tokens: [Int32]
        let block: Int32
        unowned let parent: Node?
        var children: [[Int32]: Node] = [:]
        /// Neighbours in the order of use.
        weak var older: Node?
        var newer: Node?

        init(tokens: [Int32], block: Int32, parent: Node?) {
            self.tokens = tokens
            self.block = block
            self.parent = parent
        }
    }

    private let pool: BlockPool
    private let limit: Int
    private var roots: [String: Node] = [:]
    /// All nodes by their last use. A path is noted from its end to its root, so that no node is older than those below
    /// it: the oldest is always a leaf.
    private var oldest: Node?
    private weak var newest: Node?
    /// How many blocks are kept.
    public private(set) var blockCount = 0

    /// A tree that keeps at most `limit` blocks of a pool.
    public init(_ pool: BlockPool, limit: Int) {
        self.pool = pool
        self.limit = limit
    }

    deinit { forgetAll() }

    /// Begins an empty row with as many whole blocks of these tokens as are kept, short of the last token, which has to
    /// be read for what follows it.
    ///
    /// - Parameter scope: texts of one scope never read those of another.
    /// - Returns: how many tokens the row then holds.
    public func begin(_ cache: KVCache, row: Int, with tokens: [Int32], scope: String) -> Int {
        var path: [Node] = []
        var node = roots[scope]
        for start in stride(from: 0, to: tokens.count - BlockPool.blockSize, by: BlockPool.blockSize) {
            node = node?.children[Array(tokens[start ..< start + BlockPool.blockSize])]
            guard let node else { break }
            path.append(node)
        }
        cache.adopt(path.map(\.block), row: row)
        noteUse(of: path)
        return path.count * BlockPool.blockSize
    }

    /// Keeps the full blocks of a row, which holds these tokens. Where the tree has a block already, the row takes that
    /// one for its own.
    public func keep(_ cache: KVCache, row: Int, tokens: [Int32], scope: String) {
        let count = min(tokens.count, cache.length(ofRow: row)) / BlockPool.blockSize
        guard count > 0, limit > 0 else { return }
        var path: [Node] = []
        var node = roots[scope] ?? Node(tokens: [], block: -1, parent: nil)
        roots[scope] = node
        for index in 0 ..< count {
            let key = Array(tokens[index * BlockPool.blockSize ..< (index + 1) * BlockPool.blockSize])
            if let child = node.children[key] {
                cache.exchangeBlock(index, ofRow: row, for: child.block)
                node = child
            } else {
                let child = Node(tokens: key, block: cache.blocks(ofRow: row)[index], parent: node)
                pool.retain(CollectionOfOne(child.block))
                node.children[key] = child
                append(child)
                node = child
                blockCount += 1
            }
            path.append(node)
        }
        noteUse(of: path)
        while blockCount > limit, let oldest { forget(oldest) }
    }

    /// Gives one block back to the pool, if one of those kept is in nobody's use.
    public func giveBack() -> Bool {
        var node = oldest
        while let leaf = node, !leaf.children.isEmpty || pool.isShared(leaf.block) { node = leaf.newer }
        guard let node else { return false }
        forget(node)
        return true
    }

    /// Forgets everything.
    public func forgetAll() { while let oldest { forget(oldest) } }

    private func forget(_ node: Node) {
        unlink(node)
        node.parent?.children[node.tokens] = nil
        if node.parent?.parent == nil, node.parent?.children.isEmpty == true {
            for (scope, root) in roots where root === node.parent { roots[scope] = nil }
        }
        pool.release(CollectionOfOne(node.block))
        blockCount -= 1
    }

    // MARK: The order of use

    private func noteUse(of path: [Node]) {
        for node in path.reversed() {
            unlink(node)
            append(node)
        }
    }

    private func append(_ node: Node) {
        node.older = newest
        newest?.newer = node
        if oldest == nil { oldest = node }
        newest = node
    }

    private func unlink(_ node: Node) {
        if oldest === node { oldest = node.newer }
        if newest === node { newest = node.older }
        node.older?.newer = node.newer
        node.newer?.older = node.older
        node.older = nil
        node.newer = nil
    }
}
