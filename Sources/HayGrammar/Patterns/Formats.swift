/// The formats of strings that can be written, each as texts that every validator accepts.
enum Formats {
    /// The names of all of them, for errors.
    static let names = ["date", "date-time", "duration", "email", "hostname", "ipv4", "ipv6", "time", "uri", "uuid"]

    /// Formats of the standard that are not written. Those that are not in it say nothing, as for validators.
    private static let unwritten: Set = [
        "idn-email", "idn-hostname", "iri", "iri-reference", "json-pointer", "regex", "relative-json-pointer",
        "uri-reference", "uri-template",
    ]

    /// Whether a name is that of a format which says something.
    static func isKnown(_ name: String) -> Bool { unwritten.contains(name) || expression(name) != nil }

    /// The expression of a format; nil for one that is not known.
    static func expression(_ name: String) -> String? {
        switch name {
        case "date": date
        case "time": time
        case "date-time": date + "T" + time
        case "duration": "P(?:\\d{1,3}W|\(days)(?:T\(hours))?|T\(hours))"
        case "email": "[A-Za-z0-9_]{1,20}(?:[.+-][A-Za-z0-9_]{1,20}){0,2}@\(label)(?:\\.\(label)){0,2}\\.[a-z]{2,10}"
        case "hostname": "\(label)(?:\\.\(label)){0,2}\\.[a-z]{2,10}"
        case "ipv4": "\(byte)(?:\\.\(byte)){3}"
        case "ipv6": ipv6
        case "uri":
            "(?:https?|ftp)://[a-z0-9]+(?:[.-][a-z0-9]+)*(?::[1-9]\\d{0,3})?(?:[/?]\(path)*)?(?:#\(path)*)?"
        case "uuid": uuid(version: "[1-5]")
        case "uuid1", "uuid2", "uuid3", "uuid4", "uuid5": uuid(version: name.suffix(1))
        default: nil
        }
    }

    private static func uuid(version: some StringProtocol) -> String {
        "[0-9a-f]{8}-[0-9a-f]{4}-\(version)[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    }

    /// The texts of a format.
    static func automaton(_ name: String) throws -> Automaton? {
        guard let expression = expression(name) else { return nil }
        return Automaton(try PatternReader.read("^(?:\(expression))$", path: name).expression)
    }

    /// Days of the calendar in years of four digits, a leap year's 29 February among them.
    private static let date =
        "(?:[1-9]\\d{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)"
        + "|02-(?:0[1-9]|1\\d|2[0-8]))"
        + "|(?:[1-9]\\d(?:0[48]|[2468][048]|[13579][26])|(?:[2468][048]|[13579][26])00)-02-29)"
    private static let time =
        "(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,9})?(?:Z|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)"
    private static let days = "(?:\\d{1,3}Y(?:\\d{1,3}M(?:\\d{1,3}D)?)?|\\d{1,3}M(?:\\d{1,3}D)?|\\d{1,3}D)"
    private static let hours = "(?:\\d{1,3}H(?:\\d{1,3}M(?:\\d{1,3}S)?)?|\\d{1,3}M(?:\\d{1,3}S)?|\\d{1,3}S)"
    private static let label = "[a-z0-9](?:[a-z0-9]|-[a-z0-9]){0,25}"
    private static let byte = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)"
    private static let path = "(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-F]{2})"
    private static let ipv6: String = {
        let group = "[0-9a-f]{1,4}"
        var forms = ["(?:\(group):){7}\(group)", "::", "(?:\(group):){1,7}:"]
        for before in 1 ... 6 { forms.append("(?:\(group):){\(before)}(?::\(group)){1,\(7 - before)}") }
        forms.append(":(?::\(group)){1,7}")
        return forms.joined(separator: "|")
    }()
}
