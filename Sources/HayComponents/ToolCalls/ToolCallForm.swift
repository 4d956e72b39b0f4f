/// A way to write a call other than as a JSON object that names the tool.
struct ToolCallForm: Sendable {
    /// Where it may begin.
    enum Place: Sendable, Equatable {
        case anywhere
        /// At the beginning of a line, or after a wrapper.
        case lineStart
        /// After a wrapper that opens with a text.
        case after(String)
        /// In a list, or in a wrapper that holds code.
        case code
    }

    /// What makes a text a call that has the form.
    enum Evidence: Sendable {
        /// The form itself.
        case form
        /// The name is a tool's, where the tools are known.
        case namesTool
        /// The tools are known and the name is one of theirs.
        case namesKnownTool
        /// The name is a tool's; where the tools are not known, a wrapper or nothing at all precedes.
        case namesToolOrLeads
    }

    enum Arguments: Sendable {
        /// A JSON object.
        case json
        /// Names and literals, as in a call in Python.
        case literals(LiteralNotation)
        /// Each in tags of its own.
        case tagged(TaggedNotation)
    }

    /// What stands before the arguments.
    let opening: MarkPattern
    var place = Place.anywhere
    var evidence = Evidence.form
    let arguments: Arguments
    /// What may stand after the arguments.
    var closing: [String] = []

    init(
        _ opening: MarkPattern, _ arguments: Arguments, closing: [String] = [], place: Place = .anywhere,
        evidence: Evidence = .form
    ) {
        self.opening = opening
        self.arguments = arguments
        self.closing = closing
        self.place = place
        self.evidence = evidence
    }

    /// The texts that a vocabulary may have as special tokens.
    var marks: [String] {
        let closing = closing.flatMap { MarkPattern([.text($0)]).marks }
        switch arguments {
        case .json: return opening.marks + closing
        case .literals(let notation): return opening.marks + closing + notation.marks
        case .tagged(let notation): return opening.marks + closing + notation.marks
        }
    }
}

/// What stands around calls, and is dropped with them.
struct ToolCallWrapper: Sendable {
    enum Content: Sendable {
        /// Calls in their own forms.
        case calls
        /// Calls as in Python.
        case code
        /// Objects whose one key is a tool's name, and its value the arguments.
        case keyedByName
    }

    let opening: MarkPattern
    let closing: [String]
    var content = Content.calls
    /// Whether it opens only at the beginning of a line.
    var startsLine = false

    init(
        _ opening: MarkPattern, closing: [String] = [], content: Content = .calls, startsLine: Bool = false
    ) {
        self.opening = opening
        self.closing = closing
        self.content = content
        self.startsLine = startsLine
    }
}

/// What stands around a thought, in which no call is meant where one follows.
struct ThoughtMarks: Sendable {
    let opening: MarkPattern
    let closing: MarkPattern
    /// Whether chat templates open it, so that a reply may show only its end.
    var opensInPrompt = false
}
