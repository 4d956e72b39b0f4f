/// A binary heap of words, the smallest on top.
struct MinHeap {
    private var words: [UInt64] = []

    mutating func removeAll() { words.removeAll(keepingCapacity: true) }

    mutating func push(_ word: UInt64) {
        words.append(word)
        var index = words.count - 1
        while index > 0 {
            let parent = (index - 1) / 2
            guard word < words[parent] else { break }
            words[index] = words[parent]
            index = parent
        }
        words[index] = word
    }

    mutating func pop() -> UInt64? {
        guard let top = words.first, let last = words.popLast() else { return nil }
        guard !words.isEmpty else { return top }
        var index = 0
        while true {
            var child = index * 2 + 1
            guard child < words.count else { break }
            if child + 1 < words.count, words[child + 1] < words[child] { child += 1 }
            guard words[child] < last else { break }
            words[index] = words[child]
            index = child
        }
        words[index] = last
        return top
    }
}
