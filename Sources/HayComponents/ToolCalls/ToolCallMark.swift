/// What models write around tool calls and thoughts.
enum ToolCallMark: Hashable {
    /// What opens a wrapper; its row of `ToolCallTable`.
    case wrapper(Int)
    /// What closes a wrapper or a call.
    case closing
    /// Three backticks, with or without `json`.
    case fence
    /// The bracket that opens a list of calls.
    case list
    /// The bracket that closes it.
    case endList
    /// A comma or semicolon between calls.
    case separator
    /// What opens a thought; its row of `ToolCallTable`.
    case thought(Int)
    /// What closes it.
    case endThought(Int)

    /// What stands in a text, or may once more of it has come.
    enum Match: Equatable {
        case found(ToolCallMark, count: Int)
        case undecided
        case none
    }

    /// Where a text stands.
    struct Context {
        /// Whether it follows a call, and may go on with what closes or separates calls.
        var followsCall = false
        /// Whether a line begins, or a wrapper precedes.
        var startsLine = false
        /// The thought that it is in.
        var thought: Int?
        /// Whether a thought may end that was never opened.
        var endsAnyThought = false
    }

    /// The mark that a text begins with.
    ///
    /// - Parameter isEnd: whether no more text comes.
    static func match(_ bytes: ArraySlice<UInt8>, _ context: Context, isEnd: Bool) -> Match {
        var longest = Match.none
        var count = 0
        for place in index.candidates(bytes) {
            let row = rows[place]
            guard row.mayStand(context) else { continue }
            switch row.pattern.match(bytes, isEnd: isEnd) {
            case .found(let captures) where captures.count > count:
                count = captures.count
                longest = .found(row.mark, count: count)
            case .undecided: return .undecided
            default: break
            }
        }
        return longest
    }

    /// The bytes that a mark may begin with where no call precedes: anywhere, and at the beginning of a line.
    static let firstBytes: (anywhere: Set<UInt8>, line: Set<UInt8>) = {
        var anywhere: Set<UInt8> = []
        var line: Set<UInt8> = []
        for row in rows where !row.followsCall {
            if row.startsLine {
                line.formUnion(row.pattern.firstBytes)
            } else {
                anywhere.formUnion(row.pattern.firstBytes)
            }
        }
        return (anywhere, line)
    }()

    private struct Row {
        let mark: ToolCallMark
        let pattern: MarkPattern
        var followsCall = false
        var startsLine = false

        func mayStand(_ context: Context) -> Bool {
            if followsCall && !context.followsCall || startsLine && !context.startsLine { return false }
            switch mark {
            case .thought: return context.thought == nil
            case .endThought(let index):
                let opensInPrompt = ToolCallTable.thoughts[index].opensInPrompt
                return context.thought == index || context.thought == nil && context.endsAnyThought && opensInPrompt
            default: return true
            }
        }
    }

    private static let rows: [Row] = {
        var rows = [
            Row(mark: .list, pattern: "["), Row(mark: .fence, pattern: "```"), Row(mark: .fence, pattern: "```json"),
            Row(mark: .endList, pattern: "]", followsCall: true),
            Row(mark: .separator, pattern: ",", followsCall: true),
            Row(mark: .separator, pattern: ";", followsCall: true),
        ]
        for (index, wrapper) in ToolCallTable.wrappers.enumerated() {
            rows.append(Row(mark: .wrapper(index), pattern: wrapper.opening, startsLine: wrapper.startsLine))
        }
        let closing = ToolCallTable.wrappers.flatMap(\.closing) + ToolCallTable.forms.flatMap(\.closing)
        for text in Set(closing).subtracting(["```"]) {
            rows.append(Row(mark: .closing, pattern: MarkPattern([.text(text)]), followsCall: true))
        }
        for (index, thought) in ToolCallTable.thoughts.enumerated() {
            rows.append(Row(mark: .thought(index), pattern: thought.opening))
            rows.append(Row(mark: .endThought(index), pattern: thought.closing))
        }
        return rows
    }()

    private static let index = MarkPatternIndex(rows.map(\.pattern))
}
