/// What `self` is: the template's blocks by name, to be rendered once more.
final class TemplateReference: Object {
    override var typeName: String { "TemplateReference" }

    override func write(to writer: inout ReprWriter) { writer.text += "<TemplateReference None>" }

    override func attribute(_ name: String, _ interpreter: Interpreter) -> Value? {
        interpreter.blocks[name].map { block in
            .object(
                NativeMethod(.object(self), name) { arguments, interpreter in
                    _ = try arguments.positional(name, 0 ... 0)
                    guard !block.isScoped else {
                        throw TemplateError.type("the scoped block '\(name)' can only be rendered where it stands")
                    }
                    return .string(try interpreter.capture { _ = try interpreter.run(block) })
                })
        }
    }
}

extension Interpreter {
    /// Renders a block where it stands.
    func run(_ block: BlockDefinition) throws -> Flow {
        guard !block.isRequired else { throw TemplateError.value("Required block '\(block.name)' not found") }
        let outer = frame
        frame = Frame(slotCount: block.scope.function.slotCount, parent: block.isScoped ? outer : root)
        defer { frame = outer }
        try charge(block.scope.function.slotCount * 16)
        enter(block.scope)
        return try deeper { try run(block.body) }
    }
}
