import HayJSON
import HayTemplate
import Testing

/// What the templates of these tests are rendered with.
private let context = JSON.Object([
    ("x", 5), ("l", [3, 1, 2]), ("d", ["b": 1, "a": 2]), ("s", "Wörld"), ("n", .null), ("t", true), ("f", 2.5),
    ("users", [["name": "Bob", "age": 3], ["name": "al", "age": 30], ["name": "Cy"]]),
])

/// Renders with the tests' variables at their time.
func render(_ template: String, limits: RenderLimits = RenderLimits()) throws -> String {
    try Template(template).render(context, limits: limits, now: ClockTime("2024-07-26T09:30:15"))
}

/// Expects each template to give its text, byte for byte; the texts are those of Jinja2 3.1.6 as transformers sets it up.
func expect(_ cases: [(template: String, text: String)]) throws {
    for (template, text) in cases {
        let rendered = try render(template)
        #expect(Array(rendered.utf8) == Array(text.utf8), "\(template) gives \(rendered), not \(text)")
    }
}

/// Expects each template to end with its error.
func expectErrors(_ cases: [(template: String, kind: TemplateError.Kind, message: String)]) {
    for (template, kind, message) in cases {
        let outcome = Outcome { try render(template) }
        #expect(outcome == .error(kind, message), "\(template)")
    }
}
