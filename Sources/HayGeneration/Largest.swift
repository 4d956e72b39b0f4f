/// The k-th largest of these values, or the smallest where there are fewer; minus infinity where there are none.
///
/// A heap of the largest so far, its smallest on top: most values are turned away many at a time.
func threshold(ofLargest count: Int, in values: [Float]) -> Float {
    let count = min(count, values.count)
    guard count > 0 else { return -.infinity }
    if count == 1 { return argmax(values).map { values[$0] } ?? -.infinity }
    var heap = Array(values[..<count])
    return heap.withUnsafeMutableBufferPointer { heap in
        for root in (0 ..< count / 2).reversed() { siftDown(heap, root) }
        values.withUnsafeBufferPointer { values in
            forEachBlock(of: values, from: count, above: heap[0]) { block in
                for index in block where values[index] > heap[0] {
                    heap[0] = values[index]
                    siftDown(heap, 0)
                }
            }
        }
        return heap[0]
    }
}

private func siftDown(_ heap: UnsafeMutableBufferPointer<Float>, _ start: Int) {
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

/// Where the k largest values are, from the largest down.
///
/// - Parameter laterFirst: which of equal values count as larger: the later ones, or the earlier ones.
func places(ofLargest count: Int, in values: [Float], laterFirst: Bool = false) -> [Int] {
    if count == 1, !laterFirst { return argmax(values).map { [$0] } ?? [] }
    let threshold = threshold(ofLargest: count, in: values)
    let sorted = values.indices.filter { values[$0] >= threshold }.sorted { a, b in
        values[a] != values[b] ? values[a] > values[b] : laterFirst ? a > b : a < b
    }
    return Array(sorted.prefix(count))
}

/// The entry with which the weights, added up in ascending order of the keys, first pass a limit.
///
/// Of equal keys the earlier comes first. Keys are told apart roughly first, and only those near the limit sorted.
/// - Parameter passes: whether a sum is beyond the limit: once true, true for all larger sums.
func crossing(
    keys: [Float], weights: [Float], passes: (Double) -> Bool
) -> (place: Int, key: Float)? {
    keys.withUnsafeBufferPointer { keys in weights.withUnsafeBufferPointer { crossing(keys, $0, passes) } }
}

private func crossing(
    _ keys: UnsafeBufferPointer<Float>, _ weights: UnsafeBufferPointer<Float>, _ passes: (Double) -> Bool
) -> (place: Int, key: Float)? {
    guard var low = keys.first else { return nil }
    var high = low
    for key in keys {
        low = key < low ? key : low
        high = key > high ? key : high
    }
    let bucketCount = 2048
    let scale = high > low ? min(Float(bucketCount - 1) / (high - low), .greatestFiniteMagnitude) : 0
    func bucket(_ key: Float) -> Int {
        let place = (key - low) * scale
        return place >= 1 ? (place < Float(bucketCount - 1) ? Int(place) : bucketCount - 1) : 0
    }
    var sums = [Double](repeating: 0, count: bucketCount)
    sums.withUnsafeMutableBufferPointer { sums in
        for index in keys.indices { sums[bucket(keys[index])] += Double(weights[index]) }
    }
    var sum = 0.0
    for number in sums.indices {
        guard passes(sum + sums[number]) || number == bucketCount - 1 else {
            sum += sums[number]
            continue
        }
        // The sums of buckets are rounded in another order, so that the next bucket may be needed.
        let members = keys.indices.filter { bucket(keys[$0]) == number }.sorted {
            keys[$0] != keys[$1] ? keys[$0] < keys[$1] : $0 < $1
        }
        for place in members {
            sum += Double(weights[place])
            if passes(sum) { return (place, keys[place]) }
        }
    }
    return nil
}
