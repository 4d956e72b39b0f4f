/// Finds the matches of a program in texts, in the order that a backtracking engine tries them.
///
/// It takes steps in proportion to the text, whatever the expression: when a text has cost more than usual, matching
/// goes on carefully and remembers from where the rest of an expression is known to fail.
struct PatternMatcher {
    /// A way that is still open.
    struct Frame {
        enum Kind {
            /// Goes on at `place` and `position`.
            case way
            /// A loop that may still give back scalars from `position` down to `value`.
            case loop
            /// Register `place` gets back `value`.
            case register
            /// All ways from a choice have been tried: `value` is its entry in the memory of failures.
            case failure
        }

        let kind: Kind
        let place: Int32
        let position: Int
        let value: Int
    }

    static let failed = -1
    static let exhausted = -2

    let code: UnsafePointer<PatternProgram.Instruction>
    let entries: UnsafePointer<Int32>
    let candidates: UnsafePointer<UInt64>
    let candidatesAtEnd: UInt64
    let members: UnsafePointer<UInt8>
    let stride: Int
    let pages: UnsafePointer<Int32>
    let values: UnsafePointer<UInt8>
    let wordSet: Int32
    let choiceCount: Int
    let instructionCount: Int

    var registers: [Int]
    /// The ways that are open are the first `depth` of the stack.
    var stack: [Frame] = []
    var depth = 0
    var text = Bytes(start: nil, count: 0)
    /// How many more steps may be taken before matching becomes careful.
    var budget = 0
    /// What is known of the text; nil while matching is not careful.
    var memory: PatternMemory?

    /// The first match at or after a place, which may be the end. A new text begins with a search from 0.
    ///
    /// A text may cost `budget` steps, or what is usual, before matching becomes careful.
    @inline(__always)
    mutating func find(in piece: Bytes, from start: Int, budget: Int? = nil) -> Range<Int>? {
        if start == 0 || piece.baseAddress != text.baseAddress || piece.count != text.count {
            text = piece
            memory = nil
            self.budget = budget ?? 16 * piece.count + 100_000
        }
        var position = start
        while position < text.count {
            let scanned = column(at: position)
            let mask = candidates[scanned.column]
            if mask != 0 {
                let end = match(mask, at: position)
                if end >= 0 { return position ..< end }
            }
            position += scanned.length
        }
        guard position == text.count, candidatesAtEnd != 0 else { return nil }
        let end = match(candidatesAtEnd, at: position)
        return end >= 0 ? position ..< end : nil
    }

    /// Where the first alternative ends that matches.
    private mutating func match(_ alternatives: UInt64, at position: Int) -> Int {
        var open = alternatives
        while open != 0 {
            let entry = entries[open.trailingZeroBitCount]
            let end =
                if memory != nil {
                    runCarefully(entry, at: position, isPart: false)
                } else if budget > 0 {
                    run(entry, at: position)
                } else {
                    PatternMatcher.exhausted
                }
            if end == PatternMatcher.exhausted {
                memory = PatternMemory(choices: choiceCount, instructions: instructionCount, positions: text.count + 1)
                continue
            }
            if end >= 0 { return end }
            open &= open - 1
        }
        return PatternMatcher.failed
    }

    /// Where the match ends that begins with an instruction; or `failed`, or `exhausted` if that cost too much.
    private mutating func run(_ entry: Int32, at start: Int) -> Int {
        let base = depth
        var place = Int(entry)
        var position = start
        while true {
            let instruction = code + place
            var next = instruction.pointee.next
            switch instruction.pointee.operation {
            case .one:
                let length = lengthOfMember(of: instruction.pointee.set, at: position)
                if length > 0 { position += length } else { next = -1 }
            case .run:
                let end = scan(instruction, from: position)
                if end >= 0 {
                    budget -= end - position
                    position = end
                } else {
                    next = -1
                }
            case .loop:
                let end = scan(instruction, from: position)
                if end >= 0 {
                    budget -= end - position
                    let low = self.place(after: Int(instruction.pointee.minimum), from: position)
                    next = goOn(Int32(place), from: end, downTo: low, &position)
                } else {
                    next = -1
                }
            case .split:
                budget -= 1
                next = split(instruction, at: position)
            case .look, .atomic:
                let end = run(instruction.pointee.other, at: position)
                guard end != PatternMatcher.exhausted, budget > 0 else {
                    depth = base
                    return PatternMatcher.exhausted
                }
                if (end >= 0) == instruction.pointee.isNegated { next = -1 }
                if instruction.pointee.operation == .atomic, end >= 0 { position = end }
            case .end:
                depth = base
                return position
            default: next = step(instruction, at: &position)
            }
            // Back to the last way that is open.
            while next < 0 {
                guard depth > base else { return PatternMatcher.failed }
                budget -= 1
                guard budget > 0 else {
                    depth = base
                    return PatternMatcher.exhausted
                }
                depth -= 1
                let frame = stack[depth]
                switch frame.kind {
                case .way: (next, position) = (frame.place, frame.position)
                case .loop: next = goOn(frame.place, from: frame.position, downTo: frame.value, &position)
                case .register: registers[Int(frame.place)] = frame.value
                case .failure: break
                }
            }
            place = Int(next)
        }
    }

