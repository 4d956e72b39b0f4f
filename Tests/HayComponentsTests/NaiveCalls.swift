import HayJSON

@testable import HayComponents

/// Finds calls the slow way: at each brace, it tries every end that makes an object.
enum NaiveCalls {
    static func calls(in text: String) -> [ToolCall] {
        let bytes = Array(text.utf8)
        var calls: [ToolCall] = []
        var position = 0
        while position < bytes.count {
            guard bytes[position] == UInt8(ascii: "{"), let (object, end) = object(in: bytes, at: position) else {
                position += 1
                continue
            }
            calls += self.calls(of: object)
            position = end
        }
        return calls
    }

    private static func object(in bytes: [UInt8], at start: Int) -> (JSON.Object, end: Int)? {
        for end in start + 1 ... bytes.count where bytes[end - 1] == UInt8(ascii: "}") {
            if let object = (try? JSON.parse(Array(bytes[start ..< end])))?.object { return (object, end) }
        }
        return nil
    }

    /// The call that an object is as soon as its first members make one, or those within it.
    private static func calls(of object: JSON.Object) -> [ToolCall] {
        for count in 1 ... max(object.count, 1) {
            let members = JSON.Object(Array(object.prefix(count)))
            let id = (first("id", of: object) ?? first("tool_call_id", of: object))?.string
            if let call = call(members) { return [ToolCall(toolName: call.name, arguments: call.arguments, id: id)] }
            guard let function = first("function", of: members)?.object, let call = call(function) else { continue }
            let ownID = (first("id", of: function) ?? first("tool_call_id", of: function))?.string
            return [ToolCall(toolName: call.name, arguments: call.arguments, id: id ?? ownID)]
        }
        return object.values.flatMap(calls(within:))
    }

    private static func calls(within value: JSON) -> [ToolCall] {
        if let object = value.object { return calls(of: object) }
        return (value.array ?? []).flatMap(calls(within:))
    }

    private static func call(_ object: JSON.Object) -> (name: String, arguments: JSON.Object)? {
        guard let name = object.first(where: { $0.0 == "name" || $0.0 == "tool_name" })?.1.string, !name.isEmpty,
            let value = object.first(where: { $0.0 == "arguments" || $0.0 == "parameters" })?.1,
            let arguments = value.object ?? value.string.flatMap({ (try? JSON.parse($0))?.object })
        else { return nil }
        return (name, arguments)
    }

    private static func first(_ key: String, of object: JSON.Object) -> JSON? {
        object.first { $0.0 == key }?.1
    }
}
