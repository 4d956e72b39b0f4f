import HayComponents
import HayJSON

/// The arguments of a call as servers write them: an object, or the text of one; nothing is an object without members.
///
/// Throws where they are something else.
func toolArguments(_ value: JSON?) throws -> JSON.Object {
    switch value {
    case .object(let members)?: members
    case nil, .null?, .string("")?: [:]
    case let other?: try ToolCall.arguments(inText: other.string ?? other.text())
    }
}
