/// What models write around tool calls.
enum ToolCallMark: Equatable {
    /// `<tool_call>`, as Hermes and Qwen begin one.
    case tag
    /// `</tool_call>`.
    case endTag
    /// `[TOOL_CALLS]`, as Mistral begins one or a list of them.
    case callsTag
    /// `<|python_tag|>`, as Llama 3 begins one.
    case pythonTag
    /// Three backticks, with or without `json`.
    case fence
    /// The bracket that opens a list of calls.
    case list
    /// The bracket that closes it.
    case endList
    /// A comma or semicolon between calls.
    case separator

    /// What stands in a text, or may once more of it has come.
    enum Match: Equatable {
        case found(ToolCallMark, count: Int)
        case undecided
        case none
    }

    /// The mark that a text begins with.
    ///
    /// - Parameters:
    ///   - afterCall: whether the text follows a call, and may go on with what closes or separates calls.
    ///   - isEnd: whether no more text comes.
    static func match(_ bytes: ArraySlice<UInt8>, afterCall: Bool, isEnd: Bool) -> Match {
        var longest = Match.none
        for (mark, text, followsCall) in marks where afterCall || !followsCall {
            if bytes.starts(with: text) {
                longest = .found(mark, count: text.count)
            } else if !isEnd, text.starts(with: bytes) {
                return .undecided
            }
        }
        return longest
    }

    /// Whether one of them may begin with a byte, or a call's object, where no call precedes.
    static func begins(with byte: UInt8) -> Bool {
        byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") || byte == UInt8(ascii: "<") || byte == UInt8(ascii: "`")
    }

    /// Those that others begin with stand before them. The flag says which stand only after calls.
    private static let marks: [(ToolCallMark, [UInt8], Bool)] = [
        (.tag, Array("<tool_call>".utf8), false), (.endTag, Array("</tool_call>".utf8), true),
        (.pythonTag, Array("<|python_tag|>".utf8), false),
        (.list, Array("[".utf8), false), (.callsTag, Array("[TOOL_CALLS]".utf8), false),
        (.endList, Array("]".utf8), true),
        (.fence, Array("```".utf8), false), (.fence, Array("```json".utf8), false),
        (.separator, Array(",".utf8), true), (.separator, Array(";".utf8), true),
    ]
}

/// How Mistral's models write a call since 2025: `[TOOL_CALLS]`, the tool's name, in some the call's id, and the
/// arguments.
struct NamedCallStart: Equatable {
    let name: String
    let id: String?
    /// How many bytes there are before the arguments' brace.
    let count: Int

    enum Match: Equatable {
        case found(NamedCallStart)
        case undecided
        case none
    }

    /// The longest name or id that is looked for; those of the models have up to 64 bytes.
    private static let longestName = 128

    /// The start of a call that a text begins with, after `[TOOL_CALLS]`.
    static func match(_ bytes: ArraySlice<UInt8>, isEnd: Bool) -> Match {
        let unfinished = isEnd ? Match.none : .undecided
        let name = bytes.prefix(longestName).prefix(while: isNameByte)
        guard !name.isEmpty else { return bytes.isEmpty ? unfinished : .none }
        var rest = bytes[name.endIndex...]
        var id: String?
        if rest.starts(with: idMark) {
            rest = rest.dropFirst(idMark.count)
            let bytes = rest.prefix(longestName).prefix(while: isNameByte)
            guard !bytes.isEmpty else { return rest.isEmpty ? unfinished : .none }
            id = String(decoding: bytes, as: UTF8.self)
            rest = rest[bytes.endIndex...]
        } else if idMark.starts(with: rest) {
            return unfinished
        }
        if rest.starts(with: argumentsMark) {
            rest = rest.dropFirst(argumentsMark.count)
            rest = rest.dropFirst(rest.prefix(longestName).prefix { $0.isJSONSpace }.count)
        } else if argumentsMark.starts(with: rest) {
            return unfinished
        }
        guard let first = rest.first else { return unfinished }
        guard first == UInt8(ascii: "{") else { return .none }
        return .found(
            NamedCallStart(
                name: String(decoding: name, as: UTF8.self), id: id, count: rest.startIndex - bytes.startIndex))
    }

    private static let idMark = Array("[CALL_ID]".utf8)
    private static let argumentsMark = Array("[ARGS]".utf8)

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a") ... UInt8(ascii: "z"), UInt8(ascii: "A") ... UInt8(ascii: "Z"),
            UInt8(ascii: "0") ... UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
