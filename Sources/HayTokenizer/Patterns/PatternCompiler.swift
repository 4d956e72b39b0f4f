/// Turns the nodes of an expression into instructions, the last first: each knows where it goes on, and so what may
/// follow it.
struct PatternCompiler {
    typealias Instruction = PatternProgram.Instruction

    private(set) var instructions: [Instruction] = []
    /// For each instruction, what a match from there on begins with; nil where it may take no scalar.
    private(set) var firsts: [ScalarSet?] = []
    private(set) var sets: [ScalarSet] = []
    private(set) var choiceCount = 0
    private(set) var registerCount = 0
    private(set) var wordSet: Int32 = -1
    private var indices: [ScalarSet: Int32] = [:]
    /// Whether a match from an instruction on cannot fail.
    private var alwaysMatches: [Bool] = []

    /// Where the alternatives of an expression begin. Throws `PatternError`.
    mutating func compile(_ node: PatternNode) throws -> [Int32] {
        let end = try add(Instruction(operation: .end), first: nil, always: true)
        // A word of bits tells alternatives apart.
        if case .choice(let choices) = node, choices.count <= 64 { return try choices.map { try compile($0, end) } }
        return [try compile(node, end)]
    }

    /// The first instruction of a node that goes on at `next`.
    private mutating func compile(_ node: PatternNode, _ next: Int32) throws -> Int32 {
        switch node {
        case .one(let set):
            return try add(Instruction(operation: .one, next: next, set: try index(of: set)), first: set)
        case .sequence(let parts):
            var next = next
            for part in parts.reversed() { next = try compile(part, next) }
            return next
        case .choice(let choices):
            let entries = try choices.map { try compile($0, next) }
            var entry = entries[entries.count - 1]
            for other in entries.dropLast().reversed() { entry = try addSplit(other, entry) }
            return entry
        case .loop(let body, let minimum, let maximum, let greed):
            return try compileLoop(body, minimum, maximum, greed, next)
        case .look(.one(let set), let negated):
            let index = try index(of: set)
            let allowed = negated ? set.inverted : set
            let first = firsts[Int(next)].map { $0.intersection(allowed) } ?? (negated ? nil : set)
            return try add(Instruction(operation: .peek, isNegated: negated, next: next, set: index), first: first)
        case .look(let body, let negated): return try addLook(body, back: nil, negated, next)
        case .lookBehind(let body, let length, let negated): return try addLook(body, back: length, negated, next)
        case .atomic(let body):
            let entry = try compile(body, try add(Instruction(operation: .end), first: nil, always: true))
            var instruction = Instruction(operation: .atomic, next: next, other: entry)
            instruction.choice = try addChoice()
            return try add(instruction, first: firsts[Int(entry)])
        case .anchor(let anchor):
            if anchor == .wordBoundary || anchor == .noWordBoundary {
                wordSet = try index(of: UnicodeProperty.bareWord)
            }
            return try add(Instruction(operation: .anchor, anchor: anchor, next: next), first: firsts[Int(next)])
        }
    }

    // MARK: Loops

    private mutating func compileLoop(
        _ body: PatternNode, _ minimum: Int, _ maximum: Int?, _ greed: PatternNode.Greed, _ next: Int32
    ) throws -> Int32 {
        if maximum == 0 { return next }
        if minimum == 1, maximum == 1 { return try compile(body, next) }
        if greed == .possessive {
            return try compile(.atomic(.loop(body, minimum: minimum, maximum: maximum, .greedy)), next)
        }
        if greed == .greedy, case .one(let set) = body { return try addLoop(set, minimum, maximum, next) }
        var next = next
        if let maximum {
            // The optional ones, each within the one before it.
            let exit = next
            for _ in minimum ..< maximum {
                let entry = try compile(body, next)
                next = try greed == .greedy ? addSplit(entry, exit) : addSplit(exit, entry)
            }
        } else {
            next = try addEndlessLoop(body, greed, next)
        }
        for _ in 0 ..< minimum { next = try compile(body, next) }
        return next
    }

