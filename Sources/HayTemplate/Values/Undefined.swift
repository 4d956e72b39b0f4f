/// A value that is not there. It can be printed, looped over and tested; anything else is an error, which it explains.
final class Undefined: Sendable {
    let reason: Reason

    enum Reason: Sendable {
        case name(String)
        case attribute(String, of: String)
        case element(String, of: String)
        case hint(String)
        case unsafe(attribute: String, of: String)
    }

    init(_ reason: Reason) { self.reason = reason }

    /// What the reference's undefined values have for their own use; to a template these are attributes withheld.
    static let attributes: Set<String> = [
        "_undefined_exception", "_undefined_hint", "_undefined_message", "_undefined_name", "_undefined_obj",
    ]

    var error: TemplateError {
        switch reason {
        case .name(let name): TemplateError(.undefined, "'\(name)' is undefined")
        case .attribute(let name, let type):
            TemplateError(.undefined, "'\(type)' has no attribute \(name.pythonQuoted)")
        case .element(let key, let type): TemplateError(.undefined, "\(type) has no element \(key)")
        case .hint(let text): TemplateError(.undefined, text)
        case .unsafe(let name, let type):
            TemplateError(.security, "access to attribute '\(name)' of '\(type)' object is unsafe.")
        }
    }
}
