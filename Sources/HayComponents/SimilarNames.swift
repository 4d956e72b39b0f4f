extension String {
    /// The names that this one was most likely meant to be: up to three, the most similar first.
    ///
    /// Names whose last part in dots is the same, or that a few letters change into this one.
    func similar(among names: [String]) -> [String] {
        guard utf8.count <= String.longestCompared else { return [] }
        let ranked = names.filter { $0.utf8.count <= String.longestCompared }.map { name in
            (name: name, distance: name.lastPart == lastPart ? 0 : distance(to: name))
        }
        return
            ranked.filter { $0.distance <= Swift.max(2, utf8.count / 4) }
            .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }
            .prefix(3).map(\.name)
    }

    /// Names beyond this length are not compared: the time grows with the product of both lengths.
    private static let longestCompared = 256

    private var lastPart: Substring { split(separator: ".").last ?? "" }

    /// How many letters have to be changed, added or removed to make one of the other.
    private func distance(to other: String) -> Int {
        let other = Array(other.utf8)
        var row = Array(0 ... other.count)
        for (index, letter) in utf8.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, otherLetter) in other.enumerated() {
                let changed = diagonal + (letter == otherLetter ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = Swift.min(changed, diagonal + 1, row[column] + 1)
            }
        }
        return row[other.count]
    }
}
