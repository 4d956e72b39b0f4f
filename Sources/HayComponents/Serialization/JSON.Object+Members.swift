import HayJSON

extension JSON.Object {
    /// Gives a key a value: in its place when it is there, else at the end.
    package mutating func set(_ key: String, to value: JSON) {
        guard let index = keys.lastIndex(of: key) else { return append(key, value) }
        var members = Array(self)
        members[index].1 = value
        self = JSON.Object(members)
    }

    /// Takes a key out, wherever it stands.
    package mutating func remove(_ key: String) {
        guard keys.contains(key) else { return }
        self = JSON.Object(filter { $0.0 != key })
    }

    /// These members with others in place of those of the same name, and the rest of the others at the end. Each key
    /// stands once, at its first place and with its last value; nothing within a value is combined.
    package func overlaid(by others: JSON.Object) -> JSON.Object {
        var places: [String: Int] = [:]
        var members: [(String, JSON)] = []
        for (key, value) in Array(self) + Array(others) {
            if let place = places[key] {
                members[place].1 = value
            } else {
                places[key] = members.count
                members.append((key, value))
            }
        }
        return JSON.Object(members)
    }

    /// The object with each key once, here and below, at its first place and with its last value, as Python reads it.
    var withUniqueKeys: JSON.Object {
        JSON.Object(JSON.Object().overlaid(by: self).map { ($0, $1.withUniqueKeys) })
    }
}

extension JSON {
    /// The value with each key of an object once, as Python reads it.
    var withUniqueKeys: JSON {
        switch self {
        case .object(let object): .object(object.withUniqueKeys)
        case .array(let elements): .array(elements.map(\.withUniqueKeys))
        default: self
        }
    }
}
