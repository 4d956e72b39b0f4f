/// What careful matching knows of a text: from which places of a program and of the text no match can follow.
struct PatternMemory {
    private let positions: Int
    private var failures: [UInt64]
    /// Where parts that are matched on their own, look-aheads and atomic groups, end from a choice on.
    var ends: [Int: Int] = [:]
    /// For each loop that takes all it can, the last stretch it took.
    var runs: [Range<Int>]

    init(choices: Int, instructions: Int, positions: Int) {
        self.positions = positions
        failures = Array(repeating: 0, count: (choices * positions + 63) / 64)
        runs = Array(repeating: 0 ..< 0, count: instructions)
    }

    /// The entry of a choice at a place of the text.
    func entry(_ choice: Int32, _ position: Int) -> Int { Int(choice) * positions + position }

    func hasFailed(_ entry: Int) -> Bool { failures[entry >> 6] >> UInt64(entry & 63) & 1 == 1 }

    mutating func noteFailure(_ entry: Int) { failures[entry >> 6] |= 1 << UInt64(entry & 63) }
}

extension PatternMatcher {
    /// What `run` does, without limit: no choice is made twice at the same place.
    mutating func runCarefully(_ entry: Int32, at start: Int, isPart: Bool) -> Int {
        let base = depth
        var place = Int(entry)
        var position = start
        while true {
            let instruction = code + place
            var next = instruction.pointee.next
            let known = instruction.pointee.operation == .loop ? nil : enter(instruction, at: position, isPart: isPart)
            if known == PatternMatcher.failed {
                next = -1
            } else if let known {
                return leave(base, at: known, isPart: isPart)
            } else {
                switch instruction.pointee.operation {
                case .one:
                    let length = lengthOfMember(of: instruction.pointee.set, at: position)
                    if length > 0 { position += length } else { next = -1 }
                case .run:
                    let end = scanOnce(place, from: position)
                    if end >= 0 { position = end } else { next = -1 }
                case .loop:
                    if let known = loop(place, at: &position, isPart: isPart, &next) {
                        return leave(base, at: known, isPart: isPart)
                    }
                case .split: next = split(instruction, at: position)
                case .look, .atomic:
                    let end = runCarefully(instruction.pointee.other, at: position, isPart: true)
                    if (end >= 0) == instruction.pointee.isNegated { next = -1 }
                    if instruction.pointee.operation == .atomic, end >= 0 { position = end }
                case .end: return leave(base, at: position, isPart: isPart)
                default: next = step(instruction, at: &position)
                }
            }
            while next < 0 {
                guard depth > base else { return PatternMatcher.failed }
                depth -= 1
                let frame = stack[depth]
                switch frame.kind {
                case .way, .loop: (next, position) = (frame.place, frame.position)
                case .register: registers[Int(frame.place)] = frame.value
                case .failure: memory?.noteFailure(frame.value)
                }
            }
            place = Int(next)
        }
    }

    /// Notes that a choice is being made. Gives `failed`, or where the match ends, if it has been made before.
    private mutating func enter(
        _ instruction: UnsafePointer<PatternProgram.Instruction>, at position: Int, isPart: Bool
    ) -> Int? {
        let choice = instruction.pointee.choice
        guard choice >= 0, let entry = memory?.entry(choice, position) else { return nil }
        if memory?.hasFailed(entry) ?? false { return PatternMatcher.failed }
        if isPart, let end = memory?.ends[entry] { return end }
        push(Frame(kind: .failure, place: 0, position: 0, value: entry))
        return nil
    }

    /// Ends a match. Of a part it is noted where it ends from each choice that led there.
    private mutating func leave(_ base: Int, at end: Int, isPart: Bool) -> Int {
        if isPart {
            for frame in stack[base ..< depth] where frame.kind == .failure { memory?.ends[frame.value] = end }
        }
        depth = base
        return end
    }

    /// A loop scalar by scalar. Sets where to go on; gives the end of a part where that is known.
    private mutating func loop(
        _ place: Int, at position: inout Int, isPart: Bool, _ next: inout Int32
    ) -> Int? {
        let instruction = code + place
        let follows = instruction.pointee.next
        let first = instruction.pointee.first
        next = -1
        if instruction.pointee.maximum >= 0 {
            let known = enter(instruction, at: position, isPart: isPart)
            if known == PatternMatcher.failed { return nil }
            if let known { return known }
            // Few scalars: a way for each count.
            var count: Int32 = 0
            while true {
                if count >= instruction.pointee.minimum {
                    push(Frame(kind: .way, place: follows, position: position, value: 0))
                }
                let length = lengthOfMember(of: instruction.pointee.set, at: position)
                guard count < instruction.pointee.maximum, length > 0 else { return nil }
                position += length
                count += 1
            }
        }
        if instruction.pointee.minimum > 0 {
            let length = lengthOfMember(of: instruction.pointee.set, at: position)
            guard length > 0 else { return nil }
            position += length
        }
        while true {
            let known = enter(instruction, at: position, isPart: isPart)
            if known == PatternMatcher.failed { return nil }
            if let known { return known }
            if first < 0 || lengthOfMember(of: first, at: position) > 0 {
                push(Frame(kind: .way, place: follows, position: position, value: 0))
            }
            let length = lengthOfMember(of: instruction.pointee.set, at: position)
            guard length > 0 else { return nil }
            position += length
        }
    }

    /// Where a run ends; a stretch that it has taken before is not read again.
    private mutating func scanOnce(_ place: Int, from position: Int) -> Int {
        let instruction = code + place
        guard instruction.pointee.maximum < 0 else { return scan(instruction, from: position) }
        if let known = memory?.runs[place], known.contains(position) { return known.upperBound }
        let end = scan(instruction, from: position)
        if end > position { memory?.runs[place] = position ..< end }
        return end
    }
}
