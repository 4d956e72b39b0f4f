/// The entries of a row that are not removed, side by side, as what follows a filter mostly has few of them.
struct Remaining {
    /// Where they are in the row, ascending.
    let places: [Int32]
    /// Their logits.
    let logits: [Float]

    /// What is larger than minus infinity.
    init(of row: [Float]) {
        var places: [Int32] = []
        logits = row.withUnsafeBufferPointer { row in
            var count = 0
            for value in row { count &+= value > -.infinity ? 1 : 0 }
            // One more, as the place behind the last is written before it is known to be no more.
            return [Float](unsafeUninitializedCapacity: count + 1) { logits, logitCount in
                places = [Int32](unsafeUninitializedCapacity: count + 1) { places, placeCount in
                    placeCount = Remaining.gather(row, places, logits)
                }
                logitCount = places.count
            }
        }
        self.places = places
    }

    /// e to the power of each logit's difference to the largest, with their sums and the largest.
    func weights() -> (values: [Float], sums: ExponentialSums, largest: Float) {
        let largest = argmax(logits).map { logits[$0] } ?? 0
        var values = logits
        let sums = exponentiate(&values, minus: largest)
        return (values, sums, largest)
    }

    /// How many there were. There is room for all of them.
    private static func gather(
        _ row: UnsafeBufferPointer<Float>, _ places: UnsafeMutableBufferPointer<Int32>,
        _ logits: UnsafeMutableBufferPointer<Float>
    ) -> Int {
        var next = 0
        forEachBlock(of: row, above: -.infinity) { block in
            for index in block {
                places[next] = Int32(truncatingIfNeeded: index)
                logits[next] = row[index]
                next &+= row[index] > -.infinity ? 1 : 0
            }
        }
        return next
    }
}
