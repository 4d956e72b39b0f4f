/// A use of a variable. Where the variable lives is known when the whole template is parsed.
final class Name: @unchecked Sendable {
    // Unchecked: `location` is written while the template is parsed and only read once it is a `Template`.
    let text: String
    let undefined: Undefined
    fileprivate(set) var location: Location = .context(0)

    init(_ text: String) {
        self.text = text
        undefined = Undefined(.name(text))
    }
}

/// Where a variable's value is found.
enum Location: Sendable {
    /// A slot of the frame that stands so many functions further out.
    case slot(hops: Int, index: Int)
    /// A variable that the template is rendered with.
    case context(Int)
}

/// What is rendered as one function with variables of its own: the template, a macro, a recursive loop.
final class FunctionScope: @unchecked Sendable {
    // Unchecked: as `Name`.
    let level: Int
    private(set) var slotCount = 0

    init(level: Int) { self.level = level }

    func addSlot() -> Int {
        slotCount += 1
        return slotCount - 1
    }
}

/// A region of a template whose assignments end with it: the template, a loop's body, a macro, a block that captures.
///
/// Jinja decides before rendering which region a name belongs to: one that assigns it has a variable of its own, which
/// begins with the value that the name has outside. The parser notes each use in the region it stands in, and `resolve`
/// gives it its place.
final class Scope: @unchecked Sendable {
    // Unchecked: as `Name`.
    let parent: Scope?
    let function: FunctionScope
    /// What entering the region sets.
    private(set) var entry: [Entry] = []
    private var uses: [Use] = []
    private var variables: [String: Variable] = [:]
    private var specialNames: Set<String> = []

    /// A slot and its first value.
    struct Entry {
        let slot: Int
        let value: Location?
    }

    private struct Use {
        let name: Name
        let isStore: Bool
        let isConditional: Bool
    }

    private enum Variable {
        case slot(FunctionScope, Int)
        case context(Int)
    }

    init(parent: Scope?, function: FunctionScope) {
        self.parent = parent
        self.function = function
    }

    /// A variable that is set on entry by other means: a parameter, a loop's target, `loop`.
    func addParameter(_ name: String) -> Int {
        let slot = function.addSlot()
        variables[name] = .slot(function, slot)
        return slot
    }

    func addParameter(_ name: Name) {
        _ = addParameter(name.text)
        uses.append(Use(name: name, isStore: true, isConditional: false))
    }

    func load(_ name: Name) {
        uses.append(Use(name: name, isStore: false, isConditional: false))
        guard Scope.special.contains(name.text) else { return }
        var scope: Scope? = self
        while let current = scope {
            current.specialNames.insert(name.text)
            scope = current.parent
        }
    }

    func store(_ name: Name, isConditional: Bool) {
        uses.append(Use(name: name, isStore: true, isConditional: isConditional))
    }

    /// Whether one of the names that loops and macros provide is used within.
    func uses(special name: String) -> Bool { specialNames.contains(name) }

    private static let special: Set<String> = ["loop", "caller", "kwargs", "varargs"]

    /// Gives each use its place; scopes further out come first. `contextIndex` numbers the variables of the context.
    func resolve(contextIndex: (String) -> Int) {
        let stored = Set(uses.lazy.filter(\.isStore).map(\.name.text))
        for use in uses {
            let name = use.name.text
            guard variables[name] == nil else { continue }
            if use.isStore {
                let outer = parent?.find(name)
                let context = use.isConditional ? Variable.context(contextIndex(name)) : nil
                define(name, (outer ?? context).map(location))
            } else if find(name) == nil {
                let context = contextIndex(name)
                if stored.contains(name) {
                    define(name, .context(context))
                } else {
                    variables[name] = .context(context)
                }
            }
        }
        for use in uses { if let variable = find(use.name.text) { use.name.location = location(of: variable) } }
    }

    private func define(_ name: String, _ first: Location?) {
        let slot = function.addSlot()
        variables[name] = .slot(function, slot)
        entry.append(Entry(slot: slot, value: first))
    }

    private func find(_ name: String) -> Variable? { variables[name] ?? parent?.find(name) }

    private func location(of variable: Variable) -> Location {
        switch variable {
        case .slot(let owner, let index): .slot(hops: function.level - owner.level, index: index)
        case .context(let index): .context(index)
        }
    }
}
