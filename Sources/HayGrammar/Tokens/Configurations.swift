/// What a machine may be doing after some bytes: sets of states with their stacks, each set kept once under a number.
/// What leads from one to the next is found when it is asked for.
struct Configurations: Sendable {
    /// No configuration: what was read is no beginning of any text.
    static let dead: Int32 = -1
    /// After the end of a text.
    static let ended: Int32 = 0
    static let unknown: Int32 = -2

    /// The most states in a set. Of more some are let go, so that texts are lost but none is wrong.
    static let setLimit = 512
    /// How many states in sets, and steps, there may be beyond those of one walk before all are let go.
    static let itemLimit = 1 << 21
    static let rowLimit = 1 << 23

    struct Entry {
        var start: Int
        var count: Int32
        var hash: UInt32
        var row: Int32
        var pieces: Int32
        /// The kinds of bytes that lead back to here; bit 31 says that they are known.
        var loops: UInt32
        var mayEnd: Bool
    }

    let machine: Machine
    private let countLimit: Int
    /// How much there was after the first walk since all were let go: one walk alone never makes it crowded.
    private var base: (entries: Int, items: Int, rows: Int)?
    private var stacks = Stacks()
    var entries: [Entry] = []
    private var items: [UInt64] = []
    var rows: [Int32] = []
    private var slots = [Int32](repeating: -1, count: 1 << 10)
    private var seen: Set<UInt64> = []
    private var pending: [UInt64] = []

    init(_ machine: Machine, countLimit: Int) {
        self.machine = machine
        self.countLimit = countLimit
        entries = [
            Entry(
                start: 0, count: 0, hash: 0, row: -1, pieces: 0, loops: 1 << 31, mayEnd: true)
        ]
        _ = row(of: Configurations.ended)
        for place in rows.indices { rows[place] = Configurations.dead }
    }

    /// The configuration before the first byte.
    mutating func start() -> Int32 {
        pending = [UInt64(UInt32(bitPattern: machine.start)) << 32]
        return intern()
    }

    func mayEnd(_ id: Int32) -> Bool { entries[Int(id)].mayEnd }

    /// The fewest tokens to the end of a text.
    func pieces(_ id: Int32) -> Int32 { entries[Int(id)].pieces }

    var memory: Int {
        entries.count * MemoryLayout<Entry>.stride + items.count * 8 + rows.count * 4 + stacks.count * 40
    }

    /// The configuration after one more byte.
    @inline(__always)
    mutating func step(_ id: Int32, _ byte: UInt8) -> Int32 {
        let place = Int(row(of: id)) * machine.members.count + Int(machine.classes[Int(byte)])
        let next = rows[place]
        return next == Configurations.unknown ? find(id, byte, place) : next
    }

    /// Finds the kinds of bytes that lead from a configuration to itself.
    mutating func findLoops(_ id: Int32) {
        var loops: UInt32 = 1 << 31
        for (kind, bytes) in ByteKind.members.enumerated() where bytes.allSatisfy({ step(id, $0) == id }) {
            loops |= 1 << UInt32(kind)
        }
        entries[Int(id)].loops = loops
    }

    /// The row of a configuration's steps, made when it is first asked for.
    @inline(__always)
    mutating func row(of id: Int32) -> Int32 {
        let row = entries[Int(id)].row
        if row >= 0 { return row }
        return makeRow(id)
    }

    private mutating func makeRow(_ id: Int32) -> Int32 {
        let row = Int32(rows.count / machine.members.count)
        let content = id == Configurations.ended ? Configurations.dead : Configurations.unknown
        rows.append(contentsOf: repeatElement(content, count: machine.members.count))
        entries[Int(id)].row = row
        return row
    }

    @inline(never)
    private mutating func find(_ id: Int32, _ byte: UInt8, _ place: Int) -> Int32 {
        let entry = entries[Int(id)]
        pending.removeAll(keepingCapacity: true)
        for index in entry.start ..< entry.start + Int(entry.count) {
            let item = items[index]
            for step in machine.steps[Int(item >> 32)] where step.low <= byte && byte <= step.high {
                pending.append(UInt64(UInt32(bitPattern: step.to)) << 32 | item & 0xFFFF_FFFF)
            }
        }
        let next = intern()
        rows[place] = next
        return next
    }

