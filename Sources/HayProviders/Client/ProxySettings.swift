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
        guard let url = URL(string: address), let host = url.host(), !host.isEmpty else {
            throw ProviderError.wrongProxy
        }
        switch url.scheme?.lowercased() {
        case "http":
            let login = url.user().map { HTTPClient.Authorization.basic(username: $0, password: url.password() ?? "") }
            return .server(host: host, port: url.port ?? 80, authorization: login)
        case "socks5", "socks5h": return .socksServer(host: host, port: url.port ?? 1080)
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
        return isException(host.lowercased(), url.port, in: exceptions.lowercased()) ? nil : try proxy(text)
    }

    /// Whether a list names a host: itself, a domain that it is in, or all by `*`; of one port where one is given.
    private static func isException(_ host: String, _ port: Int?, in list: String) -> Bool {
        list.split { $0 == "," || $0 == " " }.contains { entry in
            if entry == "*" { return true }
            let parts = entry.split(separator: ":", maxSplits: 1)
            if parts.count == 2, Int(parts[1]) != port { return false }
            let name = parts[0].drop { $0 == "*" || $0 == "." }
            return host == name || host.hasSuffix(".\(name)")
        }
    }
}
