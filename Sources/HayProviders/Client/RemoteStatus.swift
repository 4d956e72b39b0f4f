import HayJSON
import NIOHTTP1

/// A reply whose status tells of an error.
public struct RemoteStatus: Sendable, Equatable, CustomStringConvertible {
    /// The HTTP status.
    public let status: Int
    /// Where the request went, without what may be secret.
    public let url: String
    /// The server's words.
    public let message: String
    /// The server's code of the error.
    public let code: String?
    /// The parameter that the server finds fault with.
    public let param: String?
    /// The server's sort of error.
    public let type: String?
    /// What the provider's support knows the request by.
    public let requestID: String?
    /// What the server sent: its `error` where there is one, else the whole body; a text where it is no JSON.
    public let body: JSON
    /// What text-generation-inference calls this sort of error.
    let generationType: String?
    /// How long the server wants clients to wait before they ask again, in seconds.
    public let retryAfter: Double?
    /// Whether another try may go better.
    public let isTemporary: Bool

    /// What a reply says. The request's secrets are left out of all texts.
    init(_ head: HTTPResponseHead, of request: ServerRequest, body text: String) {
        let headers = head.headers
        let whole = request.shown((try? JSON.parse(text)) ?? .string(text))
        status = Int(head.status.code)
        url = request.shownURL
        body = whole["error"] ?? whole
        generationType = whole["error_type"]?.string
        let words = [body["message"], whole["error"], whole["message"], whole["detail"]]
        message = request.shown(words.lazy.compactMap { $0?.string }.first ?? whole.string ?? whole.text())
        code = body["code"].flatMap { $0.string ?? $0.int.map { String($0) } }
        param = body["param"]?.string
        type = body["type"]?.string ?? generationType
        let id = headers.first(name: "x-request-id") ?? headers.first(name: "apim-request-id")
        requestID = id.map { request.shown($0) }
        retryAfter = RetryPolicy.askedDelay(headers)
        isTemporary = RetryPolicy.isTemporary(status: Int(head.status.code), headers)
    }

    /// The error in one sentence, and what may be done.
    public var description: String {
        var text = "\(url) answered with status \(status)"
        if !message.isEmpty { text += ": \(message)" }
        if let param { text += " (parameter `\(param)`)" }
        if let requestID { text += " (request \(requestID))" }
        return advice.map { "\(text); \($0)" } ?? text
    }

    private var advice: String? {
        switch status {
        case 401, 403: "see to the component's key or token"
        case 404: "see to the component's address, and the name of its model or deployment"
        case 408, 504: "a greater `timeout` or more `max_retries` may help"
        case 413: "send less at once"
        case 429: "wait, or allow for more `max_retries`"
        default: nil
        }
    }
}
