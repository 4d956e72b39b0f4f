import HayJSON

/// The value of a flag that is JSON, or a file of it.
struct JSONArgument {
    private let value: JSON
    /// What the value is read from, for error messages: the flag or the file.
    let source: String

    /// Reads a value. A file of that name wins over what else it may mean.
    ///
    /// - Parameter readsInput: whether `-` stands for stdin.
    ///
    /// Throws `CommandError` for a file that cannot be read and text that is no JSON.
    init(_ flag: String, _ argument: String, readsInput: Bool = false) throws {
        if argument.isEmpty { throw CommandError("\(flag) is empty, expected JSON or a file of it") }
        let isInput = readsInput && argument == "-"
        let isText = !isInput && !Console.exists(argument) && JSONArgument.isMeantAsJSON(argument)
        source = isText ? flag : isInput ? "stdin" : argument
        do {
            value = try JSON.parse(isText ? argument : isInput ? Console.readInput() : Console.read(argument))
        } catch let error as JSONError {
            throw CommandError("\(source) is not JSON: \(error)")
        }
    }

    /// The value as an object. Throws `CommandError` where it is something else.
    func object() throws -> JSON.Object {
        guard let object = value.object else { throw CommandError("\(source) is \(value.kind), expected an object") }
        return object
    }

    /// The value as a JSON schema. Throws `CommandError` where it is something else.
    func schema() throws -> JSON {
        if value.bool != nil { return value }
        guard value.object != nil else {
            throw CommandError("\(source) is \(value.kind), expected a JSON schema: an object, true or false")
        }
        return value
    }

    /// The value as an array of objects. Throws `CommandError` where it is something else.
    func objects() throws -> [JSON] {
        guard let array = value.array else { throw CommandError("\(source) is \(value.kind), expected an array") }
        for (index, element) in array.enumerated() where element.object == nil {
            throw CommandError("element \(index) of \(source) is \(element.kind), expected an object")
        }
        return array
    }

    /// Whether a text is JSON, or begins as an object, an array or a string of it.
    private static func isMeantAsJSON(_ text: String) -> Bool {
        let start = text.drop { $0 == " " || $0 == "\n" || $0 == "\t" }
        return start.hasPrefix("{") || start.hasPrefix("[") || start.hasPrefix("\"") || (try? JSON.parse(text)) != nil
    }
}
