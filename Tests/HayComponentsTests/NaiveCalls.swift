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

    /// The call that an object is, or those within it.
    private static func calls(of object: JSON.Object) -> [ToolCall] {
        var wrapped = object["function"]?.object
        if wrapped.flatMap({ call($0, id: nil) }) == nil { wrapped = nil }
        if let call = call(wrapped ?? object, id: object["id"]) { return [call] }
        return object.values.flatMap(calls(within:))
    }

    private static func calls(within value: JSON) -> [ToolCall] {
        if let object = value.object { return calls(of: object) }
        return (value.array ?? []).flatMap(calls(within:))
    }

    private static func call(_ object: JSON.Object, id: JSON?) -> ToolCall? {
        guard let name = object["name"]?.string, !name.isEmpty else { return nil }
        let value = object["arguments"] ?? object["parameters"] ?? .null
        let arguments = value.object ?? value.string.flatMap { (try? JSON.parse($0))?.object }
        return arguments.map { ToolCall(toolName: name, arguments: $0, id: id?.string ?? object["id"]?.string) }
    }
}
