import HayJSON

/// Watches an object come byte by byte, and tells when it is sure to be a call: its name is known and its arguments
/// begin.
///
/// Follows `ToolCallShape`: where that has to see the whole object, this never tells.
struct ToolCallOutline {
    private struct Level {
        var key = ""
        var name: String?
        var nameIsNext = false
        var hasName = false
        var hasArguments = false
    }

    private var object = Level()
    private var function = Level()
    private var isInFunction = false
    private var hasFunction = false
    private var functionIsObject = false

    /// Takes the event of the last byte. Gives the tool's name when that byte opens the arguments.
    mutating func follow(_ event: JSONTracker.Event, _ tracker: JSONTracker, _ bytes: ArraySlice<UInt8>) -> String? {
        var depth = tracker.depth
        switch event {
        case .close:
            if depth == 1 { isInFunction = false }
            return nil
        case .valueStart(UInt8(ascii: "{")), .valueStart(UInt8(ascii: "[")): depth -= 1
        default: break
        }
        if depth == 1 {
            return begins(event, in: \.object, tracker, bytes)
        } else if depth == 2, isInFunction {
            return begins(event, in: \.function, tracker, bytes)
        }
        return nil
    }

    private mutating func begins(
        _ event: JSONTracker.Event, in level: WritableKeyPath<ToolCallOutline, Level>, _ tracker: JSONTracker,
        _ bytes: ArraySlice<UInt8>
    ) -> String? {
        switch event {
        case .close: break
        case .keyEnd: self[keyPath: level].key = text(tracker, bytes) ?? ""
        case .stringEnd:
            guard self[keyPath: level].nameIsNext else { break }
            self[keyPath: level].nameIsNext = false
            if let name = text(tracker, bytes), !name.isEmpty { self[keyPath: level].name = name }
        case .valueStart(let byte):
            return valueBegins(with: byte, in: level)
        }
        return nil
    }

    private mutating func valueBegins(
        with byte: UInt8, in level: WritableKeyPath<ToolCallOutline, Level>
    ) -> String? {
        let key = self[keyPath: level].key
        if ToolCallShape.nameKeys.contains(key), !self[keyPath: level].hasName {
            self[keyPath: level].hasName = true
            self[keyPath: level].nameIsNext = byte == UInt8(ascii: "\"")
        } else if ToolCallShape.argumentKeys.contains(key), !self[keyPath: level].hasArguments {
            self[keyPath: level].hasArguments = true
            // Within a function the object may be a call itself already; after one it may be the function's.
            let isFirst = isInFunction ? !object.hasArguments : !functionIsObject
            if byte == UInt8(ascii: "{"), isFirst { return self[keyPath: level].name }
        } else if key == "function", !isInFunction, !hasFunction {
            hasFunction = true
            functionIsObject = byte == UInt8(ascii: "{")
            isInFunction = functionIsObject
        }
        return nil
    }

    /// The string that ends with the last byte.
    private func text(_ tracker: JSONTracker, _ bytes: ArraySlice<UInt8>) -> String? {
        try? JSON.parse(Array(bytes[(bytes.startIndex + tracker.stringStart) ..< (bytes.startIndex + tracker.count)]))
            .string
    }
}
