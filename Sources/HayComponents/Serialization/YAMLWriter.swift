import HayJSON
internal import Yams

/// Writes JSON values as YAML that Haystack reads as the same values.
enum YAMLWriter {
    /// A value as a YAML document, keys in their order.
    ///
    /// Throws `ComponentError.document`.
    static func text(_ value: JSON) throws -> String {
        do {
            return try serialize(node: node(value), width: -1, allowUnicode: true)
        } catch let problem as YamlError {
            throw ComponentError.document(place: "YAML", problem: "\(problem)")
        }
    }

    private static func node(_ value: JSON) -> Node {
        switch value {
        case .null: plain("null")
        case .bool(let value): plain(value ? "true" : "false")
        case .int(let value): plain(String(value))
        case .largeInt(let digits): plain(digits)
        case .double(let value): plain(number(value))
        case .string(let text): string(text)
        case .array(let elements):
            .sequence(Node.Sequence(elements.map(node), .implicit, elements.isEmpty ? .flow : .block))
        case .object(let members):
            .mapping(
                Node.Mapping(members.map { (string($0), node($1)) }, .implicit, members.count == 0 ? .flow : .block))
        }
    }

    private static func plain(_ text: String) -> Node { .scalar(Node.Scalar(text, .implicit, .plain)) }

    private static func string(_ text: String) -> Node {
        let style: Node.Scalar.Style =
            if YAMLScalar.needsQuotes(text) {
                .singleQuoted
            } else if text.contains(where: \.isNewline) {
                isBlock(text) ? .literal : .doubleQuoted
            } else {
                .plain
            }
        return .scalar(Node.Scalar(text, .implicit, style))
    }

    /// Whether a text can stand line by line as it is: no white space at the ends of lines or before the first.
    private static func isBlock(_ text: String) -> Bool {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return text.first?.isWhitespace == false
            && lines.allSatisfy { $0.last?.isWhitespace != true }
            && text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && $0.value < 0x7F || $0.value > 0xA0 }
            && !text.unicodeScalars.contains { $0 == "\u{2028}" || $0 == "\u{2029}" || $0 == "\u{FEFF}" }
    }

    /// A float with a point, which YAML 1.1 demands of it.
    private static func number(_ value: Double) -> String {
        if value.isNaN { return ".nan" }
        if value.isInfinite { return value < 0 ? "-.inf" : ".inf" }
        let text = value.description
        guard !text.contains("."), let exponent = text.firstIndex(of: "e") else { return text }
        return text[..<exponent] + ".0" + text[exponent...]
    }
}
