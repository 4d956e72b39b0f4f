/// A template's text as the lexer reads it, and the line and column of each place in it.
struct Source: Sendable {
    /// The scalars with every line break as a single newline and without a newline at the end.
    let scalars: [Unicode.Scalar]
    private let lineStarts: [Int]

    init(_ text: String) {
        var scalars: [Unicode.Scalar] = []
        scalars.reserveCapacity(text.utf8.count)
        var lineStarts = [0]
        var afterReturn = false
        for scalar in text.unicodeScalars {
            defer { afterReturn = scalar == "\r" }
            if scalar == "\n", afterReturn { continue }
            scalars.append(scalar == "\r" ? "\n" : scalar)
            if scalars.last == "\n" { lineStarts.append(scalars.count) }
        }
        if scalars.last == "\n" { scalars.removeLast() }
        self.scalars = scalars
        self.lineStarts = lineStarts
    }

    /// The line and column, both from 1, of a place.
    func position(of place: Int) -> (line: Int, column: Int) {
        var low = 0
        var high = lineStarts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if lineStarts[middle] <= place { low = middle } else { high = middle }
        }
        return (low + 1, place - lineStarts[low] + 1)
    }

    /// An error that has its place.
    func error(_ error: TemplateError, at place: Int) -> TemplateError {
        guard error.line == 0 else { return error }
        var placed = error
        (placed.line, placed.column) = position(of: place)
        return placed
    }
}
