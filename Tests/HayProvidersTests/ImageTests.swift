import HayComponents
import HayProviders
import Testing

@Suite("Images at addresses")
struct ImageTests {
    @Test("are fetched, through redirects, and told by their bytes")
    func fetched() async throws {
        let png = Array("\u{0}PNG\r\n\u{1A}\n".utf8).enumerated().map { $0 == 0 ? 0x89 : $1 }
        try await MockServer.run { request, reply in
            switch request.path {
            case "/moved": try await reply.send(status: 302, headers: [("location", "/image")], "")
            case "/image":
                try await reply.write("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 8\r\n\r\n")
                try await reply.write(png)
            case "/pdf": try await reply.send("%PDF-1.7")
            case "/page": try await reply.send(type: "image/png", "<html>")
            case "/circle": try await reply.send(status: 302, headers: [("location", "/circle")], "")
            default: try await reply.send(status: 404, "no such image")
            }
        } _: { server in
            func image(_ path: String, limit: Int = 100) async throws -> ImageContent {
                try await ImageContent(
                    url: server.url + path, detail: .low, timeout: 120, maxRetries: 0, meta: ["a": 1], sizeLimit: limit,
                    environment: [:])
            }
            let found = try await image("/moved")
            #expect(found.mimeType == "image/png" && found.base64 == "iVBORw0KGgo=" && found.detail == .low)
            #expect(found.meta == ["url": .string(server.url + "/moved"), "a": 1])
            await #expect(throws: MessageError.notAnImage(server.url + "/pdf", found: "a PDF document")) {
                try await image("/pdf")
            }
            await #expect(throws: MessageError.self) { try await image("/page") }
            for path in ["/circle", "/none"] {
                await #expect(throws: RemoteError.self) { try await image(path) }
            }
            await #expect(throws: RemoteError.replyTooLarge(url: server.url + "/image", limit: 7)) {
                try await image("/image", limit: 7)
            }
        }
    }
}
