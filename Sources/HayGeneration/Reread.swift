import HayNN

/// The reading anew of a request's texts once they are longer than their keys hold for: see `LanguageModel.rereadLength`.
///
/// All rows of a request have one length, as only a single reply is guessed ahead, so they get there together. What their
/// texts have in common is read once, and the rows share it, as they did before: no more blocks are needed than the request
/// has reserved.
struct Reread {
    /// The longest text whose keys hold.
    private let limit: Int
    /// The tokens in the cache of each row.
    private var texts: [[Int32]]
    /// What is left to be read: the rows' common beginning, and the rest of each.
    private var common: ArraySlice<Int32> = []
    private var rests: [ArraySlice<Int32>] = []

    /// The rereading of a text that begins with `prefix` and may become longer than `limit`.
    init(_ prefix: [Int32], after limit: Int) {
        texts = [prefix]
        self.limit = limit
    }

    /// How many tokens are left to be read.
    var unreadCount: Int { rests.reduce(common.count) { $0 + $1.count } }

    /// Follows a search: which rows go on, and with which of their tokens.
    mutating func keep(_ rows: [KeptRow], of pending: [[Int32]]) {
        texts = rows.map { texts[$0.row] + pending[$0.row].prefix($0.kept) }
    }

    /// Empties the cache where the next tokens are beyond the limit.
    ///
    /// - Parameter longest: another text's length that counts for these too.
    mutating func begin(_ cache: KVCache, longest: Int) -> Bool {
        guard let first = texts.first else { return false }
        let length = max(first.count, longest)
        guard length >= limit else { return false }
        var count = first.count
        for text in texts { count = zip(text.prefix(count), first).prefix { $0 == $1 }.count }
        common = first[..<count]
        rests = texts.map { $0[count...] }
        cache.select(rows: [0])
        cache.truncate(row: 0, to: 0)
        cache.knownLength = length + 1
        return true
    }

    /// Gives each row the common beginning once it is read. Returns whether nothing is left to be read.
    func advance(_ cache: KVCache) -> Bool {
        guard common.isEmpty else { return false }
        if cache.rowCount < rests.count { cache.select(rows: rests.map { _ in 0 }) }
        return unreadCount == 0
    }

    /// The next pieces for each row, for as many tokens as the budget has.
    mutating func takePieces(_ budget: inout Int) -> [ArraySlice<Int32>] {
        func take(_ text: inout ArraySlice<Int32>) -> ArraySlice<Int32> {
            let piece = text.prefix(budget)
            text.removeFirst(piece.count)
            budget -= piece.count
            return piece
        }
        if !common.isEmpty { return [take(&common)] }
        return rests.indices.map { take(&rests[$0]) }
    }
}
