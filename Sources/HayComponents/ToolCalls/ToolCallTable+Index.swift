extension ToolCallTable {
    /// Finds forms by their openings.
    static let formIndex = MarkPatternIndex(forms.map(\.opening))

    /// Which forms begin with a name.
    static let beginsWithName: [Bool] = forms.map(\.opening.firstBytes.isEmpty)

    /// The text that each wrapper opens with.
    static let wrapperNames: [String] = wrappers.map { wrapper in
        if case .text(let text) = wrapper.opening.parts.first { text } else { "" }
    }

    /// A text of each form and of each wrapper that makes calls of its objects, those left out that contain another.
    static let callTexts: [String] = {
        let keyed = wrappers.indices.filter { wrappers[$0].content == .keyedByName }.map { wrapperNames[$0] }
        let texts = Set(forms.compactMap(\.mainText) + keyed)
        return texts.filter { text in !texts.contains { $0 != text && text.contains($0) } }.sorted()
    }()

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

extension ToolCallForm {
    /// The longest text that a call of the form has, or the wrapper before it; nil where it has hardly more than a name.
    fileprivate var mainText: String? {
        if case .after(let text) = place { return text }
        let texts = opening.parts.compactMap { if case .text(let text) = $0 { text } else { nil } }
        return texts.filter { $0.count > 3 }.max { $0.count < $1.count }
    }
}

extension ThoughtMarks {
    fileprivate var openingText: String {
        opening.parts.map { if case .text(let text) = $0 { text } else { "" } }.joined()
    }
}
