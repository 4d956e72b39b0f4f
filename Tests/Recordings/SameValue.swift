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
            if self == expected { return nil }
            if let number = double, let expectedNumber = expected.double {
                if number == expectedNumber || (number.isNaN && expectedNumber.isNaN) { return nil }
            }
            return "\(path) is \(self), expected \(expected)"
        }
    }
}
