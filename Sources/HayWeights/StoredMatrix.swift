import HayTensor

/// A layer's matrix [M, K], or a vector, where a file holds it: a tensor, or a part of one.
///
/// It is read in pieces of rows, in the type in which it is stored: a piece is mapped where it is contiguous, else its rows
/// are collected. So no more than a piece is in memory beside the tensor that it is read into.
struct StoredMatrix: Sendable {
    let location: Checkpoint.Location
    /// Its shape in memory.
    let shape: Shape

    private let part: StoredPart
    private let role: WeightRole
    /// The first byte of the tensor, or of its matrix of the stack, and the size of that.
    private let start, size: Int
    /// The rows that are stored together, a panel where the type has blocks, and their bytes.
    private let unit, unitSize: Int

    /// A part of a tensor of a file. Throws `CheckpointError` where it is not of the shape or the type that is asked for.
    init(_ location: Checkpoint.Location, _ shape: Shape, _ part: StoredPart, _ role: WeightRole) throws {
        precondition(shape.rank > 0, "a tensor of no axes")
        self.location = location
        self.shape = shape
        self.part = part
        self.role = role
        let entry = location.entry
        let expected = part.storedShape(of: shape.array)
        guard let expected, entry.shape == expected else {
            throw CheckpointError.wrongShape(
                tensor: entry.name, file: location.file.path, expected: expected ?? shape.array, found: entry.shape)
        }
        guard let count = shape.checkedCount, count <= UInt32.max else {
            throw CheckpointError.shapeTooLarge(file: location.file.path, tensor: entry.name, shape: expected)
        }
        guard entry.dtype != nil || entry.type.isConverted(for: role) else { throw location.wrongType(role) }
        size = entry.range.count / max(1, part.place?.count ?? 1)
        start = entry.range.lowerBound + size * (part.place?.index ?? 0)
        let rowLength = shape[0] == 0 ? 0 : count / shape[0]
        if let blocks = entry.blocks {
            (unit, unitSize) = (DType.panelSize, blocks.byteCount(of: [DType.panelSize, rowLength]))
        } else {
            (unit, unitSize) = (1, rowLength * (entry.type.bitSize ?? 0) / 8)
        }
        guard unit == 1 || isInPanels else {
            throw CheckpointError.partOfBlocks(
                tensor: entry.name, file: location.file.path, type: entry.typeName, part: part.suffix)
        }
    }

    /// The type in which pieces are read.
    var dtype: DType { location.entry.dtype ?? .f32 }

    /// The bytes in the file.
    var byteCount: Int { (rowCount + unit - 1) / unit * unitSize }

    /// Whether all of it lies together in a type that kernels read.
    var isMappable: Bool { location.entry.dtype != nil && isContiguous }

    /// The bytes of a matrix that `isMappable`.
    var mappedRange: Range<Int> { bytes(ofRows: 0 ..< rowCount) }

    /// Runs of rows that begin at panels, of some megabytes each.
    var pieces: [Range<Int>] {
        guard rowCount > 0, byteCount > 0 else { return [] }
        let step = max(1, (8 << 20) / (byteCount / rowCount + 1) / DType.panelSize) * DType.panelSize
        return stride(from: 0, to: rowCount, by: step).map { $0 ..< min($0 + step, rowCount) }
    }

    /// The rows of a piece, on a backend. Throws what the backend throws.
    func rows(_ piece: Range<Int>, on backend: any Backend) throws -> Tensor {
        let shape = shape.replacingFirst(piece.count)
        guard let dtype = location.entry.dtype else {
            let type = location.entry.type
            let values =
                isContiguous
                ? withBytes(bytes(ofRows: piece), type.floats) : collected(piece).withUnsafeBytes(type.floats)
            return Tensor(values, shape, on: backend)
        }
        if isContiguous {
            let range = bytes(ofRows: piece)
            return try Tensor(loading: range, of: location.file, shape: shape, dtype: dtype, on: backend)
        }
        let tensor = Tensor(uninitialized: shape, dtype, on: backend)
        tensor.write(collected(piece))
        return tensor
    }

