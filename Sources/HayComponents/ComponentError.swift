import HayJSON

/// Why a component, or what belongs to one, cannot be made, written, read or used.
public enum ComponentError: ClassifiedError, Equatable {
    /// A function without a name was to be written or registered.
    case unnamedFunction(kind: String)
    /// No function of this name and kind is registered.
    case unknownFunction(name: String, kind: String, similar: [String])
    /// Serialized data does not say its type.
    case missingType
    /// Serialized data is of another type.
    case wrongType(found: String, expected: String)
    /// A dictionary lacks a key.
    case missingKey(key: String, place: String)
    /// A dictionary of arguments lacks one that has no default.
    case missingArgument(name: String, place: String)
    /// A dictionary has a key that means nothing there.
    case unknownKey(key: String, place: String, known: [String])
    /// A value is not what it has to be.
    case wrongValue(place: String, expected: String, found: String)
    /// The value of `tools` is neither null, a toolset nor a list of tools.
    case toolsNotAList
    /// A class of tools or toolsets is not known.
    case unknownToolType(name: String, expected: String)
    /// What should name a class is not a path in dots.
    case wrongClassName(name: String)
    /// A component's parameter names a class of components that is not known, or that does something else.
    case unknownComponent(name: String, place: String)
    /// Two tools have the same name.
    case duplicateTools(names: [String])
    /// A tool's parameters are no JSON schema.
    case notASchema(place: String, expected: String)
    /// What becomes of a tool's result is not described as it has to be; `problem` is the whole sentence.
    case wrongOutput(problem: String)
    /// A tool threw, or was given arguments that it does not take.
    case toolInvocation(tool: String, arguments: JSON.Object, cause: String)
    /// A call of a tool with arguments that are not named.
    case argumentsNotAnObject(tool: String, found: String)
    /// A call of a tool that is not there.
    case noTool(name: String, known: [String])
    /// A tool took longer than is allowed.
    case toolTimeout(tool: String, limit: Duration)
    /// What replies are to hold to is not described as it has to be.
    case responseFormat(reason: String)
    /// A generator gave no reply.
    case noReply
    /// A secret's text is empty.
    case emptyToken
    /// A secret names no environment variable.
    case noVariables
    /// A secret that is a text was to be written.
    case tokenWritten
    /// A secret that is a text stands in a file.
    case tokenRead
    /// A secret is of an unknown type.
    case unknownSecretType(name: String)
    /// None of a secret's environment variables is set.
    case unsetVariables(names: [String])
    /// There is no such type of device.
    case unknownDeviceType(name: String)
    /// A device's number is none.
    case wrongDeviceID(text: String)
    /// A device's number is negative.
    case negativeDeviceID(id: Int)
    /// A device of Hugging Face's map is neither a number nor a name.
    case wrongMapDevice(device: String, part: String)
    /// A text is not `type` or `type:id`.
    case wrongDevice(text: String)
    /// The disk was to be a component's only device.
    case diskAlone
    /// A map of devices has none.
    case noDevice
    /// A GPU of a map has no number.
    case unnumberedDevice(device: String)
    /// A component's device is serialized as an unknown type.
    case unknownComponentDevice(name: String)
    /// A map of devices was to be one device.
    case manyDevices(format: String)
    /// A pipeline file is not as it has to be.
    case document(place: String, problem: String)
    /// A pipeline has no component of this name.
    case noComponent(name: String, known: [String])

    /// The sort of mistake.
    public var kind: ErrorKind {
        switch self {
        case .unnamedFunction: .serialization
        case .unknownFunction, .missingType, .wrongType, .unknownComponent, .document: .deserialization
        case .missingKey, .noComponent: .key
        case .missingArgument, .unknownKey, .wrongValue, .toolsNotAList, .unknownToolType: .type
        case .toolInvocation, .argumentsNotAnObject, .noTool, .toolTimeout: .toolInvocation
        case .noReply: .runtime
        default: .value
        }
    }

