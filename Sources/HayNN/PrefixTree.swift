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
        var lastUse: UInt64 = 0

        init(tokens: [Int32], block: Int32, parent: Node?) {
            self.tokens = tokens
            self.block = block
            self.parent = parent
        }
    }

    private let pool: BlockPool
    private let limit: Int
    private var roots: [String: Node] = [:]
    private var clock: UInt64 = 0
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
        var blocks: [Int32] = []
        var node = roots[scope]
        clock += 1
        for start in stride(from: 0, to: tokens.count - BlockPool.blockSize, by: BlockPool.blockSize) {
            node = node?.children[Array(tokens[start ..< start + BlockPool.blockSize])]
            guard let node else { break }
            node.lastUse = clock
            blocks.append(node.block)
        }
        cache.adopt(blocks, row: row)
        return blocks.count * BlockPool.blockSize
    }

    /// Keeps the full blocks of a row, which holds these tokens.
    public func keep(_ cache: KVCache, row: Int, tokens: [Int32], scope: String) {
        let blocks = cache.blocks(ofRow: row)
        let count = min(tokens.count, cache.length(ofRow: row)) / BlockPool.blockSize
        guard count > 0, limit > 0 else { return }
        var node = roots[scope] ?? Node(tokens: [], block: -1, parent: nil)
        roots[scope] = node
        clock += 1
        for index in 0 ..< count {
            let key = Array(tokens[index * BlockPool.blockSize ..< (index + 1) * BlockPool.blockSize])
            if let child = node.children[key] {
                node = child
            } else {
                let child = Node(tokens: key, block: blocks[index], parent: node)
                pool.retain(CollectionOfOne(child.block))
                node.children[key] = child
                node = child
                blockCount += 1
            }
            node.lastUse = clock
        }
        while blockCount > limit, forget(where: { _ in true }) {}
    }

    /// Gives one block back to the pool. False when all that are kept are in use.
    public func giveBack() -> Bool { forget { !self.pool.isShared($0.block) } }

    /// Forgets everything.
    public func forgetAll() { while forget(where: { _ in true }) {} }

    /// Forgets the leaf that was not used for the longest time among those that fit.
    private func forget(where fits: (Node) -> Bool) -> Bool {
        var oldest: (scope: String, node: Node)?
        for (scope, root) in roots {
            var stack = Array(root.children.values)
            while let node = stack.popLast() {
                stack.append(contentsOf: node.children.values)
                guard node.children.isEmpty, fits(node) else { continue }
                if oldest.map({ node.lastUse < $0.node.lastUse }) ?? true { oldest = (scope, node) }
            }
        }
        guard let (scope, node) = oldest else { return false }
        node.parent?.children[node.tokens] = nil
        if roots[scope]?.children.isEmpty == true { roots[scope] = nil }
        pool.release(CollectionOfOne(node.block))
        blockCount -= 1
        return true
    }
}
