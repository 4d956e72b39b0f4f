import HayJSON

/// The shapes in which models write tool calls as JSON objects.
///
/// An object is a call where it has a `name` or `tool_name`, a text that is not empty, and `arguments` or `parameters`,
/// an object or the text of one; or where such an object is its `function`. The first of repeated keys counts, and of two calls in
/// one object the one that is complete first.
enum ToolCallShape {
    /// The keys that names have, by model.
    static let nameKeys = ["name", "tool_name"]
    /// The keys that arguments have, by model.
    static let argumentKeys = ["arguments", "parameters"]

    /// The calls of an object: the one that it is, else those within its values.
    static func calls(in object: JSON.Object) -> [ToolCall] {
        if let call = call(object) { return [call] }
        return object.values.flatMap(calls(within:))
    }

    /// The calls of an object whose keys are tools' names and whose values are arguments; nil where it is no such object.
    static func callsKeyedByName(_ object: JSON.Object) -> [ToolCall]? {
        var calls: [ToolCall] = []
        for (name, value) in object {
            guard let arguments = value.object else { return nil }
            calls.append(ToolCall(toolName: name, arguments: arguments.withUniqueKeys))
        }
        return calls
    }

    private static func calls(within value: JSON) -> [ToolCall] {
        switch value {
        case .object(let object): calls(in: object)
        case .array(let elements): elements.flatMap(calls(within:))
        default: []
        }
    }

    private static func call(_ object: JSON.Object) -> ToolCall? {
        let plain = plainCall(object)
        let functionPlace = object.keys.firstIndex(of: "function")
        let function = functionPlace.flatMap { object.values[$0].object }.flatMap(plainCall)
        let id = id(of: object)
        if let function, let functionPlace, plain.map({ $0.end > functionPlace }) ?? true {
            return ToolCall(
                toolName: function.call.toolName, arguments: function.call.arguments, id: id ?? function.call.id)
        }
        return plain?.call
    }

    /// The call that an object itself is, and the place of the member that completes it.
    private static func plainCall(_ object: JSON.Object) -> (call: ToolCall, end: Int)? {
        guard let namePlace = object.keys.firstIndex(where: nameKeys.contains),
            let name = object.values[namePlace].string, !name.isEmpty,
            let argumentsPlace = object.keys.firstIndex(where: argumentKeys.contains),
            let arguments = arguments(object.values[argumentsPlace])
        else { return nil }
        let call = ToolCall(toolName: name, arguments: arguments, id: id(of: object))
        return (call, max(namePlace, argumentsPlace))
    }

    private static func arguments(_ value: JSON) -> JSON.Object? {
        switch value {
        case .object(let object): object.withUniqueKeys
        case .string(let text): try? ToolCall.arguments(inText: text)
        default: nil
        }
    }

    private static func id(of object: JSON.Object) -> String? {
        let place = object.keys.firstIndex(of: "id") ?? object.keys.firstIndex(of: "tool_call_id")
        return place.flatMap { object.values[$0].string }
    }
}
