/// A number in the notation that a format specification asks for, in the parts that a field is filled between.
struct NumberText {
    /// The sign and the prefix of the base.
    var head = ""
    /// The digits before the point, which zeros may precede and separators part.
    var digits = ""
    /// The rest: the fraction, the exponent, a percent sign, or what is not a number or a character.
    var tail = ""
    /// How many digits stand between separators.
    var groupSize = 3

    init(_ value: Value, _ spec: FormatSpec) throws {
        try NumberText.checkGrouping(spec)
        if let integer = value.integer, spec.type == nil || "bcdoxXn".unicodeScalars.contains(spec.type ?? "d") {
            try self.init(integer, spec)
        } else if let number = value.number {
            try self.init(number, spec)
        } else {
            throw spec.unknownType(value.typeName)
        }
    }

    private static func checkGrouping(_ spec: FormatSpec) throws {
        guard let grouping = spec.grouping, let type = spec.type else { return }
        let isAllowed = "deEfFgG%".unicodeScalars.contains(type)
        guard isAllowed || (grouping == "_" && "boxX".unicodeScalars.contains(type)) else {
            throw TemplateError.value("Cannot specify '\(grouping)' with '\(type)'.")
        }
    }

    // MARK: Integers

    private init(_ integer: Int, _ spec: FormatSpec) throws {
        guard spec.precision == nil else {
            throw TemplateError.value("Precision not allowed in integer format specifier")
        }
        guard !spec.dropsZeroSign else {
            throw TemplateError.value("Negative zero coercion (z) not allowed in format specifier with integer")
        }
        guard spec.type != "c" else {
            tail = try NumberText.character(integer, spec)
            return
        }
        head = NumberText.sign(isNegative: integer < 0, spec)
        let radix = NumberText.radix(spec.type)
        if radix != 10 { groupSize = 4 }
        digits = String(integer.magnitude, radix: radix, uppercase: spec.type == "X")
        if spec.isAlternate, radix != 10, let type = spec.type { head += "0\(type)" }
    }

    private static func radix(_ type: Unicode.Scalar?) -> Int {
        switch type {
        case "b": 2
        case "o": 8
        case "x", "X": 16
        default: 10
        }
    }

    private static func character(_ integer: Int, _ spec: FormatSpec) throws -> String {
        guard spec.sign == nil, !spec.isAlternate else {
            throw TemplateError.value("Sign and alternate form (#) not allowed with integer format specifier 'c'")
        }
        guard let scalar = UInt32(exactly: integer).flatMap(Unicode.Scalar.init) else {
            throw TemplateError.arithmetic("%c arg not in range(0x110000)")
        }
        return String(scalar)
    }

    // MARK: Floats

    private init(_ number: Double, _ spec: FormatSpec) throws {
        guard spec.type == nil || "eEfFgGn%".unicodeScalars.contains(spec.type ?? "g") else {
            throw spec.unknownType("float")
        }
        if let precision = spec.precision, precision > Double.maximumPrecision {
            throw TemplateError.limit("\(precision) digits are more than \(Double.maximumPrecision)")
        }
        var text = NumberText.text(number.magnitude, spec)
        if spec.type.map({ "EFG".unicodeScalars.contains($0) }) == true { text = text.uppercased() }
        var isNegative = number.sign == .minus && !number.isNaN
        if spec.dropsZeroSign, text.unicodeScalars.allSatisfy({ !("1" ... "9").contains($0) }), number.isFinite {
            isNegative = false
        }
        head = NumberText.sign(isNegative: isNegative, spec)
        digits = String(text.prefix { $0.isNumber })
        tail = String(text.dropFirst(digits.count)) + (spec.type == "%" ? "%" : "")
    }

    private static func text(_ number: Double, _ spec: FormatSpec) -> String {
        let scaled = spec.type == "%" ? number * 100 : number
        guard scaled.isFinite else { return scaled.isNaN ? "nan" : "inf" }
        let flag = spec.isAlternate ? "#" : ""
        let precision = spec.precision ?? 6
        switch spec.type {
        case nil: return plain(number, spec)
        case "f", "F", "%": return scaled.formatted("%\(flag).\(precision)f")
        case "e", "E": return number.formatted("%\(flag).\(precision)e")
        default: return number.formatted("%\(flag).\(precision)g")
        }
    }

    /// A float without a type: the shortest text, or with a precision as `g` but with a digit after the point, or an
    /// exponent where that digit would be one too many.
    private static func plain(_ number: Double, _ spec: FormatSpec) -> String {
        guard let wanted = spec.precision else {
            let text = number.pythonDescription
            guard spec.isAlternate, !text.contains("."), let exponent = text.firstIndex(of: "e") else { return text }
            return text[..<exponent] + "." + text[exponent...]
        }
        let precision = max(wanted, 1)
        let flag = spec.isAlternate ? "#" : ""
        let text = number.formatted("%\(flag).\(precision)g")
        if text.contains("e") { return text }
        let scientific = number.formatted("%\(flag).\(precision - 1)e")
        guard let mark = scientific.firstIndex(of: "e") else { return text }
        if Int(scientific[scientific.index(after: mark)...]) == precision - 1 {
            guard !spec.isAlternate, scientific[..<mark].contains(".") else { return scientific }
            var mantissa = scientific[..<mark]
            while mantissa.hasSuffix("0") { mantissa.removeLast() }
            if mantissa.hasSuffix(".") { mantissa.removeLast() }
            return String(mantissa + scientific[mark...])
        }
        return text.contains(".") ? text : text + ".0"
    }

    private static func sign(isNegative: Bool, _ spec: FormatSpec) -> String {
        if isNegative { return "-" }
        return spec.sign.flatMap { $0 == "-" ? nil : String($0) } ?? ""
    }
}
