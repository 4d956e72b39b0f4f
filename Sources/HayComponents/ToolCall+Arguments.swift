import HayJSON

/// Why a text is not the arguments of a call.
struct ArgumentsError: Error, CustomStringConvertible {
    let description: String
}

extension ToolCall {
    /// The arguments of a call that were given as text: a JSON object. Of a repeated name the last value counts.
    static func arguments(inText text: String) throws -> JSON.Object {
        do {
            let value = try JSON.parse(text)
            guard let object = value.object else { throw ArgumentsError(description: "it is \(value.kind)") }
            return object.withUniqueKeys
        } catch let error as JSONError {
            throw ArgumentsError(description: error.description)
        }
    }
}

extension JSON.Object {
    /// The object with each key once, here and below, at its first place and with its last value, as Python reads it.
    var withUniqueKeys: JSON.Object {
        var places: [String: Int] = [:]
        var members: [(String, JSON)] = []
        for (key, value) in self {
            if let place = places.updateValue(members.count, forKey: key) {
                places[key] = place
                members[place].1 = value.withUniqueKeys
            } else {
                members.append((key, value.withUniqueKeys))
            }
        }
        return JSON.Object(members)
    }
}

extension JSON {
    fileprivate var withUniqueKeys: JSON {
        switch self {
        case .object(let object): .object(object.withUniqueKeys)
        case .array(let elements): .array(elements.map(\.withUniqueKeys))
        default: self
        }
    }
}