    /// The configuration of the pending states and what they lead to without a byte.
    private mutating func intern() -> Int32 {
        seen.removeAll(keepingCapacity: true)
        var found: [UInt64] = []
        var mayEnd = false
        while let item = pending.popLast() {
            guard seen.insert(item).inserted else { continue }
            let state = Int(item >> 32)
            let stack = Int32(truncatingIfNeeded: item)
            guard stacks.depth(stack) + machine.height[state] <= Machine.depthLimit else { continue }
            if machine.isEnd[state] {
                if stack == 0 {
                    mayEnd = true
                } else {
                    add(stacks.state(stack), stacks.parent(stack))
                }
            }
            for jump in machine.jumps[state] { add(jump, stack) }
            for call in machine.calls[state] {
                if call.isLast { add(call.start, stack) }
                guard !call.isLast, stacks.depth(stack) < Machine.depthLimit,
                    stacks.depth(stack) + machine.height[Int(call.to)] <= Machine.depthLimit
                else { continue }
                add(call.start, stacks.push(stack, call.to, pieces: machine.pieces[Int(call.to)]))
            }
            if !machine.steps[state].isEmpty { found.append(item) }
        }
        if found.isEmpty, !mayEnd { return Configurations.dead }
        var pieces = mayEnd ? 0 : Distances.none - 1
        for item in found { pieces = min(pieces, self.pieces(of: item)) }
        if found.count > Configurations.setLimit { found = nearest(of: found) }
        found.sort()
        return id(of: found, mayEnd, pieces)
    }

    /// As many of some items as may be in a set: of each state the stacks that are nearest to the end, so that as many
    /// kinds of ways as can be stay open, the shortest one among them.
    private func nearest(of found: [UInt64]) -> [UInt64] {
        var ranks: [UInt64: Int] = [:]
        var ranked: [(rank: Int, pieces: Int32, item: UInt64)] = []
        for (pieces, item) in found.map({ (self.pieces(of: $0), $0) }).sorted(by: <) {
            ranked.append((ranks[item >> 32, default: 0], pieces, item))
            ranks[item >> 32, default: 0] += 1
        }
        return ranked.sorted(by: <).prefix(Configurations.setLimit).map(\.item)
    }

    private mutating func add(_ state: Int32, _ stack: Int32) {
        pending.append(UInt64(UInt32(bitPattern: state)) << 32 | UInt64(UInt32(bitPattern: stack)))
    }

    private func pieces(of item: UInt64) -> Int32 {
        Stacks.sum(machine.pieces[Int(item >> 32)], stacks.pieces(Int32(truncatingIfNeeded: item)))
    }

    private mutating func id(of found: [UInt64], _ mayEnd: Bool, _ pieces: Int32) -> Int32 {
        let short = Configurations.hash(found[...], mayEnd)
        let mask = slots.count - 1
        var slot = Int(short) & mask
        while slots[slot] >= 0 {
            let entry = entries[Int(slots[slot])]
            if entry.hash == short, entry.mayEnd == mayEnd, Int(entry.count) == found.count,
                items[entry.start ..< entry.start + found.count].elementsEqual(found)
            {
                return slots[slot]
            }
            slot = (slot + 1) & mask
        }
        let entry = Entry(
            start: items.count, count: Int32(found.count), hash: short, row: -1, pieces: pieces, loops: 0,
            mayEnd: mayEnd)
        items.append(contentsOf: found)
        let id = Int32(entries.count)
        entries.append(entry)
        slots[slot] = id
        if entries.count * 2 > slots.count { fillSlots(slots.count * 2) }
        return id
    }

    private static func hash(_ items: ArraySlice<UInt64>, _ mayEnd: Bool) -> UInt32 {
        var hash: UInt64 = mayEnd ? 1 : 0
        for item in items { hash = (hash ^ item ^ hash >> 29) &* 0x9E37_79B9_7F4A_7C15 }
        return UInt32(truncatingIfNeeded: hash >> 32)
    }

    private mutating func fillSlots(_ count: Int) {
        slots = Array(repeating: -1, count: count)
        for (id, entry) in entries.enumerated().dropFirst() {
            var slot = Int(entry.hash) & (count - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (count - 1) }
            slots[slot] = Int32(id)
        }
    }
}

extension Configurations {
    /// Says that a walk is over. Gives whether so much is there now that it is time to let go.
    mutating func endWalk() -> Bool {
        guard let base else {
            base = (entries.count, items.count, rows.count)
            return false
        }
        return entries.count - base.entries > countLimit || rows.count - base.rows > Configurations.rowLimit
            || items.count - base.items > Configurations.itemLimit
    }

    /// Lets go of everything: numbers of before mean nothing any more.
    mutating func letGo() { self = Configurations(machine, countLimit: countLimit) }
}
