/// Fills lines with words as Python's `textwrap` does.
struct WordWrapper {
    let width: Int
    let breaksWords: Bool
    let breaksHyphens: Bool

    func lines(of text: String) -> [String] {
        var chunks = ArraySlice(chunks(of: Array(text.unicodeScalars)))
        var lines: [String] = []
        while !chunks.isEmpty {
            if !lines.isEmpty, chunks.first?.allSatisfy(\.isPythonSpace) == true { chunks.removeFirst() }
            var line: [ArraySlice<Unicode.Scalar>] = []
            var count = 0
            while let chunk = chunks.first, count + chunk.count <= width {
                line.append(chunk)
                count += chunk.count
                chunks.removeFirst()
            }
            if let long = chunks.first, long.count > width {
                if breaksWords {
                    let end = cut(long, room: width - count)
                    line.append(long.prefix(end))
                    chunks[chunks.startIndex] = long.dropFirst(end)
                } else if line.isEmpty {
                    line.append(long)
                    chunks.removeFirst()
                }
            }
            if line.last?.allSatisfy(\.isPythonSpace) == true { line.removeLast() }
            if !line.isEmpty { lines.append(String(scalars: line.joined())) }
        }
        return lines
    }

    /// How much of a word that is longer than a line stands in what is left of one.
    private func cut(_ word: ArraySlice<Unicode.Scalar>, room: Int) -> Int {
        guard breaksHyphens, let hyphen = word.prefix(room).lastIndex(of: "-") else { return room }
        let before = word[..<hyphen]
        return before.contains { $0 != "-" } ? before.count + 1 : room
    }

    // MARK: Chunks

    /// Runs of space, words and parts of words that a line may end after.
    private func chunks(of scalars: [Unicode.Scalar]) -> [ArraySlice<Unicode.Scalar>] {
        var chunks: [ArraySlice<Unicode.Scalar>] = []
        var start = 0
        while start < scalars.count {
            let end = end(of: start, in: scalars)
            chunks.append(scalars[start ..< end])
            start = end
        }
        return chunks
    }

    private func end(of start: Int, in scalars: [Unicode.Scalar]) -> Int {
        var end = start
        if scalars[start].isWrapSpace {
            while end < scalars.count, scalars[end].isWrapSpace { end += 1 }
            return end
        }
        guard breaksHyphens else {
            while end < scalars.count, !scalars[end].isWrapSpace { end += 1 }
            return end
        }
        if start > 0, scalars[start - 1].isWordPunctuation, let dash = endOfDash(start, in: scalars) { return dash }
        while true {
            end += 1
            if end == scalars.count || scalars[end].isWrapSpace { return end }
            if scalars[end] == "-", isHyphen(end, in: scalars) { return end + 1 }
            if scalars[end - 1].isWordPunctuation, endOfDash(end, in: scalars) != nil { return end }
        }
    }

    /// The end of a dash of two or more hyphens before a word.
    private func endOfDash(_ start: Int, in scalars: [Unicode.Scalar]) -> Int? {
        var end = start
        while end < scalars.count, scalars[end] == "-" { end += 1 }
        return end - start >= 2 && end < scalars.count && scalars[end].isWordPart ? end : nil
    }

    /// Whether a hyphen stands after two letters, or a letter, a hyphen and one more, and before two letters.
    private func isHyphen(_ place: Int, in scalars: [Unicode.Scalar]) -> Bool {
        func isLetter(_ index: Int) -> Bool { scalars.indices.contains(index) && scalars[index].isWordLetter }
        let afterWord = isLetter(place - 1) && isLetter(place - 2)
        let afterPart =
            isLetter(place - 3) && scalars[place - 2] == "-" && scalars[place - 1].isWordPunctuation
        let next = scalars.indices.contains(place + 2) && scalars[place + 2] == "-" ? place + 3 : place + 2
        return (afterWord || afterPart) && isLetter(place + 1) && isLetter(next)
    }
}

extension Unicode.Scalar {
    fileprivate var isWrapSpace: Bool { value == 0x20 || (value >= 0x09 && value <= 0x0D) }
    fileprivate var isWordPart: Bool { self == "_" || isAlphabetic || isNumeric }
    fileprivate var isWordLetter: Bool { isWordPart && !isDecimal }
    fileprivate var isWordPunctuation: Bool { isWordPart || "!\"'&.,?".unicodeScalars.contains(self) }
}
