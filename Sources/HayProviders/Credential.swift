/// The text that a request is allowed by; it is not shown when printed.
public struct Credential: Sendable, Equatable {
    /// The text.
    public let text: String

    /// A text that is not to be shown.
    public init(_ text: String) { self.text = text }

    /// Allows requests as OpenAI and Hugging Face want it.
    var bearer: Authorization { Authorization(header: "authorization", value: "Bearer \(text)", secret: text) }
}

extension Credential: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// That there is one; never the text.
    public var description: String { "Credential" }
    /// That there is one; never the text.
    public var debugDescription: String { description }
    /// Nothing, so that a dump does not show the text.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// What a request is allowed by: a header, and the text in it that must not be shown.
struct Authorization: Sendable {
    let header: String
    let value: String
    let secret: String

    /// Gives one for each request that is sent.
    typealias Source = @Sendable () async throws -> Authorization
}

extension ServerRequest {
    /// Adds what allows the request.
    mutating func allow(_ authorization: Authorization) {
        headers.replaceOrAdd(name: authorization.header, value: authorization.value)
        secrets.append(authorization.secret)
    }
}
