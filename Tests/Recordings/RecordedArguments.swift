import HayComponents
import HayJSON

/// The init arguments of a recorded component; what is absent has the component's default.
public struct RecordedArguments: Sendable {
    /// What the values mean.
    public let notation: Notation
    /// The arguments by name.
    public let members: JSON.Object

    /// Arguments, as recorded.
    public init(_ value: JSON?, _ notation: Notation) {
        self.notation = notation
        members = value?.object ?? [:]
    }

    /// An argument as a plain value; nil where it is absent or null.
    public func value(_ key: String) -> JSON? {
        members[key].flatMap { $0.isNull ? nil : notation.plain($0) }
    }

    /// Whether an argument is there, null or not.
    public func has(_ key: String) -> Bool { members[key] != nil }

    /// A text; the default where it is absent, nil where it is null.
    public func string(_ key: String, default text: String? = nil) -> String? {
        has(key) ? value(key)?.string : text
    }

    /// A number.
    public func double(_ key: String) -> Double? { value(key)?.double }

    /// An integer.
    public func int(_ key: String) -> Int? { value(key)?.int }

    /// A truth value; false where it is absent.
    public func bool(_ key: String) -> Bool { value(key)?.bool ?? false }

    /// A dictionary; empty where it is absent.
    public func object(_ key: String) -> JSON.Object { value(key)?.object ?? [:] }

    /// The options of generation; none where they are absent.
    public var generationKwargs: GenerationKwargs { GenerationKwargs(object("generation_kwargs")) }

    /// The conversation; empty where it is absent.
    public func messages(_ key: String = "messages") throws -> [ChatMessage] {
        try notation.messages(members[key] ?? .null)
    }

    /// A list of texts.
    public func strings(_ key: String) -> [String]? { value(key)?.array?.compactMap(\.string) }

    /// A secret; the default where it is absent, nil where it is null.
    public func secret(_ key: String, default secret: Secret?) throws -> Secret? {
        try members[key].map { try notation.secret($0) } ?? secret
    }

    /// A callback.
    public func callback(_ key: String = "streaming_callback") throws -> StreamingCallback? {
        try notation.callback(members[key] ?? .null)
    }

    /// Tools.
    public func tools(_ key: String = "tools") throws -> (any ToolSource)? {
        try notation.tools(members[key] ?? .null)
    }

    /// A device.
    public func device(_ key: String = "device") throws -> ComponentDevice? {
        try notation.device(members[key] ?? .null)
    }

    /// A tool parser.
    public func toolParser(_ key: String = "tool_parsing_function") throws -> ToolParser? {
        try notation.toolParser(members[key] ?? .null)
    }

    /// A function that gives a token.
    public func tokenProvider(_ key: String = "azure_ad_token_provider") throws -> TokenProvider? {
        try notation.tokenProvider(members[key] ?? .null)
    }
}
