/// A part of a template that is run.
indirect enum Statement: Sendable {
    case text(String)
    case output(Expression)
    case assign(Target, Expression)
    case assignBlock(AssignBlock)
    case branch([(test: Expression, body: [Statement])], otherwise: [Statement])
    case loop(ForLoop)
    case macro(Name, MacroDefinition)
    case callBlock(call: Expression, body: MacroDefinition)
    case filterBlock(Scope, filter: Expression, body: [Statement])
    case with(Scope, [(target: Target, value: Expression)], body: [Statement])
    /// What the assistant wrote.
    case generation(MacroDefinition)
    case block(BlockDefinition)
    case breakLoop
    case continueLoop
}

/// What a value is assigned to.
indirect enum Target: Sendable {
    case name(Name)
    case attribute(Name, String, place: Int)
    case tuple([Target], place: Int)
}

/// `{% set x | filters %}…{% endset %}`; without filters the value is the captured text.
struct AssignBlock: Sendable {
    let target: Target
    let scope: Scope
    let filter: Expression?
    let body: [Statement]
}

/// `{% for … %}`.
final class ForLoop: Sendable {
    let target: Target
    let iterable: Expression
    let place: Int
    /// The `if` of the loop with its own scope and a target of its own.
    let condition: (scope: Scope, target: Target, test: Expression)?
    let scope: Scope
    /// The slot of `loop`, when the body uses it.
    let loopSlot: Int?
    let body: [Statement]
    let elseScope: Scope
    let elseBody: [Statement]
    let isRecursive: Bool

    init(
        target: Target, iterable: Expression, place: Int, condition: (scope: Scope, target: Target, test: Expression)?,
        scope: Scope, loopSlot: Int?, body: [Statement], elseScope: Scope, elseBody: [Statement], isRecursive: Bool
    ) {
        self.target = target
        self.iterable = iterable
        self.place = place
        self.condition = condition
        self.scope = scope
        self.loopSlot = loopSlot
        self.body = body
        self.elseScope = elseScope
        self.elseBody = elseBody
        self.isRecursive = isRecursive
    }
}

/// `{% macro %}` or the body of `{% call %}`.
final class MacroDefinition: Sendable {
    let name: String?
    let parameters: [Parameter]
    /// Slots of the special parameters, where the body uses them.
    let callerSlot: Int?
    let keywordsSlot: Int?
    let positionalSlot: Int?
    let scope: Scope
    let body: [Statement]

    struct Parameter: Sendable {
        let name: String
        let slot: Int
        let fallback: Expression?
    }

    init(
        name: String?, parameters: [Parameter], callerSlot: Int?, keywordsSlot: Int?, positionalSlot: Int?,
        scope: Scope, body: [Statement]
    ) {
        self.name = name
        self.parameters = parameters
        self.callerSlot = callerSlot
        self.keywordsSlot = keywordsSlot
        self.positionalSlot = positionalSlot
        self.scope = scope
        self.body = body
    }
}

/// `{% block %}`.
final class BlockDefinition: @unchecked Sendable {
    // Unchecked: `body` is written while the template is parsed and only read once it is a `Template`.
    let name: String
    let scope: Scope
    /// Whether the block sees the variables around it.
    let isScoped: Bool
    /// Whether another template would have to fill it, which there is not.
    let isRequired: Bool
    var body: [Statement] = []

    init(name: String, scope: Scope, isScoped: Bool, isRequired: Bool) {
        self.name = name
        self.scope = scope
        self.isScoped = isScoped
        self.isRequired = isRequired
    }
}
