/// How texts are cut that have more tokens than there is room for.
public struct Truncation: Sendable, Equatable {
    /// Which end is cut.
    public enum Side: String, Sendable {
        /// The beginning goes.
        case left = "Left"
        /// The end goes.
        case right = "Right"
    }

    /// Which of two texts is cut.
    public enum Strategy: String, Sendable {
        /// The longer one, until both have the same length, then both.
        case longestFirst = "LongestFirst"
        /// The first one only.
        case onlyFirst = "OnlyFirst"
        /// The second one only.
        case onlySecond = "OnlySecond"
    }

    /// The most tokens, special ones included.
    public var maximumLength: Int
    /// Which of two texts is cut.
    public var strategy: Strategy
    /// How many tokens each part of what was cut off repeats of the part before it.
    public var stride: Int
    /// Which end is cut.
    public var side: Side

    /// Cuts to so many tokens.
    public init(
        maximumLength: Int, strategy: Strategy = .longestFirst, stride: Int = 0, side: Side = .right
    ) {
        self.maximumLength = maximumLength
        self.strategy = strategy
        self.stride = stride
        self.side = side
    }

    /// The most tokens that the parts of what is cut off may have together.
    private static let mostOverflow = 1 << 24

    /// How many tokens are kept of texts with so many, when `added` more come around them. Throws `TokenizerError`.
    func lengths(of counts: [Int], added: Int) throws -> [Int] {
        let lengths = try keptLengths(of: counts, added: added)
        var partCount = 1
        for (length, count) in zip(lengths, counts) where length < count {
            guard length == 0 || stride < length else {
                throw TokenizerError.cannotTruncate(to: maximumLength, reason: "the stride is \(stride)")
            }
            let parts = length == 0 ? 2 : 1 + (count - length + length - stride - 1) / (length - stride)
            partCount = partCount.multipliedReportingOverflow(by: parts).overflow ? .max : partCount * parts
        }
        guard partCount <= Truncation.mostOverflow / max(1, lengths.reduce(added, +)) else {
            throw TokenizerError.cannotTruncate(to: maximumLength, reason: "that makes \(partCount) parts")
        }
        return lengths
    }

    private func keptLengths(of counts: [Int], added: Int) throws -> [Int] {
        guard maximumLength >= added else {
            throw TokenizerError.cannotTruncate(to: maximumLength, reason: "\(added) of them are special tokens")
        }
        let room = maximumLength - added
        let excess = counts.reduce(0, +) - room
        guard excess > 0 else { return counts }
        if room == 0 { return counts.map { _ in 0 } }
        if strategy == .longestFirst {
            return counts.count == 1 ? [room] : Truncation.balanced(counts[0], counts[1], room)
        }
        let cut = strategy == .onlyFirst ? 0 : 1
        guard cut < counts.count else {
            throw TokenizerError.cannotTruncate(to: maximumLength, reason: "there is no second text to cut")
        }
        guard counts[cut] > excess else {
            throw TokenizerError.cannotTruncate(to: maximumLength, reason: "the text to cut has only \(counts[cut])")
        }
        var lengths = counts
        lengths[cut] -= excess
        return lengths
    }

    /// What two texts share of the room: the shorter one keeps all while it is no longer than its half.
    private static func balanced(_ first: Int, _ second: Int, _ room: Int) -> [Int] {
        let shorter = min(first, second)
        var lengths = [shorter, shorter > room ? shorter : max(shorter, room - shorter)]
        if lengths[0] + lengths[1] > room { lengths = [room / 2, room / 2 + room % 2] }
        return first > second ? lengths.reversed() : lengths
    }
}

extension Truncation {
    /// Reads `truncation` of a tokenizer.json. Throws `TokenizerError`.
    init(_ section: Section) throws {
        maximumLength = try section.count("max_length")
        stride = try section.optional("stride") == nil ? 0 : section.count("stride")
        strategy = try section.choice("strategy", default: .longestFirst)
        side = try section.choice("direction", default: .right)
    }
}
