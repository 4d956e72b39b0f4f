#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Paths as people write them in variables: `~/models`, `$HOME/models`, `${DATA}/models`.
struct PathExpansion {
    /// Where variables are looked up.
    let environment: [String: String]

    /// The path with a leading `~` or `~user`, then `$NAME` and `${NAME}`, replaced, as Python's `expandvars(expanduser(…))`
    /// does it. Names that nothing is known of stay.
    func expanded(_ path: String) -> String { expandingVariables(expandingHome(path)) }

    private func expandingHome(_ path: String) -> String {
        guard path.hasPrefix("~") else { return path }
        let user = path.dropFirst().prefix { $0 != "/" }
        let rest = path.dropFirst(1 + user.count)
        let home = user.isEmpty ? environment["HOME"] ?? folder(getpwuid(getuid())) : folder(getpwnam(String(user)))
        guard var home else { return path }
        while home.hasSuffix("/"), home.count > 1 || rest.hasPrefix("/") { home.removeLast() }
        return home + rest
    }

    private func folder(_ entry: UnsafeMutablePointer<passwd>?) -> String? {
        entry?.pointee.pw_dir.map { String(cString: $0) }
    }

    private func expandingVariables(_ path: String) -> String {
        var result = "", rest = path[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            let after = rest[rest.index(after: dollar)...]
            let (name, end) = PathExpansion.name(after)
            if let value = name.flatMap({ environment[$0] }) {
                result += value
            } else {
                result += rest[dollar ..< end]
            }
            rest = rest[end...]
        }
        return result + rest
    }

    /// The name at the start of what follows a dollar sign, and where it ends.
    private static func name(_ text: Substring) -> (String?, Substring.Index) {
        if text.first == "{", let close = text.firstIndex(of: "}") {
            return (String(text[text.index(after: text.startIndex) ..< close]), text.index(after: close))
        }
        let name = text.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        return (name.isEmpty ? nil : String(name), name.endIndex)
    }
}
