/// Why a template cannot be read or rendered, and where.
public struct TemplateError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What went wrong, in kinds a caller may want to tell apart.
    public enum Kind: Sendable, Equatable {
        /// The template is not Jinja, or names a filter, test or tag that there is not.
        case syntax
        /// An undefined value was used for more than printing or testing.
        case undefined
        /// A value has the wrong type for what is done with it.
        case type
        /// A value has the right type but cannot be used.
        case value
        /// A division by zero, or a number too large.
        case arithmetic
        /// The template called `raise_exception`; the message is its own.
        case raised
        /// The template reached for something that a sandbox withholds.
        case security
        /// The template asked for more steps, depth or memory than `RenderLimits` gives.
        case limit
    }

    /// What went wrong.
    public let kind: Kind
    /// What was found and what was expected; for `.raised` the template's own words.
    public let message: String
    /// The line in the template, from 1; 0 where the error has no place in it.
    public internal(set) var line = 0
    /// The column in Unicode scalars, from 1; 0 where the error has no place in the template.
    public internal(set) var column = 0

    init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// The place and the message in one sentence.
    public var description: String { line > 0 ? "line \(line), column \(column): \(message)" : message }
}

extension TemplateError {
    static func type(_ message: String) -> TemplateError { TemplateError(.type, message) }
    static func value(_ message: String) -> TemplateError { TemplateError(.value, message) }
    static func limit(_ message: String) -> TemplateError { TemplateError(.limit, message) }
    static func arithmetic(_ message: String) -> TemplateError { TemplateError(.arithmetic, message) }
}
