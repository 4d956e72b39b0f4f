/// Finds the patterns that a text may begin with by its first two bytes.
struct MarkPatternIndex: Sendable {
    private var byFirst = [[Int]](repeating: [], count: 256)
    /// Those of which the second byte may be any.
    private var loose = [[Int]](repeating: [], count: 256)
    private var byPair: [Int: [Int]] = [:]

    init(_ patterns: [MarkPattern]) {
        for (index, pattern) in patterns.enumerated() {
            let first = pattern.firstBytes
            for byte in first.isEmpty ? Set(0 ... 255) : first { byFirst[Int(byte)].append(index) }
        }
        for (byte, indices) in byFirst.enumerated() {
            loose[byte] = indices.filter { patterns[$0].head.count < 2 }
            for second in Set(indices.compactMap { patterns[$0].head.dropFirst().first }) {
                byPair[byte << 8 | Int(second)] = indices.filter {
                    let head = patterns[$0].head
                    return head.count < 2 || head[1] == second
                }
            }
        }
    }

    /// The places of patterns that may match, in order.
    func candidates(_ text: ArraySlice<UInt8>) -> [Int] {
        guard let first = text.first else { return [] }
        guard text.count > 1 else { return byFirst[Int(first)] }
        return byPair[Int(first) << 8 | Int(text[text.startIndex + 1])] ?? loose[Int(first)]
    }
}
