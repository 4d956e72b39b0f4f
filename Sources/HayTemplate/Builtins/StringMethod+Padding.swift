extension Interpreter {
    func padded(_ string: StringReceiver, _ method: StringMethod, _ arguments: Arguments) throws -> Value {
        let values = try arguments.positional(method.rawValue, method == .zfill ? 1 ... 1 : 1 ... 2)
        let width = try values[0].integerArgument()
        if method == .zfill { return string.value(try zeroFilled(string.text, width: width)) }
        let fill = values.count > 1 ? try values[1].textArgument(method.rawValue) : " "
        guard fill.scalarCount == 1 else {
            throw TemplateError.type("The fill character must be exactly one character long")
        }
        let side: Padding = method == .center ? .center : method == .ljust ? .left : .right
        return string.value(try padded(string.text, side, width: width, fill: fill))
    }

    /// Which side of a field the text stands on.
    enum Padding { case left, center, right }

    /// The text in a field of so many scalars.
    func padded(_ text: String, _ side: Padding, width: Int, fill: String = " ") throws -> String {
        let count = text.scalarCount
        guard width > count else { return text }
        let missing = width - count
        let (size, overflow) = missing.multipliedReportingOverflow(by: fill.utf8.count)
        try charge(overflow ? Int.max : size)
        let left: Int
        switch side {
        case .left: left = 0
        case .right: left = missing
        case .center: left = missing / 2 + (missing & width & 1)
        }
        return String(repeating: fill, count: left) + text + String(repeating: fill, count: missing - left)
    }

    private func zeroFilled(_ text: String, width: Int) throws -> String {
        guard let first = text.unicodeScalars.first, first == "+" || first == "-" else {
            return try padded(text, .right, width: width, fill: "0")
        }
        let digits = String(scalars: text.unicodeScalars.dropFirst())
        return String(first) + (try padded(digits, .right, width: max(width, 1) - 1, fill: "0"))
    }

    func expandTabs(_ string: StringReceiver, _ arguments: Arguments) throws -> Value {
        let size = try arguments.bind("expandtabs", ["tabsize"])[0]?.integerArgument() ?? 8
        let tabs = string.text.unicodeScalars.count { $0 == "\t" }
        let (most, overflow) = tabs.multipliedReportingOverflow(by: max(size, 0))
        try charge(overflow ? Int.max : most)
        var text = ""
        var column = 0
        for scalar in string.text.unicodeScalars {
            if scalar == "\t" {
                let width = size > 0 ? size - column % size : 0
                text += String(repeating: " ", count: width)
                column += width
            } else {
                text.unicodeScalars.append(scalar)
                column = scalar == "\n" || scalar == "\r" ? 0 : column + 1
            }
        }
        return string.value(try charged(text))
    }
}
