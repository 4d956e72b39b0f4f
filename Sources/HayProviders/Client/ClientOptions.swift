import AsyncHTTPClient
import HayComponents
import HayJSON
import NIOCore
import NIOHTTP1
import NIOSSL

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How a client connects, and what it adds to every request.
struct ClientOptions: Sendable {
    /// How it connects. Redirects are not followed, as keys would go along; nothing is sent twice by itself.
    var configuration: HTTPClient.Configuration
    /// Headers of every request, unless it has one of the name.
    var headers: HTTPHeaders = [:]
    /// What every address gets as its query, by name.
    var query: [(name: String, value: String)] = []
    /// Goes before every other authorization.
    var login: Login?
    /// The longest silence of a server; nil sets no limit.
    var timeout: TimeAmount?

    /// What must not be shown in errors: values, and the words in them, as a scheme may stand before a token.
    var secrets: [String] {
        let shown = ["user-agent", "accept", "content-type"]
        let values = headers.filter { !shown.contains($0.name.lowercased()) }.map(\.value)
        let words = values.flatMap { $0.split { " ;=,".contains($0) }.map(String.init) }
        return values + words + query.flatMap { [$0.value, $0.value.percentEncoded] } + (login?.secrets ?? [])
    }

    /// The options of a client without any of its own.
    ///
    /// - Parameter timeout: the longest wait for a connection and for each piece of a reply, in seconds; nil sets no limit.
    /// Throws `ProviderError` where that is less than nothing.
    init(timeout: Double?) throws {
        if let timeout, !(timeout >= 0) {
            throw ProviderError.wrongOption("timeout", expected: "0 seconds or more, found \(timeout)")
        }
        configuration = HTTPClient.Configuration(redirectConfiguration: .disallow, decompression: .disabled)
        if let timeout, timeout.isFinite {
            // More than a lifetime would overflow the clock.
            let limit = TimeAmount.nanoseconds(Int64(min(timeout, 1e9) * 1e9))
            configuration.timeout = .init(connect: limit)
            self.timeout = limit
        }
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1000
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.tracing.tracer = nil  // a trace would hold whole addresses
        headers.add(name: "user-agent", value: "Hayloft")
    }

    /// The options that `http_client_kwargs` says, under the names that the Python client httpx has for them. Through a
    /// proxy every request takes a tunnel, those of http too.
    ///
    /// - Parameters:
    ///   - address: where requests will go; says which of the environment's proxies is right.
    /// Throws `ComponentError` for names without a meaning here, and `ProviderError`.
    init(timeout: Double?, kwargs: JSON.Object?, address: String, environment: [String: String]) throws {
        try self.init(timeout: timeout)
        let reader = try DictionaryReader(
            .object(kwargs ?? [:]), place: "http_client_kwargs",
            known: [
                "auth", "cert", "cookies", "follow_redirects", "headers", "http2", "limits", "params", "proxy",
                "trust_env", "verify",
            ])
        let trustsEnvironment = try reader.optionalBool("trust_env") ?? true
        let surroundings = trustsEnvironment ? environment : [:]
        try addHeaders(reader.optionalObject("headers"), place: "http_client_kwargs.headers")
        try addCookies(reader.optionalObject("cookies"), place: "http_client_kwargs.cookies")
        if let pair = try reader.optionalStrings("auth") {
            guard pair.count == 2 else { throw ProviderError.wrongOption("auth", expected: "a user and a password") }
            login = Login(user: pair[0], password: pair[1])
        }
        for (name, value) in try reader.optionalObject("params") ?? [:] {
            query.append((name, value.string ?? value.description))
        }
        if try reader.optionalBool("follow_redirects") == true { throw ProviderError.redirects }
        if try reader.optionalBool("http2") == false { configuration.httpVersion = .http1Only }
        try addLimits(reader.optionalObject("limits"))
        configuration.tlsConfiguration = try ClientOptions.security(reader, surroundings)
        configuration.proxy =
            try reader.optionalString("proxy").map { try ProxySettings.proxy($0) }
            ?? ProxySettings.proxy(for: address, in: surroundings)
    }

