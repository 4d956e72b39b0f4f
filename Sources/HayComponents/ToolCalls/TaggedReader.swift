/// A notation of arguments in tags, each with its name and a value that is written as a text.
struct TaggedNotation: Sendable {
    /// What stands before a value; its key is the parameter's name.
    let parameter: MarkPattern
    let valueEnd: String
    /// What ends the arguments.
    let end: String
    /// Whether values stand on lines of their own, so that a line end on either side is no part of them.
    var valuesHaveLines = false

    /// The texts that a vocabulary may have as special tokens.
    var marks: [String] { MarkPattern(parameter.parts + [.text(valueEnd), .text(end)]).marks }

    /// A value without the line ends that belong to the notation.
    ///
    /// Where values have no lines of their own, a line end at one side belongs to the value, as at the end of a file.
    func value(_ bytes: ArraySlice<UInt8>) -> String {
        var value = bytes
        let begins = value.first == 0x0A
        let ends = value.last == 0x0A
        if begins, valuesHaveLines || ends, !value.isEmpty { value = value.dropFirst() }
        if ends, valuesHaveLines || begins, !value.isEmpty { value = value.dropLast() }
        return String(decoding: value, as: UTF8.self)
    }
}

/// An argument as a text.
struct TaggedArgument: Sendable {
    let name: String
    let text: String
    /// What the notation says of its type: whether it is a string; nil where it says nothing.
    let isString: Bool?
}

/// Reads arguments in tags as they come.
struct TaggedReader: Sendable {
    enum Reading { case unfinished, failed, done }

    private enum State {
        case between
        /// A value, of which so many bytes were searched for its end.
        case value(MarkPattern.Captures, searched: Int)
    }

    private let notation: TaggedNotation
    private let valueEnd: [UInt8]
    private let end: MarkPattern
    private var state = State.between
    private(set) var arguments: [TaggedArgument] = []
    /// Where arguments may go on or end, among those places that were read.
    private(set) var places: [Int] = []

    init(_ notation: TaggedNotation) {
        self.notation = notation
        valueEnd = Array(notation.valueEnd.utf8)
        end = MarkPattern([.text(notation.end)])
    }

    /// Reads on from a place.
    ///
    /// - Parameters:
    ///   - base: the place of the first byte in the whole text.
    ///   - search: what is known of the ends of values and of places from which nothing can follow.
    mutating func read(
        _ bytes: [UInt8], _ position: inout Int, base: Int, isEnd: Bool, _ search: inout TaggedSearch
    ) -> Reading {
        while true {
            switch state {
            case .between:
                while position < bytes.count, bytes[position].isJSONSpace { position += 1 }
                if search.deadEnds.contains(base + position) { return .failed }
                if !arguments.isEmpty, places.last != base + position { places.append(base + position) }
                // A reply may end with its last argument.
                if isEnd, position == bytes.count { return arguments.isEmpty ? .failed : .done }
                switch end.match(bytes[position...], isEnd: isEnd) {
                case .found(let captures):
                    position += captures.count
                    return .done
                case .undecided: return .unfinished
                case .none: break
                }
                switch notation.parameter.match(bytes[position...], isEnd: isEnd) {
                case .found(let captures):
                    position += captures.count
                    state = .value(captures, searched: 0)
                case .undecided: return .unfinished
                case .none: return .failed
                }
            case .value(let captures, let searched):
                guard let found = search.next(valueEnd, bytes, position, searched: searched, base: base, isEnd: isEnd)
                else {
                    state = .value(captures, searched: max(0, bytes.count - position - valueEnd.count + 1))
                    return isEnd ? .failed : .unfinished
                }
                arguments.append(
                    TaggedArgument(
                        name: captures.key, text: notation.value(bytes[position ..< found]),
                        isString: captures.rest.isStringAttribute))
                position = found + valueEnd.count
                state = .between
            }
        }
    }
}

/// What was found out while reading arguments of one form, so that texts which only look like them take no more time than
/// others.
struct TaggedSearch: Sendable {
    /// Places of the whole text at which arguments cannot go on.
    var deadEnds: Set<Int> = []
    /// The last end of a value that was found, and from where on there is no other before it; nil where there is none.
    private var found: (from: Int, end: Int?)?

    fileprivate mutating func next(
        _ text: [UInt8], _ bytes: [UInt8], _ position: Int, searched: Int, base: Int, isEnd: Bool
    ) -> Int? {
        if let found, found.from <= base + position, found.end.map({ base + position <= $0 }) ?? true {
            return found.end.map { $0 - base }
        }
        let end = bytes[(position + searched)...].firstPlace(of: text)
        if end != nil || isEnd { found = (base + position, end.map { $0 + base }) }
        return end
    }
}

extension ArraySlice<UInt8> {
    /// Where a text first stands.
    fileprivate func firstPlace(of text: [UInt8]) -> Int? {
        var place = startIndex
        while let start = self[place...].firstIndex(of: text[0]) {
            if self[start...].starts(with: text) { return start }
            place = start + 1
        }
        return nil
    }
}

extension String {
    /// What the attributes of a parameter say of its type.
    fileprivate var isStringAttribute: Bool? {
        if contains("string=\"true\"") { return true }
        return contains("string=\"false\"") ? false : nil
    }
}
