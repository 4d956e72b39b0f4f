import Foundation
import HayComponents
import HayJSON
import NIOSSL
import TestSupport
import Testing

@testable import HayProviders

/// A certificate for the loopback address, made by the program openssl.
private struct Certificate {
    private let folder = TemporaryFolder()
    let context: NIOSSLContext
    var file: String { "\(folder.path)/certificate.pem" }

    static let canBeMade = FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")

    init() throws {
        let key = "\(folder.path)/key.pem", file = "\(folder.path)/certificate.pem"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = [
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
            "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", file,
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        let chain = try NIOSSLCertificate.fromPEMFile(file).map { NIOSSLCertificateSource.certificate($0) }
        context = try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: chain, privateKey: .privateKey(NIOSSLPrivateKey(file: key, format: .pem))))
    }
}

@Suite("Certificates of servers", .enabled(if: Certificate.canBeMade, "there is no openssl to make one"))
struct SecurityTests {
    /// The reply of a server, or nil where it is refused.
    private func reply(
        _ server: MockServer, _ kwargs: JSON.Object, _ environment: [String: String] = [:]
    ) async throws -> String? {
        let url = server.url.replacing("http://", with: "https://")
        let generator = try OpenAIGenerator(
            apiKey: .token("k"), apiBaseURL: url, maxRetries: 0, httpClientKwargs: kwargs, environment: environment)
        do {
            return try await generator.run("Hi").replies.first
        } catch let error as RemoteError {
            #expect(error.kind == .connection)
            return nil
        }
    }

    @Test("an unknown certificate is refused, unless it is given, or none is asked for")
    func verification() async throws {
        let certificate = try Certificate(), file = certificate.file
        try await MockServer.run(security: certificate.context) { _, reply in
            try await reply.send(textReply("Hello"))
        } _: { server in
            let known = ["SSL_CERT_FILE": file]
            let replies = [
                try await reply(server, [:]), try await reply(server, ["trust_env": false], known),
                try await reply(server, ["verify": .string(file)]), try await reply(server, ["verify": false]),
                try await reply(server, [:], known),
            ]
            #expect(replies == [nil, nil, "Hello", "Hello", "Hello"])
            #expect(server.requests.count == 3)
        }
    }
}
