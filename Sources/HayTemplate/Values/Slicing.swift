/// Python's slices.
enum Slicing {
    /// The positions that `[start:stop:step]` picks from so many elements, in order.
    static func positions(start: Int?, stop: Int?, step: Int, count: Int) -> StrideTo<Int> {
        let (first, end) = bounds(start: start, stop: stop, step: step, count: count)
        return stride(from: first, to: end, by: min(max(step, -count - 1), count + 1))
    }

    /// The first position that `[start:stop:step]` may pick and the one that it stops at.
    static func bounds(start: Int?, stop: Int?, step: Int, count: Int) -> (first: Int, end: Int) {
        func clamped(_ index: Int?, whenMissing missing: Int, _ low: Int, _ high: Int) -> Int {
            guard let index else { return missing }
            return min(max(index < 0 ? index &+ count : index, low), high)
        }
        if step > 0 {
            let first = clamped(start, whenMissing: 0, 0, count)
            return (first, clamped(stop, whenMissing: count, 0, count))
        }
        let first = clamped(start, whenMissing: count - 1, -1, count - 1)
        return (first, clamped(stop, whenMissing: -1, -1, count - 1))
    }

    /// The position of an index that counts from the end when it is negative; nil when there is none.
    static func position(_ index: Int, count: Int) -> Int? {
        let position = index < 0 ? index &+ count : index
        return position >= 0 && position < count ? position : nil
    }
}