    private mutating func addLoop(_ set: ScalarSet, _ minimum: Int, _ maximum: Int?, _ next: Int32) throws -> Int32 {
        if maximum == nil, minimum > 1 {
            return try addLoop(set, minimum, minimum, try addLoop(set, 0, nil, next))
        }
        let follows = firsts[Int(next)]
        // What follows matches anyway, or begins with nothing that the loop takes: then less is never better.
        let isRun = minimum == maximum || alwaysMatches[Int(next)] || follows.map { $0.isDisjoint(with: set) } ?? false
        var instruction = Instruction(operation: isRun ? .run : .loop, next: next, set: try index(of: set))
        instruction.minimum = Int32(minimum)
        instruction.maximum = maximum.map { Int32($0) } ?? -1
        if !isRun {
            instruction.choice = try addChoice()
            instruction.first = try follows.map { try index(of: $0) } ?? -1
        }
        let first = minimum > 0 ? set : follows.map { $0.union(set) }
        return try add(instruction, first: first, always: minimum == 0 && isRun && alwaysMatches[Int(next)])
    }

    /// `(body)*`: a split that the body comes back to.
    private mutating func addEndlessLoop(_ body: PatternNode, _ greed: PatternNode.Greed, _ next: Int32) throws -> Int32
    {
        var split = Instruction(operation: .split)
        split.choice = try addChoice()
        // What the body begins with is known only when it is compiled; nil is right for any.
        let entry = try add(split, first: nil)
        let start: Int32
        if body.matchesEmpty {
            let register = Int32(registerCount)
            registerCount += 1
            var progress = Instruction(operation: .progress, next: entry, other: next)
            progress.minimum = register
            let inner = try compile(body, try add(progress, first: nil))
            var mark = Instruction(operation: .mark, next: inner)
            mark.minimum = register
            start = try add(mark, first: firsts[Int(inner)])
        } else {
            start = try compile(body, entry)
        }
        let (preferred, other) = greed == .greedy ? (start, next) : (next, start)
        instructions[Int(entry)].next = preferred
        instructions[Int(entry)].other = other
        instructions[Int(entry)].first = try firsts[Int(preferred)].map { try index(of: $0) } ?? -1
        instructions[Int(entry)].otherFirst = try firsts[Int(other)].map { try index(of: $0) } ?? -1
        if let begin = firsts[Int(start)], let after = firsts[Int(next)] { firsts[Int(entry)] = begin.union(after) }
        return entry
    }

    // MARK: Instructions

    private mutating func addSplit(_ next: Int32, _ other: Int32) throws -> Int32 {
        var split = Instruction(operation: .split, next: next, other: other)
        let (first, otherFirst) = (firsts[Int(next)], firsts[Int(other)])
        split.first = try first.map { try index(of: $0) } ?? -1
        split.otherFirst = try otherFirst.map { try index(of: $0) } ?? -1
        split.choice = try addChoice()
        let either: ScalarSet? = if let first, let otherFirst { first.union(otherFirst) } else { nil }
        return try add(split, first: either, always: alwaysMatches[Int(next)] || alwaysMatches[Int(other)])
    }

    private mutating func addLook(_ body: PatternNode, back: Int?, _ negated: Bool, _ next: Int32) throws -> Int32 {
        var entry = try compile(body, try add(Instruction(operation: .end), first: nil, always: true))
        let first = negated || back != nil ? nil : firsts[Int(entry)]
        if let back {
            var instruction = Instruction(operation: .back, next: entry)
            instruction.minimum = Int32(back)
            entry = try add(instruction, first: nil)
        }
        var look = Instruction(operation: .look, isNegated: negated, next: next, other: entry)
        look.choice = try addChoice()
        return try add(look, first: first ?? firsts[Int(next)])
    }

    private mutating func addChoice() throws -> Int32 {
        guard choiceCount < PatternProgram.choiceLimit else {
            throw PatternError(reason: "more than \(PatternProgram.choiceLimit) choices", isUnsupported: true)
        }
        choiceCount += 1
        return Int32(choiceCount - 1)
    }

    private mutating func add(_ instruction: Instruction, first: ScalarSet?, always: Bool = false) throws -> Int32 {
        guard instructions.count < PatternProgram.instructionLimit else {
            throw PatternError(
                reason: "more than \(PatternProgram.instructionLimit) instructions", isUnsupported: true)
        }
        instructions.append(instruction)
        firsts.append(first)
        alwaysMatches.append(always)
        return Int32(instructions.count - 1)
    }

    private mutating func index(of set: ScalarSet) throws -> Int32 {
        if let index = indices[set] { return index }
        guard sets.count < PatternProgram.setLimit else {
            throw PatternError(reason: "more than \(PatternProgram.setLimit) sets", isUnsupported: true)
        }
        sets.append(set)
        indices[set] = Int32(sets.count - 1)
        return Int32(sets.count - 1)
    }
}
