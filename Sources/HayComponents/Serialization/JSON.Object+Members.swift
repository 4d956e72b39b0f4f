import HayJSON

extension JSON.Object {
    /// Gives a key a value: in its place when it is there, else at the end.
    package mutating func set(_ key: String, to value: JSON) {
        guard let index = keys.lastIndex(of: key) else { return append(key, value) }
        var members = Array(zip(keys, values))
        members[index].1 = value
        self = JSON.Object(members.map { ($0.0, $0.1) })
    }

    /// Adds a member where there is none of its name.
    package mutating func setDefault(_ key: String, _ value: JSON) {
        if self[key] == nil { append(key, value) }
    }
}
