/// Writes values as Python's `pprint.pformat` does: on one line of 80 columns where they fit, else an element a line.
struct PrettyText {
    private let interpreter: Interpreter
    private var text = ""

    private static let width = 80

    /// The filter `pprint`.
    static func filter(_ interpreter: Interpreter, _ value: Value, _ arguments: Arguments) throws -> Value {
        _ = try arguments.bind("pprint", [])
        var writer = PrettyText(interpreter: interpreter)
        try writer.write(value, indent: 0, allowance: 0, level: 0)
        return .string(try interpreter.charged(writer.text))
    }

    private init(interpreter: Interpreter) { self.interpreter = interpreter }

    /// Writes a value in what `indent` and `allowance` leave of the line.
    private mutating func write(_ value: Value, indent: Int, allowance: Int, level: Int) throws {
        let line = try interpreter.charged(try PrettyText.line(of: value))
        guard line.scalarCount > PrettyText.width - indent - allowance else {
            text += line
            return
        }
        switch value {
        case .dict(let dict): try write(dict, indent: indent + 1, allowance: allowance + 1, level: level + 1)
        case .list(let elements):
            try write(elements.items, "[", "]", indent: indent + 1, allowance: allowance, level: level + 1)
        case .tuple(let elements):
            let end = elements.items.count == 1 ? ",)" : ")"
            try write(elements.items, "(", end, indent: indent + 1, allowance: allowance, level: level + 1)
        case .string(let string): try write(string, indent: indent, allowance: allowance, level: level + 1)
        default: text += line
        }
    }

    /// The value on one line, with the keys of dicts in order.
    private static func line(of value: Value) throws -> String {
        var writer = ReprWriter()
        writer.sortsKeys = true
        try writer.write(value)
        return writer.text
    }

    private mutating func write(_ dict: Dict, indent: Int, allowance: Int, level: Int) throws {
        text += "{"
        let order = dict.sortedPositions
        for (count, position) in order.enumerated() {
            if count > 0 { try breakLine(indent, after: ",") }
            let key = try PrettyText.line(of: dict.keys[position])
            text += key + ": "
            try write(
                dict.values[position], indent: indent + key.scalarCount + 2,
                allowance: count == order.count - 1 ? allowance : 1, level: level)
        }
        text += "}"
    }

    private mutating func write(
        _ items: [Value], _ open: String, _ close: String, indent: Int, allowance: Int, level: Int
    ) throws {
        text += open
        for (index, item) in items.enumerated() {
            if index > 0 { try breakLine(indent, after: ",") }
            let isLast = index == items.count - 1
            try write(item, indent: indent, allowance: isLast ? allowance + close.utf8.count : 1, level: level)
        }
        text += close
    }

    /// A long string as several, one a line; in parentheses where nothing else is around it.
    private mutating func write(_ string: String, indent: Int, allowance: Int, level: Int) throws {
        let extra = level == 1 ? 1 : 0
        let room = PrettyText.width - indent - extra
        let pieces = try pieces(of: string, room: room, lastRoom: room - allowance - extra)
        guard pieces.count > 1 else {
            text += pieces.first ?? "''"
            return
        }
        if level == 1 { text += "(" }
        for (index, piece) in pieces.enumerated() {
            if index > 0 { try breakLine(indent + extra, after: "") }
            text += piece
        }
        if level == 1 { text += ")" }
    }

    /// The string cut after line breaks, and after space where a line is too long.
    private func pieces(of string: String, room: Int, lastRoom: Int) throws -> [String] {
        var pieces: [String] = []
        let lines = string.lines(keepingEnds: true)
        for (number, line) in lines.enumerated() {
            let isLastLine = number == lines.count - 1
            let whole = line.pythonQuoted
            guard whole.scalarCount > (isLastLine ? lastRoom : room) else {
                pieces.append(whole)
                continue
            }
            var current = ""
            let words = line.wordsWithSpace
            for (index, word) in words.enumerated() {
                try interpreter.charge(current.utf8.count + word.utf8.count)
                let isLast = isLastLine && index == words.count - 1
                if (current + word).pythonQuoted.scalarCount <= (isLast ? lastRoom : room) {
                    current += word
                } else {
                    if !current.isEmpty { pieces.append(current.pythonQuoted) }
                    current = word
                }
            }
            if !current.isEmpty { pieces.append(current.pythonQuoted) }
        }
        return pieces
    }

    private mutating func breakLine(_ indent: Int, after mark: String) throws {
        try interpreter.charge(indent)
        text += mark + "\n" + String(repeating: " ", count: indent)
    }
}

extension Dict {
    /// The positions of the keys in order; keys that have none are ordered by their types' names.
    var sortedPositions: [Int] {
        keys.indices.sorted { left, right in
            let (first, second) = (keys[left], keys[right])
            return (try? first.isLess(than: second)) ?? first.typeName.precedes(second.typeName)
        }
    }
}

extension String {
    /// The words, each with the space after it.
    fileprivate var wordsWithSpace: [String] {
        var words: [String] = []
        var word = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if !scalar.isPythonSpace, word.last?.isPythonSpace == true {
                words.append(String(word))
                word.removeAll()
            }
            word.append(scalar)
        }
        if !word.isEmpty { words.append(String(word)) }
        return words
    }
}
