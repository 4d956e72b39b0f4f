/// Some columns of a row-major matrix, written as rows.
///
/// It goes by tiles that stay in the first cache: runs of each row are read in the order of memory, and what is written is a
/// run of each column.
struct Transposition<Element: FixedWidthInteger & BitwiseCopyable> {
    private let columns: [Int]
    private let rowSize, rowCount: Int
    private let tileRows = 32, tileColumns = 256

    /// The transposition of these columns of `rowCount` rows of `rowSize` elements.
    init(_ columns: [Int], of rowSize: Int, rowCount: Int) {
        self.columns = columns
        self.rowSize = rowSize
        self.rowCount = rowCount
    }

    /// Reads a matrix, which may begin at any byte, and writes a row of `rowCount` elements for each column.
    func run(_ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer) {
        let size = MemoryLayout<Element>.size
        precondition(source.count >= rowCount * rowSize * size && target.count >= columns.count * rowCount * size)
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        withUnsafeTemporaryAllocation(of: Element.self, capacity: tileRows * tileColumns) { tile in
            guard let tile = tile.baseAddress else { return }
            for row in stride(from: 0, to: rowCount, by: tileRows) {
                let rows = row ..< min(row + tileRows, rowCount)
                for column in stride(from: 0, to: columns.count, by: tileColumns) {
                    let columns = column ..< min(column + tileColumns, columns.count)
                    fill(tile, from, rows, columns)
                    for place in columns {
                        (to + (place * rowCount + row) * size).copyMemory(
                            from: tile + (place - column) * tileRows, byteCount: rows.count * size)
                    }
                }
            }
        }
    }

    /// A tile [tileColumns, tileRows] of what is in these rows and columns.
    private func fill(
        _ tile: UnsafeMutablePointer<Element>, _ source: UnsafeRawPointer, _ rows: Range<Int>, _ places: Range<Int>
    ) {
        let size = MemoryLayout<Element>.size
        columns.withUnsafeBufferPointer { columns in
            for row in rows {
                let from = source + row * rowSize * size
                var to = tile + (row - rows.lowerBound)
                for place in places {
                    to.pointee = from.loadUnaligned(fromByteOffset: columns[place] * size, as: Element.self)
                    to += tileRows
                }
            }
        }
    }
}
