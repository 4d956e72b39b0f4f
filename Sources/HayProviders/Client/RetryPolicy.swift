import NIOHTTP1

/// When a request is sent again, and how long is waited before.
struct RetryPolicy: Sendable {
    /// How often a request is sent again at most.
    let limit: Int

    /// Nothing is sent again.
    static let never = RetryPolicy(limit: 0)

    /// Whether another try may go better. A request may have been carried out although its reply did not come; that is
    /// as with OpenAI's own client.
    func allows(_ error: RemoteError, after retries: Int) -> Bool {
        guard retries < limit else { return false }
        return switch error {
        case .status(let status): status.isTemporary
        case .timedOut, .connection: true
        default: false
        }
    }

    /// Waits before retry number `retry`, from 0: as long as the server asks for, up to a minute; else twice as long each
    /// time, up to eight seconds, less up to a quarter, so that clients that failed together do not come back together.
    func pause(before retry: Int, after error: RemoteError) async throws {
        let outside = Outside.current
        if case .status(let status) = error, let asked = status.retryAfter, asked > 0, asked <= 60 {
            return try await outside.sleep(asked)
        }
        let seconds = retry < 4 ? 0.5 * Double(1 << retry) : 8
        try await outside.sleep(seconds * outside.jitter())
    }

    /// Whether a status is a reason to try again, unless the server says what is to be done.
    static func isTemporary(status: Int, _ headers: HTTPHeaders) -> Bool {
        switch headers.first(name: "x-should-retry")?.lowercased() {
        case "true": true
        case "false": false
        default: status == 408 || status == 409 || status == 429 || status >= 500
        }
    }

    /// How long the server wants clients to wait, in seconds: given in milliseconds, in seconds, or as a date.
    static func askedDelay(_ headers: HTTPHeaders) -> Double? {
        if let milliseconds = headers.first(name: "retry-after-ms").flatMap(Double.init) { return milliseconds / 1000 }
        guard let text = headers.first(name: "retry-after") else { return nil }
        return Double(text) ?? WallTime.seconds(until: text)
    }
}
