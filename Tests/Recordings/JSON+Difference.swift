import HayJSON

extension JSON {
    /// Where and how a value differs from what is expected; nil when it does not: the order of keys does not matter, and 1
    /// is 1.0.
    public func difference(from expected: JSON, at path: String = "$") -> String? {
        switch (self, expected) {
        case (.object(let members), .object(let expectedMembers)):
            for key in Set(members.keys).union(expectedMembers.keys).sorted() {
                guard let value = members[key] else { return "\(path).\(key) is missing" }
                guard let expectedValue = expectedMembers[key] else { return "\(path).\(key) is too much: \(value)" }
                if let found = value.difference(from: expectedValue, at: "\(path).\(key)") { return found }
            }
            return nil
        case (.array(let elements), .array(let expectedElements)):
            guard elements.count == expectedElements.count else {
                return "\(path) has \(elements.count) elements, expected \(expectedElements.count)"
            }
            return zip(elements, expectedElements).enumerated().lazy
                .compactMap { index, pair in pair.0.difference(from: pair.1, at: "\(path)[\(index)]") }.first
        default:
            return isSame(expected) ? nil : "\(path) is \(self), expected \(expected)"
        }
    }

    /// Whether this is the same as another value that is no list and no dictionary. Two integers are compared as such.
    private func isSame(_ other: JSON) -> Bool {
        switch (self, other) {
        case (.double(let number), .double(let otherNumber)):
            number == otherNumber || (number.isNaN && otherNumber.isNaN)
        case (.double(let number), _): number == other.double
        case (_, .double(let number)): number == double
        default: self == other
        }
    }

    /// How what an attempt ends in differs from what is recorded here as `result` or `error`; nil when it does not.
    ///
    /// - Parameter comparable: takes out of both results what is not to be compared.
    public func difference(_ comparable: (JSON) -> JSON = { $0 }, _ attempt: () throws -> JSON) -> String? {
        do {
            let value = try attempt()
            if let error = self["error"] { return "\(value) instead of the error \(error)" }
            return comparable(value).difference(from: comparable(self["result"] ?? .null))
        } catch {
            guard let expected = self["error"] else { return "the error '\(error)' instead of a result" }
            return RecordedError(expected).difference(from: error)
        }
    }
}
