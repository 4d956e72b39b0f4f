#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What is to be known of the addresses that requests go to.
public enum ServerAddress {
    /// Whether a text is an address of http or https with a host.
    public static func isHTTP(_ text: String) -> Bool {
        guard let colon = text.firstIndex(of: ":"), ["http", "https"].contains(text[..<colon].lowercased()) else {
            return false
        }
        let rest = text[text.index(after: colon)...]
        guard rest.hasPrefix("//") else { return false }
        return !rest.dropFirst(2).prefix { !"/?#".contains($0) }.isEmpty
    }

    /// The address, where a request can go there: one of http or https, whose port is one.
    static func url(_ text: String) -> URL? {
        guard isHTTP(text), let url = URL(string: text), let host = url.host(), !host.isEmpty else { return nil }
        return (1 ... 65535).contains(url.port ?? 80) ? url : nil
    }

    /// The port of an address, or that of its scheme.
    static func port(of url: URL) -> Int { url.port ?? (url.scheme?.lowercased() == "https" ? 443 : 80) }

    /// An address without what may be secret: a login, the query and the fragment.
    static func shown(_ text: String) -> String {
        let start = text.firstRange(of: "://")?.upperBound ?? text.startIndex
        var rest = text[start...]
        let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        let isWhole = url(text) != nil
        // Where the text is no address, what seems to be its path may be of a password.
        if let login = (isWhole ? rest[..<end] : rest).lastIndex(of: "@") { rest = rest[rest.index(after: login)...] }
        return String(text[..<start] + rest.prefix { $0 != "?" && $0 != "#" })
    }

    /// Where a server sends the clients of an address: what it says may leave out what stays the same.
    static func target(_ location: String, from text: String) -> String {
        URL(string: location, relativeTo: URL(string: text))?.absoluteString ?? location
    }

    /// Whether two addresses are of one server.
    static func isSameServer(_ text: String, _ other: String) -> Bool {
        guard let url = url(text), let second = self.url(other) else { return false }
        return url.scheme?.lowercased() == second.scheme?.lowercased()
            && url.host()?.lowercased() == second.host()?.lowercased() && port(of: url) == port(of: second)
    }
}