    /// Releases the file's pages that a piece was read from.
    func release(_ piece: Range<Int>) {
        location.file.release(isTransposed ? start ..< start + size : bytes(ofRows: piece))
    }

    private var rowCount: Int { shape[0] }
    private var isVector: Bool { shape.rank < 2 }
    private var isTransposed: Bool { part.isTransposed && !isVector }
    /// The rows that are kept of each group, those of a group, and the number of groups.
    private var kept: Range<Int> { part.range ?? 0 ..< max(1, rowCount) }
    private var groupSize: Int { part.range == nil ? max(1, rowCount) : part.groupSize }
    private var groupCount: Int { rowCount / kept.count }
    private var isContiguous: Bool { !isTransposed && groupCount <= 1 }

    /// Whether rows in blocks begin and end at panels.
    private var isInPanels: Bool {
        if isTransposed { return false }
        let ends = kept.upperBound.isMultiple(of: unit) || (groupCount == 1 && kept.upperBound == groupSize)
        return kept.lowerBound.isMultiple(of: unit) && ends && (groupCount == 1 || groupSize.isMultiple(of: unit))
    }

    /// The stored row that is a row of the matrix.
    private func storedRow(_ row: Int) -> Int { row / kept.count * groupSize + kept.lowerBound + row % kept.count }

    /// The bytes of the file from the first to the last row of a piece of a tensor that is not transposed.
    private func bytes(ofRows rows: Range<Int>) -> Range<Int> {
        guard !rows.isEmpty else { return start ..< start }
        let first = storedRow(rows.lowerBound) / unit, last = storedRow(rows.upperBound - 1) / unit
        return start + first * unitSize ..< start + (last + 1) * unitSize
    }

    private func withBytes<Result>(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        location.file.withBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }

    /// The bytes of a piece whose rows do not lie together.
    private func collected(_ piece: Range<Int>) -> [UInt8] {
        let count = (piece.count + unit - 1) / unit * unitSize
        return [UInt8](unsafeUninitializedCapacity: count) { bytes, initialized in
            let target = UnsafeMutableRawBufferPointer(bytes)
            withBytes(start ..< start + size) { source in
                if isTransposed { transpose(piece, source, target) } else { copyRows(piece, source, target) }
            }
            initialized = count
        }
    }

    private func copyRows(
        _ piece: Range<Int>, _ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer
    ) {
        var row = piece.lowerBound, end = 0
        while row < piece.upperBound {
            let count = min(kept.count - row % kept.count, piece.upperBound - row)
            let run = bytes(ofRows: row ..< row + count)
            let bytes = source[run.lowerBound - start ..< run.upperBound - start]
            UnsafeMutableRawBufferPointer(rebasing: target[end...]).copyBytes(from: bytes)
            end += run.count
            row += count
        }
    }

    private func transpose(
        _ piece: Range<Int>, _ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer
    ) {
        let columns = piece.map(storedRow), rowSize = groupCount * groupSize
        switch location.entry.type.bitSize {
        case 16: Transposition<UInt16>(columns, of: rowSize, rowCount: shape[1]).run(source, target)
        case 32: Transposition<UInt32>(columns, of: rowSize, rowCount: shape[1]).run(source, target)
        case 64: Transposition<UInt64>(columns, of: rowSize, rowCount: shape[1]).run(source, target)
        default: preconditionFailure("a matrix of \(location.entry.typeName) is not transposed")
        }
    }
}

extension Shape {
    /// The number of elements; nil where it is beyond an integer.
    var checkedCount: Int? {
        array.reduce(1 as Int?) { count, size in
            let (product, overflow) = count?.multipliedReportingOverflow(by: size) ?? (0, true)
            return overflow ? nil : product
        }
    }
}

extension Checkpoint.Location {
    fileprivate func wrongType(_ role: WeightRole) -> CheckpointError {
        .wrongType(
            tensor: entry.name, file: file.path,
            expected: role == .vector ? "floats of 16 bits or more, or integers" : "F32, BF16, F16, F64 or blocks",
            found: entry.typeName)
    }
}