    /// The error in one sentence.
    public var description: String {
        switch self {
        case .unnamedFunction(let kind): "A \(kind) without a name cannot be serialized; give it one."
        case .unknownFunction(let name, let kind, let similar):
            "No \(kind) named '\(name)' is registered" + ComponentError.suggestion(similar)
        case .missingType: "Missing 'type' in serialization data"
        case .wrongType(let found, let expected): "Class '\(found)' can't be deserialized as '\(expected)'"
        case .missingKey(let key, let place), .missingArgument(let key, let place): "\(place) has no '\(key)'"
        case .unknownKey(let key, let place, let known):
            "\(place) has no '\(key)'; known are \(known.joined(separator: ", "))"
        case .wrongValue(let place, let expected, let found): "\(place) must be \(expected), found \(found)"
        case .toolsNotAList: "The value of 'tools' is not a list or a dictionary"
        case .unknownToolType(let name, let expected): "Class '\(name)' is not a \(expected) that can be read here"
        case .wrongClassName(let name): "'\(name)' does not name a class, as 'module.Class' does"
        case .unknownComponent(let name, let place):
            "Class '\(name)' is not one for '\(place)'; components of other modules have to be in the registry"
        case .duplicateTools(let names): "Duplicate tool names found: {\(names.quoted)}"
        case .notASchema(let place, let expected):
            "The provided parameters do not define a valid JSON schema: \(place) must be \(expected)"
        case .wrongOutput(let problem): problem
        case .toolInvocation(let tool, let arguments, let cause):
            "Failed to invoke Tool `\(tool)` with parameters \(JSON.object(arguments)). Error: \(cause)"
        case .argumentsNotAnObject(let tool, let found):
            "Failed to invoke Tool `\(tool)`: its arguments must be an object, found \(found)"
        case .noTool(let name, let known):
            "There is no tool `\(name)`; the tools are \(known.joined(separator: ", "))"
        case .toolTimeout(let tool, let limit): "Tool `\(tool)` has not answered within \(limit)"
        case .responseFormat(let reason): "response_format: \(reason)"
        case .noReply: "The generator gave no reply"
        case .noComponent(let name, let known):
            "The pipeline has no component '\(name)'; it has \(known.joined(separator: ", "))"
        case .document(let place, let problem): "\(place): \(problem)"
        case .emptyToken: "Authentication token cannot be empty."
        case .noVariables: "One or more environment variables must be provided for the secret."
        case .tokenWritten:
            "Cannot serialize token-based secret. Use an alternative secret type like environment variables."
        case .tokenRead:
            "Cannot deserialize token-based secret. Use an alternative secret type like environment variables."
        case .unknownSecretType(let name): "Unknown secret type '\(name)'"
        case .unsetVariables(let names):
            "None of the following authentication environment variables are set: "
                + "(\(names.quoted)\(names.count == 1 ? "," : ""))"
        case .unknownDeviceType(let name): "Unknown device type string '\(name)'"
        case .wrongDeviceID(let text): "Device id must be an integer, got \(text)"
        case .negativeDeviceID(let id): "Device id must be >= 0, got \(id)"
        case .wrongMapDevice(let device, let part):
            "Couldn't convert HuggingFace device map - unexpected device '\(device)' for '\(part)'"
        case .wrongDevice(let text): "A device must be written as type or type:id, found '\(text)'"
        case .diskAlone: "The disk device can only be used as a part of device maps"
        case .noDevice: "The device map is empty"
        case .unnumberedDevice(let device): "The device '\(device)' needs an id here, as in '\(device):0'"
        case .unknownComponentDevice(let name): "Unknown component device type '\(name)' in serialized data"
        case .manyDevices(let format): "Only single devices can be converted to \(format) format"
        }
    }

    private static func suggestion(_ names: [String]) -> String {
        names.isEmpty ? "." : "; did you mean \(names.map { "'\($0)'" }.joined(separator: " or "))?"
    }
}
