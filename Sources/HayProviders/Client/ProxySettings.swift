import AsyncHTTPClient

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Finds the proxy that requests go through.
enum ProxySettings {
    /// The proxy of an address: `http://user:password@proxy.example:3128`, or `socks5://…`.
    ///
    /// Throws `ProviderError`.
    static func proxy(_ text: String) throws -> HTTPClient.Configuration.Proxy {
        let address = text.contains("://") ? text : "http://\(text)"
        guard let url = URL(string: address), let host = url.host(), !host.isEmpty,
            (1 ... 65535).contains(url.port ?? 80)
        else { throw ProviderError.wrongProxy }
        switch url.scheme?.lowercased() {
        case "http":
            var plain = url
            let login = plain.removeLogin().map {
                HTTPClient.Authorization.basic(username: $0.user, password: $0.password)
            }
            return .server(host: host, port: url.port ?? 80, authorization: login)
        case "socks5", "socks5h":
            guard url.user() == nil else { throw ProviderError.wrongProxy }
            return .socksServer(host: host, port: url.port ?? 1080)
        default: throw ProviderError.wrongProxy
        }
    }

    /// The proxy that the environment has for an address: `HTTPS_PROXY` or `HTTP_PROXY`, else `ALL_PROXY`, unless
    /// `NO_PROXY` names the host; in lower case too.
    ///
    /// Throws `ProviderError`.
    static func proxy(
        for address: String, in environment: [String: String]
    ) throws -> HTTPClient.Configuration.Proxy? {
        func variable(_ name: String) -> String? {
            (environment[name.lowercased()] ?? environment[name]).flatMap { $0.isEmpty ? nil : $0 }
        }
        guard let url = URL(string: address), let scheme = url.scheme?.uppercased(), let host = url.host() else {
            return nil
        }
        guard let text = variable("\(scheme)_PROXY") ?? variable("ALL_PROXY") else { return nil }
        let exceptions = variable("NO_PROXY") ?? ""
        return isException(url, host.lowercased(), in: exceptions.lowercased()) ? nil : try proxy(text)
    }

    /// Whether a list names a host: itself, a domain that it is in, or all by `*`; of one port where one is given.
    private static func isException(_ url: URL, _ host: String, in list: String) -> Bool {
        list.split { $0 == "," || $0 == " " }.contains { entry in
            if entry == "*" { return true }
            // Only one colon can stand before a port, unless the rest is in brackets: others are of IPv6.
            let colon = entry.lastIndex(of: ":")
            let hasPort = colon.map { entry[..<$0].last == "]" || !entry[..<$0].contains(":") } ?? false
            var name = entry
            if hasPort, let colon {
                guard Int(entry[colon...].dropFirst()) == ServerAddress.port(of: url) else { return false }
                name = entry[..<colon]
            }
            name = name.drop { "*.[".contains($0) }
            if name.last == "]" { name.removeLast() }
            let plain = host.drop { $0 == "[" }.prefix { $0 != "]" }
            return !name.isEmpty && (plain == name || !name.contains(":") && plain.hasSuffix(".\(name)"))
        }
    }
}
