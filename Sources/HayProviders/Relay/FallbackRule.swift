import HayComponents
import HayJSON

/// When another generator is asked in a generator's place.
public struct FallbackRule: Sendable, Equatable {
    /// The kinds of errors that another is asked after; nil means all. Cancelling is none.
    public var kinds: Set<ErrorKind>?
    /// The longest wait for a reply, or for the first chunk of one that is streamed, in seconds; nil sets no limit. A
    /// generator that takes long to heed cancelling is waited for.
    public var timeout: Double?

    /// A rule.
    public init(kinds: Set<ErrorKind>? = nil, timeout: Double? = nil) {
        self.kinds = kinds
        self.timeout = timeout
    }

    /// Whether another is asked after an error. One that is not classified counts as `ErrorKind.runtime`.
    func movesOn(after error: any Error) -> Bool {
        if case RelayError.noAnswer = error { return true }
        return kinds?.contains((error as? any ClassifiedError)?.kind ?? .runtime) ?? true
    }

    /// What files hold: what differs from the usual rule.
    var parameters: JSON.Object {
        var parameters: JSON.Object = [:]
        if let kinds { parameters.append("kinds", .array(kinds.map(\.rawValue).sorted().map(JSON.string))) }
        if let timeout { parameters.append("timeout", .double(timeout)) }
        return parameters
    }

    /// The rule that a component's parameters describe. Throws `ComponentError`.
    init(_ parameters: InitParameters) throws {
        kinds = try parameters.strings("kinds").map { names in
            Set(
                try names.map { name in
                    guard let kind = ErrorKind(rawValue: name) else {
                        throw ComponentError.wrongValue(
                            place: "kinds", expected: "kinds of errors such as timeout", found: "'\(name)'")
                    }
                    return kind
                })
        }
        timeout = try parameters.double("timeout")
    }
}
