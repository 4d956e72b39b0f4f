/// Follows the bytes of a JSON object one by one, and tells at once where they stop being one.
///
/// What it accepts is what `JSON.parse` reads, up to a depth.
struct JSONTracker {
    /// What a byte has brought.
    enum Event: Equatable {
        /// The closing quote of a key.
        case keyEnd
        /// The first byte of a value within the object.
        case valueStart(UInt8)
        /// The closing quote of a string that is a value.
        case stringEnd
        /// The closing bracket of an object or array.
        case close
    }

    private enum State {
        case firstKey, key, colon, value, firstElement, afterValue
        case string, escape, hexadecimal(left: Int)
        case minus, zero, digits, point, fraction, exponent, exponentSign, exponentDigits
        case word([UInt8], next: Int)
        case done
    }

    /// Objects and arrays that are open; the bracket that each closes with.
    private var closers: [UInt8] = [UInt8(ascii: "}")]
    private var state = State.firstKey
    private var stringIsKey = false

    /// What the last byte has brought.
    private(set) var event: Event?
    /// How many bytes were taken, the opening brace included.
    private(set) var count = 1
    /// Where the last string begins, at its quote.
    private(set) var stringStart = 0

    /// How deep objects and arrays may nest.
    static let maximumDepth = 64

    /// How many objects and arrays are open.
    var depth: Int { closers.count }
    /// Whether the object is complete.
    var isDone: Bool { closers.isEmpty }

    /// Takes the byte that follows; the opening brace counts as taken. False where the bytes are no JSON object; then
    /// nothing more may be taken.
    mutating func advance(_ byte: UInt8) -> Bool {
        event = nil
        count += 1
        switch state {
        case .string: return advanceString(byte)
        case .escape: return advanceEscape(byte)
        case .hexadecimal(let left):
            guard byte.isHexadecimalDigit else { return false }
            return enter(left == 1 ? .string : .hexadecimal(left: left - 1))
        case .firstKey, .key, .colon, .value, .firstElement, .afterValue:
            return byte.isJSONSpace || advanceStructure(byte)
        case .word(let word, let next):
            guard byte == word[next] else { return false }
            return enter(next + 1 == word.count ? .afterValue : .word(word, next: next + 1))
        case .done: return false
        default: return advanceNumber(byte)
        }
    }

    private mutating func enter(_ state: State) -> Bool {
        self.state = state
        return true
    }

    private mutating func advanceStructure(_ byte: UInt8) -> Bool {
        switch (state, byte) {
        case (.firstKey, UInt8(ascii: "\"")), (.key, UInt8(ascii: "\"")): return beginString(isKey: true)
        case (.firstKey, UInt8(ascii: "}")), (.firstElement, UInt8(ascii: "]")): return close()
        case (.colon, UInt8(ascii: ":")): return enter(.value)
        case (.value, _), (.firstElement, _): return beginValue(byte)
        case (.afterValue, UInt8(ascii: ",")): return enter(closers.last == UInt8(ascii: "}") ? .key : .value)
        case (.afterValue, _): return byte == closers.last && close()
        default: return false
        }
    }

    private mutating func close() -> Bool {
        closers.removeLast()
        event = .close
        return enter(closers.isEmpty ? .done : .afterValue)
    }

    private mutating func beginValue(_ byte: UInt8) -> Bool {
        event = .valueStart(byte)
        switch byte {
        case UInt8(ascii: "{"): return open(UInt8(ascii: "}"), .firstKey)
        case UInt8(ascii: "["): return open(UInt8(ascii: "]"), .firstElement)
        case UInt8(ascii: "\""): return beginString(isKey: false)
        case UInt8(ascii: "-"): return enter(.minus)
        case UInt8(ascii: "0"): return enter(.zero)
        case UInt8(ascii: "1") ... UInt8(ascii: "9"): return enter(.digits)
        default: return beginWord(byte)
        }
    }

    private mutating func open(_ closer: UInt8, _ state: State) -> Bool {
        guard depth < JSONTracker.maximumDepth else { return false }
        closers.append(closer)
        return enter(state)
    }

    private mutating func beginWord(_ byte: UInt8) -> Bool {
        guard let word = JSONTracker.words.first(where: { $0[0] == byte }) else { return false }
        return enter(.word(word, next: 1))
    }

    private static let words = ["true", "false", "null", "NaN", "Infinity"].map { Array($0.utf8) }

    private mutating func beginString(isKey: Bool) -> Bool {
        stringIsKey = isKey
        stringStart = count - 1
        return enter(.string)
    }

    private mutating func advanceString(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""):
            event = stringIsKey ? .keyEnd : .stringEnd
            return enter(stringIsKey ? .colon : .afterValue)
        case UInt8(ascii: "\\"): return enter(.escape)
        default: return byte >= 0x20
        }
    }

    private mutating func advanceEscape(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "u"): return enter(.hexadecimal(left: 4))
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return enter(.string)
        default: return false
        }
    }

    private mutating func advanceNumber(_ byte: UInt8) -> Bool {
        let isDigit = byte &- UInt8(ascii: "0") < 10
        switch (state, byte) {
        case (.minus, UInt8(ascii: "0")): return enter(.zero)
        case (.minus, UInt8(ascii: "I")): return beginWord(byte)
        case (.minus, _) where isDigit, (.digits, _) where isDigit: return enter(.digits)
        case (.zero, UInt8(ascii: ".")), (.digits, UInt8(ascii: ".")): return enter(.point)
        case (.point, _) where isDigit, (.fraction, _) where isDigit: return enter(.fraction)
        case (.zero, UInt8(ascii: "e")), (.digits, UInt8(ascii: "e")), (.fraction, UInt8(ascii: "e")),
            (.zero, UInt8(ascii: "E")), (.digits, UInt8(ascii: "E")), (.fraction, UInt8(ascii: "E")):
            return enter(.exponent)
        case (.exponent, UInt8(ascii: "+")), (.exponent, UInt8(ascii: "-")): return enter(.exponentSign)
        case (.exponent, _) where isDigit, (.exponentSign, _) where isDigit, (.exponentDigits, _) where isDigit:
            return enter(.exponentDigits)
        case (.zero, _), (.digits, _), (.fraction, _), (.exponentDigits, _):
            state = .afterValue
            return byte.isJSONSpace || advanceStructure(byte)
        default: return false
        }
    }
}

extension UInt8 {
    /// Whether this is white space between the parts of JSON.
    var isJSONSpace: Bool { self == 0x20 || self == 0x0A || self == 0x0D || self == 0x09 }

    fileprivate var isHexadecimalDigit: Bool {
        switch self {
        case UInt8(ascii: "0") ... UInt8(ascii: "9"), UInt8(ascii: "a") ... UInt8(ascii: "f"),
            UInt8(ascii: "A") ... UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
