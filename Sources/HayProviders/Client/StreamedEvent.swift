import HayJSON

/// What events of a stream hold.
enum StreamedEvent {
    /// The JSON of an event.
    ///
    /// Throws `RemoteError` where it tells of an error, and what `invalid` makes of the reason where it is no JSON object.
    static func json(_ text: String, _ invalid: (String) -> RemoteError) throws -> JSON {
        let event: JSON
        do { event = try JSON.parse(text) } catch {
            throw invalid("an event is not JSON: \(error)")
        }
        guard event.object != nil else {
            throw invalid("an event is \(event.kind), expected an object")
        }
        guard let error = event["error"], says(error) else { return event }
        let message = error["message"]?.string ?? error.string ?? "the server told of an error within the stream"
        if let type = event["error_type"]?.string { throw RemoteError.generation(type: type, message: message) }
        throw RemoteError.inStream(message: message, body: error)
    }

    /// Whether an error is one; servers also write null, and what is empty.
    private static func says(_ error: JSON) -> Bool {
        switch error {
        case .null, .bool(false), .string(""): false
        case .object(let members): members.count > 0
        default: true
        }
    }
}
