/// An integer of the context that does not fit 64 bits. It can be shown, tested and compared for equality; to calculate
/// with it is an error.
final class LargeInteger: Object {
    /// The digits, after a minus sign where it is negative.
    let digits: String

    init(_ digits: String) { self.digits = digits }

    override var typeName: String { "int" }

    override func write(to writer: inout ReprWriter) { writer.text += digits }

    override func isEqual(to other: Object) -> Bool { (other as? LargeInteger)?.digits == digits }

    /// Whether a float is this very integer.
    func isEqual(to number: Double) -> Bool {
        number.isFinite && number.rounded() == number && number.formatted("%.0f") == digits
    }

    static let error = TemplateError.arithmetic("an integer does not fit 64 bits")
}

extension Value {
    /// The integer, when it is one that does not fit 64 bits.
    var largeInteger: LargeInteger? {
        if case .object(let object) = self { object as? LargeInteger } else { nil }
    }
}
