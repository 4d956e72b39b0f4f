/// What a regular expression is made of.
indirect enum PatternNode {
    /// One scalar of a set.
    case one(ScalarSet)
    case sequence([PatternNode])
    /// The first of some that matches, and what follows with it.
    case choice([PatternNode])
    case loop(PatternNode, minimum: Int, maximum: Int?, Greed)
    /// What must, or must not, follow; it is not part of the match.
    case look(PatternNode, negated: Bool)
    /// The same for what comes before, which has so many scalars.
    case lookBehind(PatternNode, length: Int, negated: Bool)
    /// A part that once matched is not matched in another way.
    case atomic(PatternNode)
    case anchor(Anchor)

    /// How much a loop takes.
    enum Greed {
        /// As much as it can, and less where what follows would not match.
        case greedy
        /// As little as it can.
        case lazy
        /// As much as it can, and never less.
        case possessive
    }

    /// A condition on a place.
    enum Anchor: UInt8 {
        case textStart, textEnd, textEndBeforeNewline, lineStart, lineEnd, wordBoundary, noWordBoundary
    }

    /// Whether it may match without taking a scalar.
    var matchesEmpty: Bool { minimumLength == 0 }

    /// The least number of scalars it takes.
    var minimumLength: Int {
        switch self {
        case .one: 1
        case .sequence(let parts): parts.reduce(0) { min($0 + $1.minimumLength, 1 << 20) }
        case .choice(let choices): choices.map(\.minimumLength).min() ?? 0
        case .loop(let body, let minimum, _, _): min(body.minimumLength * minimum, 1 << 20)
        case .atomic(let body): body.minimumLength
        case .look, .lookBehind, .anchor: 0
        }
    }

    /// The number of scalars it takes, where that is always the same and below 256.
    var fixedLength: Int? {
        switch self {
        case .one: return 1
        case .sequence(let parts):
            var sum = 0
            for part in parts {
                guard let length = part.fixedLength else { return nil }
                sum += length
            }
            return sum < 256 ? sum : nil
        case .choice(let choices):
            let lengths = Set(choices.map(\.fixedLength))
            return lengths.count == 1 ? lengths.first ?? nil : nil
        case .loop(let body, let minimum, let maximum, _):
            guard minimum == maximum, let length = body.fixedLength else { return nil }
            return length * minimum < 256 ? length * minimum : nil
        case .atomic(let body): return body.fixedLength
        case .look, .lookBehind, .anchor: return 0
        }
    }
}
