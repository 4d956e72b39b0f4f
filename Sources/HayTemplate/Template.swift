import HayJSON

/// A Jinja template, in the dialect that Hugging Face configures for chat templates: `trim_blocks` and `lstrip_blocks`,
/// no escaping, loop controls, `{% generation %}`, and a sandbox in which no value can be changed.
///
/// Where the dialect is Python's it follows Jinja2 3.1, except that integers have 64 bits, negative numbers have no roots,
/// a scoped block is only rendered where it stands, and there are no filters `random` and `urlize`.
public struct Template: Sendable {
    private let program: Program

    /// Reads a template. Throws `TemplateError`.
    public init(_ source: String) throws {
        program = try Parser.program(of: Source(source))
    }

    /// The text that the template makes of some variables. Throws `TemplateError`.
    ///
    /// - Parameters:
    ///   - variables: what the template may name.
    ///   - limits: what it may use up.
    ///   - now: what `strftime_now` shows; by default the local time.
    public func render(
        _ variables: JSON.Object, limits: RenderLimits = RenderLimits(), now: ClockTime? = nil
    ) throws -> String {
        try Interpreter(program, variables, limits: limits, now: now).render(program)
    }

    /// The text that the template makes of some variables, with where it holds what the assistant wrote: the text between
    /// `{% generation %}` and `{% endgeneration %}`. The parameters are those of `render`. Throws `TemplateError`.
    public func renderGenerations(
        _ variables: JSON.Object, limits: RenderLimits = RenderLimits(), now: ClockTime? = nil
    ) throws -> (text: String, generations: [Range<String.Index>]) {
        let interpreter = Interpreter(program, variables, limits: limits, now: now)
        let text = try interpreter.render(program)
        let bytes = text.utf8
        func index(_ offset: Int) -> String.Index { bytes.index(bytes.startIndex, offsetBy: min(offset, bytes.count)) }
        return (text, interpreter.generatedRanges.map { index($0.lowerBound) ..< index($0.upperBound) })
    }
}
