/// The sizes of a tensor, outermost first: at most four, kept in place so that making a tensor allocates nothing.
public struct Shape: Sendable, Hashable {
    /// How many axes there are.
    public let rank: Int
    /// The sizes; ones after the last axis.
    private let sizes: SIMD4<Int>

    /// A shape of these sizes.
    public init(_ sizes: some Collection<Int>) {
        precondition(sizes.count <= 4, "a tensor has at most 4 axes, not \(sizes.count)")
        rank = sizes.count
        var padded = SIMD4(repeating: 1)
        for (axis, size) in sizes.enumerated() {
            precondition(size >= 0, "the size of an axis is not negative: \(size)")
            padded[axis] = size
        }
        self.sizes = padded
    }

    /// The number of elements.
    public var count: Int { sizes[0] * sizes[1] * sizes[2] * sizes[3] }

    /// The size of an axis; negative numbers count from the last: `shape[-1]` is the row length.
    public subscript(_ axis: Int) -> Int {
        let index = axis < 0 ? rank + axis : axis
        precondition(index >= 0 && index < rank, "axis \(axis) of a shape of rank \(rank)")
        return sizes[index]
    }

    /// The sizes as an array.
    public var array: [Int] { (0 ..< rank).map { sizes[$0] } }

    /// This shape with another size for the last axis.
    public func replacingLast(_ size: Int) -> Shape { replacing(rank - 1, size) }

    /// This shape with another size for the first axis.
    public func replacingFirst(_ size: Int) -> Shape { replacing(0, size) }

    /// This shape without its first axis.
    public func droppingFirst() -> Shape {
        precondition(rank > 0, "a scalar has no first axis")
        return Shape(rank: rank - 1, sizes: SIMD4(sizes[1], sizes[2], sizes[3], 1))
    }

    private func replacing(_ axis: Int, _ size: Int) -> Shape {
        var sizes = sizes
        sizes[axis] = size
        return Shape(rank: rank, sizes: sizes)
    }

    private init(rank: Int, sizes: SIMD4<Int>) {
        self.rank = rank
        self.sizes = sizes
    }
}

extension Shape: ExpressibleByArrayLiteral, CustomStringConvertible {
    /// A shape of these sizes.
    public init(arrayLiteral elements: Int...) { self.init(elements) }

    /// The sizes in brackets: `[2, 3]`.
    public var description: String { array.description }
}