    /// Where to go on after a loop: at the last place, going back from one, where what follows may begin; the places
    /// before it stay open. -1 if there is none.
    @inline(__always)
    private mutating func goOn(
        _ place: Int32, from start: Int, downTo low: Int, _ position: inout Int
    ) -> Int32 {
        let loop = code + Int(place)
        let first = loop.pointee.first
        var found = start
        while first >= 0, lengthOfMember(of: first, at: found) == 0 {
            guard found > low else { return -1 }
            found -= lengthBefore(found)
            budget -= 1
        }
        if found > low {
            push(Frame(kind: .loop, place: place, position: found - lengthBefore(found), value: low))
        }
        position = found
        return loop.pointee.next
    }

    /// Where a split goes on, with the other way put on the stack if it may match too; -1 if neither may.
    @inline(__always)
    mutating func split(_ split: UnsafePointer<PatternProgram.Instruction>, at position: Int) -> Int32 {
        let mayMatch = split.pointee.first < 0 || lengthOfMember(of: split.pointee.first, at: position) > 0
        let otherMayMatch =
            split.pointee.otherFirst < 0 || lengthOfMember(of: split.pointee.otherFirst, at: position) > 0
        guard mayMatch else { return otherMayMatch ? split.pointee.other : -1 }
        if otherMayMatch { push(Frame(kind: .way, place: split.pointee.other, position: position, value: 0)) }
        return split.pointee.next
    }

    /// What is done alike in both ways of matching: where to go on, -1 to fail.
    mutating func step(_ instruction: UnsafePointer<PatternProgram.Instruction>, at position: inout Int) -> Int32 {
        switch instruction.pointee.operation {
        case .peek:
            let isMember = lengthOfMember(of: instruction.pointee.set, at: position) > 0
            return isMember != instruction.pointee.isNegated ? instruction.pointee.next : -1
        case .back:
            for _ in 0 ..< instruction.pointee.minimum {
                guard position > 0 else { return -1 }
                position -= lengthBefore(position)
            }
            return instruction.pointee.next
        case .anchor: return holds(instruction.pointee.anchor, at: position) ? instruction.pointee.next : -1
        case .mark:
            let register = instruction.pointee.minimum
            push(Frame(kind: .register, place: register, position: 0, value: registers[Int(register)]))
            registers[Int(register)] = position
            return instruction.pointee.next
        case .progress:
            let isStuck = registers[Int(instruction.pointee.minimum)] == position
            return isStuck ? instruction.pointee.other : instruction.pointee.next
        default: return -1
        }
    }

    @inline(__always)
    mutating func push(_ frame: Frame) {
        budget -= 1
        if depth == stack.count { stack.append(frame) } else { stack[depth] = frame }
        depth += 1
    }

    private func holds(_ anchor: PatternNode.Anchor, at position: Int) -> Bool {
        let isEnd = position == text.count
        switch anchor {
        case .textStart: return position == 0
        case .textEnd: return isEnd
        case .textEndBeforeNewline: return isEnd || position == text.count - 1 && text[position] == 0x0A
        case .lineStart: return position == 0 || !isEnd && text[position - 1] == 0x0A
        case .lineEnd: return isEnd || text[position] == 0x0A
        case .wordBoundary, .noWordBoundary:
            let isAfterWord = position > 0 && lengthOfMember(of: wordSet, at: position - lengthBefore(position)) > 0
            let isBeforeWord = lengthOfMember(of: wordSet, at: position) > 0
            return (isAfterWord != isBeforeWord) == (anchor == .wordBoundary)
        }
    }
}

// MARK: Scalars

extension PatternMatcher {
    /// Which column of the tables the scalar at a place has, and its bytes.
    @inline(__always)
    func column(at position: Int) -> (column: Int, length: Int) {
        let byte = text[position]
        if byte < 0x80 { return (Int(byte), 1) }
        let scanned = text.scalar(at: position)
        return (128 + Int(values[Int(pages[Int(scanned.value >> 8)]) + Int(scanned.value & 0xFF)]), scanned.length)
    }

    /// How many bytes the scalar at a place has if it is in a set; 0 if it is not, or at the end.
    @inline(__always)
    func lengthOfMember(of set: Int32, at position: Int) -> Int {
        guard position < text.count else { return 0 }
        let scanned = column(at: position)
        return members[Int(set) * stride + scanned.column] != 0 ? scanned.length : 0
    }

    @inline(__always)
    func lengthBefore(_ position: Int) -> Int {
        var start = position - 1
        while start > 0, text[start] & 0xC0 == 0x80 { start -= 1 }
        return position - start
    }

    /// The place so many scalars further.
    @inline(__always)
    func place(after count: Int, from start: Int) -> Int {
        var position = start
        for _ in 0 ..< count where position < text.count {
            position += text[position] < 0x80 ? 1 : text.scalar(at: position).length
        }
        return position
    }

    /// Where the scalars end that a loop can take; -1 where they are too few.
    @inline(__always)
    func scan(_ loop: UnsafePointer<PatternProgram.Instruction>, from start: Int) -> Int {
        let row = members + Int(loop.pointee.set) * stride
        let bytes = text
        var position = start
        if loop.pointee.maximum < 0 {
            while position < bytes.count {
                let byte = bytes[position]
                if byte < 0x80 {
                    guard row[Int(byte)] != 0 else { break }
                    position += 1
                } else {
                    let scanned = column(at: position)
                    guard row[scanned.column] != 0 else { break }
                    position += scanned.length
                }
            }
            return loop.pointee.minimum > 0 && position == start ? -1 : position
        }
        var count: Int32 = 0
        while count < loop.pointee.maximum, position < bytes.count {
            let scanned = column(at: position)
            guard row[scanned.column] != 0 else { break }
            position += scanned.length
            count += 1
        }
        return count >= loop.pointee.minimum ? position : -1
    }
}
