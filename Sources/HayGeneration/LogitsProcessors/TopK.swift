/// Keeps the k largest logits, and those equal to the smallest of them.
struct TopK: LogitsProcessor {
    let count: Int

    func process(_ logits: inout [Float], after tokens: [Int32], promptCount: Int) {
        guard count < logits.count else { return }
        let threshold = TopK.smallest(ofLargest: count, in: logits)
        for index in logits.indices where logits[index] < threshold { logits[index] = -.infinity }
    }

    /// A heap of the largest so far, its smallest on top: most values are turned away by one comparison.
    private static func smallest(ofLargest count: Int, in values: [Float]) -> Float {
        var heap = Array(values[..<count])
        for root in (0 ..< count / 2).reversed() { siftDown(&heap, root) }
        for value in values[count...] where value > heap[0] {
            heap[0] = value
            siftDown(&heap, 0)
        }
        return heap[0]
    }

    private static func siftDown(_ heap: inout [Float], _ start: Int) {
        var parent = start
        while true {
            var child = 2 * parent + 1
            guard child < heap.count else { return }
            if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
            guard heap[child] < heap[parent] else { return }
            heap.swapAt(child, parent)
            parent = child
        }
    }
}
