import HayJSON

/// A Jinja template, in the dialect that Hugging Face configures for chat templates: `trim_blocks` and `lstrip_blocks`,
/// no escaping, loop controls, `{% generation %}`, and a sandbox in which no value can be changed.
///
/// Where the dialect is Python's it follows Jinja2 3.1, except that integers have 64 bits.
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
        try Interpreter.render(program, variables, limits: limits, now: now)
    }
}
