/// A regular expression ready to match: instructions over sets of scalars, and tables that tell the members of sets.
struct PatternProgram: Sendable {
    /// The most instructions, sets and classes that a program may have.
    static let instructionLimit = 20_000
    static let setLimit = 1000
    static let classLimit = 256
    /// The most places of a program where it may go on in two ways.
    static let choiceLimit = 256

    struct Instruction {
        enum Operation: UInt8 {
            /// One scalar of `set`.
            case one
            /// As many scalars of `set` as there are, and never less.
            case run
            /// As many scalars of `set` as there are, or less where what follows does not match.
            case loop
            /// The scalar at this place, if any, is in `set` or, if `isNegated`, is not; it is not taken.
            case peek
            /// Goes on at `next`, and where that fails at `other`.
            case split
            /// What begins at `other` matches here or, if `isNegated`, does not.
            case look
            /// What begins at `other`, in the one way that it matches first.
            case atomic
            /// Goes `minimum` scalars back.
            case back
            case anchor
            /// Notes the place in register `minimum`.
            case mark
            /// Goes on at `other` if nothing was taken since `mark`, otherwise at `next`.
            case progress
            /// The end of the expression, or of what `look` and `atomic` begin.
            case end
        }

        var operation: Operation
        var isNegated = false
        var anchor = PatternNode.Anchor.textStart
        var next: Int32 = -1
        var other: Int32 = -1
        var set: Int32 = -1
        var minimum: Int32 = 0
        /// -1 for no limit.
        var maximum: Int32 = -1
        /// The set that what follows at `next` begins with; -1 where it may begin in any way.
        var first: Int32 = -1
        /// The same for `other`.
        var otherFirst: Int32 = -1
        /// The number of this place among those where two ways are open; -1 for others.
        var choice: Int32 = -1
    }

    let instructions: [Instruction]
    /// Where the alternatives of the expression begin.
    let entries: [Int32]
    /// For each ASCII scalar and after them for each class, which alternatives may begin with it, a bit for each.
    let candidates: [UInt64]
    /// The alternatives that may match at the end of a text.
    let candidatesAtEnd: UInt64
    let classes: ClassTable
    /// For each set, whether each ASCII scalar and after them each class is in it.
    let members: [UInt8]
    /// How many entries of `members` a set has.
    let stride: Int
    let choiceCount: Int
    let registerCount: Int
    /// The set of `\w`, for word boundaries; -1 where there are none.
    let wordSet: Int32
    /// The least number of scalars in a match.
    let minimumLength: Int

    /// Compiles an expression. Throws `PatternError`.
    init(_ expression: String) throws {
        let node = try PatternParser.parse(expression)
        var compiler = PatternCompiler()
        entries = try compiler.compile(node)
        instructions = compiler.instructions
        choiceCount = compiler.choiceCount
        registerCount = compiler.registerCount
        wordSet = compiler.wordSet
        minimumLength = node.minimumLength
        let sets = compiler.sets
        classes = try ClassTable(sets)
        stride = 128 + classes.count
        var members = [UInt8](repeating: 0, count: sets.count * stride)
        var candidates = [UInt64](repeating: 0, count: stride)
        let samples = (0 ..< 128).map { UInt32($0) } + classes.samples
        for (index, set) in sets.enumerated() {
            for (column, sample) in samples.enumerated() where set.contains(sample) {
                members[index * stride + column] = 1
            }
        }
        var atEnd: UInt64 = 0
        for (index, entry) in entries.enumerated() {
            let first = compiler.firsts[Int(entry)]
            for column in 0 ..< stride where first.map({ $0.contains(samples[column]) }) ?? true {
                candidates[column] |= 1 << UInt64(index)
            }
            if first == nil { atEnd |= 1 << UInt64(index) }
        }
        self.members = members
        self.candidates = candidates
        candidatesAtEnd = atEnd
    }
}

/// Scalars divided into classes, so that all of a class are in the same sets.
struct ClassTable: Sendable {
    /// One scalar of each class.
    private(set) var samples: [UInt32] = []
    /// For each 256 scalars, where their classes begin in `values`.
    private(set) var pages: [Int32] = []
    private(set) var values: [UInt8] = []

    var count: Int { samples.count }

    /// Finds the classes of some sets. Throws `PatternError` where there are too many.
    init(_ sets: [ScalarSet]) throws {
        // Up to each border all scalars are in the same sets, and `changes` says which sets begin or end there.
        var changes: [UInt32: [Int]] = [:]
        for (index, set) in sets.enumerated() {
            for range in set.ranges {
                changes[range.lowerBound, default: []].append(index)
                changes[range.upperBound + 1, default: []].append(index)
            }
        }
        var membership = [UInt64](repeating: 0, count: (sets.count + 63) / 64)
        var classes: [[UInt64]: UInt8] = [:]
        var runs: [(end: UInt32, value: UInt8)] = []
        var start: UInt32 = 0
        for border in changes.keys.sorted() + [0x20_0000] {
            if border > start {
                if classes[membership] == nil {
                    guard samples.count < PatternProgram.classLimit else {
                        throw PatternError(
                            reason: "more than \(PatternProgram.classLimit) kinds of characters", isUnsupported: true)
                    }
                    classes[membership] = UInt8(samples.count)
                    samples.append(start)
                }
                runs.append((border, classes[membership] ?? 0))
                start = border
            }
            for index in changes[border] ?? [] { membership[index / 64] ^= 1 << UInt64(index % 64) }
        }
        lay(runs)
    }

    private mutating func lay(_ runs: [(end: UInt32, value: UInt8)]) {
        var uniform: [UInt8: Int32] = [:]
        var run = 0
        // Room for every number of 21 bits, which is what four bytes of UTF-8 can spell.
        for page in 0 ..< 0x2000 as Range<UInt32> {
            let start = page << 8
            while runs[run].end <= start { run += 1 }
            if runs[run].end >= start + 256 {
                if let known = uniform[runs[run].value] {
                    pages.append(known)
                    continue
                }
                uniform[runs[run].value] = Int32(values.count)
            }
            pages.append(Int32(values.count))
            var inner = run
            for value in start ..< start + 256 {
                while runs[inner].end <= value { inner += 1 }
                values.append(runs[inner].value)
            }
        }
    }
}
