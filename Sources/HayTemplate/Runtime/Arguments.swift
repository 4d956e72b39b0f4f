/// The values that something is called with.
struct Arguments {
    var positional: [Value] = []
    var keywords: [(name: String, value: Value)] = []

    var isEmpty: Bool { positional.isEmpty && keywords.isEmpty }

    /// The values in the order of the parameters; nil for those not given.
    func bind(_ function: String, _ names: [String], required: Int = 0) throws -> [Value?] {
        guard positional.count <= names.count else {
            throw TemplateError.type(
                "\(function)() takes at most \(names.count) arguments (\(positional.count) given)")
        }
        var values: [Value?] = positional
        values.append(contentsOf: repeatElement(nil, count: names.count - positional.count))
        for (name, value) in keywords {
            guard let index = names.firstIndex(of: name) else {
                throw TemplateError.type("\(function)() got an unexpected keyword argument '\(name)'")
            }
            guard values[index] == nil else {
                throw TemplateError.type("\(function)() got multiple values for argument '\(name)'")
            }
            values[index] = value
        }
        for index in 0 ..< required where values[index] == nil {
            throw TemplateError.type("\(function)() missing 1 required argument: '\(names[index])'")
        }
        return values
    }

    /// The values of a function that takes them by position only.
    func positional(_ function: String, _ counts: ClosedRange<Int>) throws -> [Value] {
        guard keywords.isEmpty else { throw TemplateError.type("\(function)() takes no keyword arguments") }
        guard counts.contains(positional.count) else {
            let expected = counts.lowerBound == counts.upperBound ? "\(counts.lowerBound)" : "\(counts)"
            throw TemplateError.type("\(function)() takes \(expected) arguments (\(positional.count) given)")
        }
        return positional
    }
}

/// A method taken off its value without being called.
final class NativeMethod: Object {
    private let receiver: Value
    private let name: String
    private let body: Body

    typealias Body = (Arguments, Interpreter) throws -> Value

    init(_ receiver: Value, _ name: String, _ body: @escaping Body) {
        self.receiver = receiver
        self.name = name
        self.body = body
    }

    override var typeName: String { "builtin_function_or_method" }
    override var extent: Extent { receiver.extent.nested }
    override var isCallable: Bool { true }

    override func write(to writer: inout ReprWriter) {
        writer.text += "<built-in method \(name) of \(receiver.typeName) object>"
    }

    override func call(_ arguments: Arguments, _ interpreter: Interpreter) throws -> Value {
        try body(arguments, interpreter)
    }
}

extension Value {
    /// The integer of an argument.
    func integerArgument() throws -> Int {
        if case .undefined(let undefined) = self { throw undefined.error }
        guard let integer else {
            throw TemplateError.type("'\(typeName)' object cannot be interpreted as an integer")
        }
        return integer
    }

    /// The text of an argument.
    func textArgument(_ function: String) throws -> String {
        guard let text else { throw TemplateError.type("\(function) argument must be str, not \(typeName)") }
        return text
    }
}
