import HayJSON

/// Why a text is not the arguments of a call.
struct ArgumentsError: Error, CustomStringConvertible {
    let description: String
}

extension ToolCall {
    /// The arguments of a call that were given as text: a JSON object. Of a repeated name the last value counts.
    package static func arguments(inText text: String) throws -> JSON.Object {
        let value = try givenArguments(inText: text)
        guard let object = value.object else { throw ArgumentsError(description: "it is \(value.kind)") }
        return object
    }

    /// What a text gives as the arguments of a call: any JSON. Of a repeated name the last value counts.
    package static func givenArguments(inText text: String) throws -> JSON {
        do {
            return try JSON.parse(text).withUniqueKeys
        } catch let error as JSONError {
            throw ArgumentsError(description: error.description)
        }
    }
}
