extension ToolCallTable {
    /// Finds forms by their openings.
    static let formIndex = MarkPatternIndex(forms.map(\.opening))

    /// Which forms begin with a name.
    static let beginsWithName: [Bool] = forms.map(\.opening.firstBytes.isEmpty)

    /// The text that each wrapper opens with.
    static let wrapperNames: [String] = wrappers.map { wrapper in
        if case .text(let text) = wrapper.opening.parts.first { text } else { "" }
    }

    /// Whether a form's opening has a fence that is closed after its arguments.
    static func opensFence(_ form: Int) -> Bool { forms[form].closing.contains("```") }

    /// Whether a wrapper is a fence.
    static func wrapperOpensFence(_ wrapper: Int) -> Bool { wrappers[wrapper].closing.contains("```") }

    /// The thought that is open at the end of a prompt.
    static func thought(openedBy prompt: String) -> Int? {
        let end = String(prompt.suffix(64)).trimmed
        return thoughts.firstIndex { thought in thought.opensInPrompt && end.hasSuffix(thought.openingText) }
    }
}

extension ThoughtMarks {
    fileprivate var openingText: String {
        opening.parts.map { if case .text(let text) = $0 { text } else { "" } }.joined()
    }
}
