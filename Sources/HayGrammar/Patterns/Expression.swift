/// A regular expression over scalars.
indirect enum Expression: Sendable {
    /// One scalar of a set. Where implementations of regular expressions disagree on the set, `lower` has the scalars
    /// that are in it for all of them, and `upper` those that are for any.
    case set(lower: ScalarSet, upper: ScalarSet)
    case sequence([Expression])
    case choice([Expression])
    case repetition(Expression, Int, Int?)
    /// Nothing, but only where the text begins.
    case start
    /// Nothing, but only where the text ends.
    case end

    static func set(_ set: ScalarSet) -> Expression { .set(lower: set, upper: set) }

    static func text(_ text: String) -> Expression {
        .sequence(text.unicodeScalars.map { .set(ScalarSet([$0.value ... $0.value])) })
    }

    static func optional(_ expression: Expression) -> Expression { .repetition(expression, 0, 1) }

    /// Any text.
    static let anything = Expression.repetition(.set(.all), 0, nil)
}
