/// What `namespace()` makes: attributes that may be assigned.
final class Namespace: Object {
    let attributes = Dict()

    init(_ interpreter: Interpreter) {
        super.init()
        interpreter.own(self)
    }

    override var typeName: String { "Namespace" }

    func set(_ name: String, _ value: Value) throws {
        if name.hasPrefix("_") {
            throw TemplateError(
                .security,
                "Chat templates cannot store underscore-prefixed attributes on a namespace, but got "
                    + "\(name.pythonQuoted). Please rename the attribute.")
        }
        attributes.set(name, value)
    }

    override func attribute(_ name: String, _ interpreter: Interpreter) -> Value? { attributes[name] }

    override func write(to writer: inout ReprWriter) throws {
        writer.text += "<Namespace "
        try writer.write(.dict(attributes))
        writer.text += ">"
    }
}
