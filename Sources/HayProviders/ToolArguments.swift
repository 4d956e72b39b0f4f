import HayComponents
import HayJSON

/// The arguments of a call as servers write them: the text of JSON, or an object as it is; nothing is an object without
/// members.
///
/// Throws where they are something else.
func toolArguments(_ value: JSON?) throws -> JSON {
    switch value {
    case nil, .null?, .string("")?: [:]
    case .object?: value ?? [:]
    case let other?: try ToolCall.givenArguments(inText: other.string ?? other.text())
    }
}