    /// The longest silence of a server that answers a request; nil sets no limit.
    ///
    /// Throws `ProviderError` where the request's own is less than nothing.
    func limit(of request: ServerRequest) throws -> TimeAmount? {
        try request.timeout.map { try ClientOptions(timeout: $0).timeout } ?? timeout
    }

    mutating func addHeaders(_ members: JSON.Object?, place: String) throws {
        for (name, value) in try ClientOptions.texts(members, place) { headers.replaceOrAdd(name: name, value: value) }
    }

    mutating func addCookies(_ members: JSON.Object?, place: String) throws {
        let cookies = try ClientOptions.texts(members, place).map { "\($0)=\($1)" }
        if !cookies.isEmpty { headers.replaceOrAdd(name: "cookie", value: cookies.joined(separator: "; ")) }
    }

    private static func texts(_ members: JSON.Object?, _ place: String) throws -> [(String, String)] {
        try DictionaryReader(.object(members ?? [:]), place: place).readAll("a string", \.string)
    }

    /// Idle connections are kept until they expire; `max_keepalive_connections` has nothing to limit.
    private mutating func addLimits(_ members: JSON.Object?) throws {
        let reader = try DictionaryReader(
            .object(members ?? [:]), place: "http_client_kwargs.limits",
            known: ["max_connections", "max_keepalive_connections", "keepalive_expiry"])
        _ = try reader.optionalInt("max_keepalive_connections")
        if let count = try reader.optionalInt("max_connections") {
            guard count > 0 else { throw ProviderError.wrongOption("limits.max_connections", expected: "above 0") }
            configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = count
        }
        if let seconds = try reader.optionalDouble("keepalive_expiry") {
            guard seconds >= 0 else {
                throw ProviderError.wrongOption("limits.keepalive_expiry", expected: "0 seconds or more")
            }
            configuration.connectionPool.idleTimeout = .nanoseconds(Int64(min(seconds, 1e9) * 1e9))
        }
    }

    /// Which certificates are believed, and which one the client shows.
    private static func security(
        _ reader: DictionaryReader, _ environment: [String: String]
    ) throws -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        let files = ["SSL_CERT_FILE", "SSL_CERT_DIR"].lazy.compactMap { environment[$0] }
        if let file = files.first(where: { !$0.isEmpty }) { tls.trustRoots = try trust(file) }
        switch reader.optional("verify") {
        case nil, .bool(true)?: break
        case .bool(false)?: tls.certificateVerification = .none
        case .string(let file)?: tls.trustRoots = try trust(file)
        case let other?:
            throw ProviderError.wrongOption(
                "verify", expected: "a boolean or a file of certificates, found \(other.kind)")
        }
        if reader.optional("cert") != nil { try show(reader, &tls) }
        return tls
    }

    /// Certificates to believe: a file of them, or a folder.
    private static func trust(_ path: String) throws -> NIOSSLTrustRoots {
        do {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            if attributes[.type] as? FileAttributeType != .typeDirectory { _ = try NIOSSLCertificate.fromPEMFile(path) }
        } catch {
            throw ProviderError.wrongOption("verify", expected: "a file of certificates in PEM: \(path): \(error)")
        }
        return .file(path)
    }

    /// Has the client show a certificate.
    private static func show(_ reader: DictionaryReader, _ tls: inout TLSConfiguration) throws {
        let files = try reader.optional("cert")?.string.map { [$0] } ?? reader.strings("cert")
        guard let chain = files.first, files.count <= 2, let key = files.last else {
            throw ProviderError.wrongOption("cert", expected: "a file, or a file of certificates and one of their key")
        }
        do {
            tls.certificateChain = try NIOSSLCertificate.fromPEMFile(chain).map { .certificate($0) }
            tls.privateKey = .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
        } catch {
            throw ProviderError.wrongOption("cert", expected: "a readable certificate and key in PEM: \(error)")
        }
    }
}
