/// The part of a stored tensor that is a layer's matrix [M, K] or vector [M], and the order in which it is stored.
///
/// Checkpoints fuse matrices in several ways. All of them are one: the tensor, or one matrix of a stack, is taken as it is
/// [N, K] or transposed from [K, N], and of each group of so many rows a range is kept. One group as long as the tensor
/// gives a range of rows; a group for each head gives rows split by heads; groups of two give every second row.
///
/// A vector is cut as the rows of its matrix are; it has nothing to transpose.
public struct StoredPart: Sendable, Hashable {
    /// One of so many matrices.
    struct Place: Sendable, Hashable {
        let index, count: Int
    }

    /// The rows that are kept of each group; nil keeps all.
    let range: Range<Int>?
    /// The rows of a group.
    let groupSize: Int
    /// Whether the tensor is stored [K, N].
    let isTransposed: Bool
    /// The matrix of a stack [E, …]; nil where the tensor is no stack.
    let place: Place?

    private init(_ range: Range<Int>?, of groupSize: Int, isTransposed: Bool, place: Place? = nil) {
        precondition(
            groupSize > 0 && (range.map { !$0.isEmpty && $0.lowerBound >= 0 && $0.upperBound <= groupSize } ?? true),
            "rows \(range.map { "\($0)" } ?? "") of \(groupSize)")
        self.range = range == 0 ..< groupSize ? nil : range
        self.groupSize = self.range == nil ? 1 : groupSize
        self.isTransposed = isTransposed
        self.place = place
    }

    /// The tensor as it is.
    public static let whole = StoredPart(nil, of: 1, isTransposed: false)

    /// The transpose of a tensor [K, M], as the `Conv1D` of GPT-2 stores it.
    public static let transposed = StoredPart(nil, of: 1, isTransposed: true)

    /// A range of each group of so many rows; of all rows where the group is as long as the tensor.
    public static func rows(_ range: Range<Int>, of groupSize: Int) -> StoredPart {
        StoredPart(range, of: groupSize, isTransposed: false)
    }

    /// Rows of the transpose: a range of each group of so many columns of a tensor [K, N].
    public static func columns(_ range: Range<Int>, of groupSize: Int) -> StoredPart {
        StoredPart(range, of: groupSize, isTransposed: true)
    }

    /// One of several projections whose rows lie side by side in each head: [H, count, D] rows, as GPT-NeoX has queries,
    /// keys and values.
    public static func perHead(_ index: Int, of count: Int, headSize: Int) -> StoredPart {
        rows(index * headSize ..< (index + 1) * headSize, of: count * headSize)
    }

    /// Every `count`-th row, beginning with one of the first.
    public static func everyRow(_ index: Int, of count: Int) -> StoredPart { rows(index ..< index + 1, of: count) }

    /// Every `count`-th row of the transpose of a tensor [K, N], as gpt-oss has gates and ups.
    public static func everyColumn(_ index: Int, of count: Int) -> StoredPart {
        columns(index ..< index + 1, of: count)
    }

    /// This part of one matrix of a stack of so many.
    public func inStack(_ index: Int, of count: Int) -> StoredPart {
        precondition(place == nil && index >= 0 && index < count, "matrix \(index) of a stack of \(count)")
        return StoredPart(range, of: groupSize, isTransposed: isTransposed, place: Place(index: index, count: count))
    }

    /// What is added to a tensor's name when this part of it stands in a file of its own: `[0:64 of 192]`, `.T[1:2 of 2]`;
    /// nothing for the whole.
    var suffix: String {
        (place.map { "[\($0.index) of \($0.count)]" } ?? "") + (isTransposed ? ".T" : "")
            + (range.map { "[\($0.lowerBound):\($0.upperBound) of \(groupSize)]" } ?? "")
    }

    /// The stored name of the tensor that a name with a suffix is a part of.
    static func base(of name: String) -> Substring {
        let base = name.prefix { $0 != "[" }
        return base.hasSuffix(".T") ? base.dropLast(2) : base
    }

    /// The shape of the tensor whose part has this shape; nil where its size is beyond an integer.
    func storedShape(of shape: [Int]) -> [Int]? {
        var rows = shape[0]
        if let range {
            precondition(rows.isMultiple(of: range.count), "\(rows) rows, \(range.count) of each \(groupSize)")
            let (product, overflow) = (rows / range.count).multipliedReportingOverflow(by: groupSize)
            guard !overflow else { return nil }
            rows = product
        }
        let matrix = isTransposed && shape.count == 2 ? [shape[1], rows] : [rows] + shape.dropFirst()
        return (place.map { [$0.count] } ?? []) + matrix
    }
}
