import HayComponents
import HayJSON

extension ImageContent {
    /// The image at an address of http or https; its first bytes tell its type. Redirects are followed, as nothing goes
    /// along that is secret.
    ///
    /// - Parameters:
    ///   - timeout: the longest wait for a connection and for each piece, in seconds.
    ///   - maxRetries: how often it is asked for again.
    ///   - meta: what else is known of it; the address comes first, as `url`.
    ///   - sizeLimit: the most bytes that are read.
    ///   - environment: where a proxy is looked up.
    /// Throws `RemoteError` where it cannot be fetched, and `MessageError` where it is no image; PDF is none here.
    public init(
        url: String, detail: ImageDetail? = nil, timeout: Double = 10, maxRetries: Int = 2, meta: JSON.Object = [:],
        sizeLimit: Int = 64 << 20, environment: [String: String] = processEnvironment
    ) async throws {
        let options = try ClientOptions(timeout: timeout, kwargs: nil, address: url, environment: environment)
        let bytes = try await ServerClient(options).bytes(RetryPolicy(limit: maxRetries), limit: sizeLimit) {
            ServerRequest(method: .GET, url: url, redirectLimit: 5)
        }
        let place: JSON.Object = ["url": .string(url)]
        try self.init(
            bytes, of: ServerRequest(url: url).shownURL, detail: detail, meta: place.overlaid(by: meta))
    }
}
