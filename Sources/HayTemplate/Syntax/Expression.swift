/// A part of a template that has a value.
final class Expression: Sendable {
    let kind: Kind
    /// Where errors of this expression point to.
    let place: Int
    /// How deep the tree below is; bounded by the parser, so that no walk overflows the stack.
    let depth: Int

    init(_ kind: Kind, at place: Int, depth: Int) {
        self.kind = kind
        self.place = place
        self.depth = depth
    }

    enum Kind: Sendable {
        case constant(Constant)
        case name(Name)
        case list([Expression])
        case tuple([Expression])
        case dict([Member])
        /// Two or more values added from left to right; one node, so that building a text copies each part once.
        case sum([Expression])
        case binary(BinaryOperator, Expression, Expression)
        case negative(Expression)
        case positive(Expression)
        case not(Expression)
        case and(Expression, Expression)
        case or(Expression, Expression)
        case compare(Expression, [Comparand])
        case concatenation([Expression])
        case conditional(test: Expression, then: Expression, otherwise: Expression?, undefined: Undefined)
        case attribute(Expression, Attribute)
        case item(Expression, Expression)
        case slice(Expression, Slice)
        case call(Expression, CallArguments)
        case filter(Expression, Filter, CallArguments)
        case test(Expression, Test, CallArguments)
        /// The text that a block has captured for its filters.
        case captured
    }

    /// A key and its value.
    struct Member: Sendable {
        let key: Expression
        let value: Expression
    }

    /// What a comparison is made with.
    struct Comparand: Sendable {
        let comparison: Comparison
        let value: Expression
    }

    /// A literal.
    enum Constant: Sendable {
        case null
        case bool(Bool)
        case int(Int)
        case float(Double)
        case string(String)
    }

    struct Slice: Sendable {
        var start: Expression?
        var stop: Expression?
        var step: Expression?
    }
}

/// An operator of two values, except `+`.
enum BinaryOperator: String, Sendable {
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case floorDivide = "//"
    case modulo = "%"
    case power = "**"
}

/// An operator that compares.
enum Comparison: String, Sendable {
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case contained = "in"
    case notContained = "not in"
}

/// What stands between the parentheses of a call.
struct CallArguments: Sendable {
    var positional: [Expression] = []
    var keywords: [(name: String, value: Expression)] = []
    var unpackedList: Expression?
    var unpackedDict: Expression?

    var isEmpty: Bool { positional.isEmpty && keywords.isEmpty && unpackedList == nil && unpackedDict == nil }
}

/// An attribute's name, and which methods it names on the types that have methods.
struct Attribute: Sendable {
    let name: String
    let stringMethod: StringMethod?
    let sequenceMethod: SequenceMethod?
    let dictMethod: DictMethod?

    init(_ name: String) {
        self.name = name
        stringMethod = StringMethod(rawValue: name)
        sequenceMethod = SequenceMethod(rawValue: name)
        dictMethod = DictMethod(rawValue: name)
    }
}
