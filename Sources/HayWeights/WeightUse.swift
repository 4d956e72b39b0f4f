import HayTensor

/// What a model has asked a checkpoint for: a matrix, a vector, or a stack of them.
struct WeightUse: Sendable {
    /// The name of the tensor that holds just this, in a file that is written anew.
    let name: String
    /// Where it is: one place, or that of each matrix of a stack.
    let places: [StoredMatrix]
    /// The shape in memory.
    let shape: Shape
    let role: WeightRole

    /// Whether `places` are the matrices of a stack.
    let isStack: Bool

    /// The bytes of the file that are the tensor in memory, where it can be read in place.
    var mappedRange: Range<Int>? {
        guard let first = places.first, places.allSatisfy(\.isMappable) else { return nil }
        var range = first.mappedRange
        for place in places.dropFirst() {
            let next = place.mappedRange
            guard place.location.file === first.location.file, place.dtype == first.dtype,
                next.lowerBound == range.upperBound
            else { return nil }
            range = range.lowerBound ..< next.upperBound
        }
        return range
    }

    /// The bytes in the files.
    var byteCount: Int { places.reduce(0) { $0 + $1.byteCount } }
}
