import HayComponents
import Testing

@Suite("Component errors")
struct ComponentErrorTests {
    static let messages: [(ComponentError, ErrorKind, String)] = [
        (
            .unnamedFunction(kind: "tool function"), .serialization,
            "A tool function without a name cannot be serialized; give it one."
        ),
        (
            .unknownFunction(name: "a", kind: "tool parser", similar: []), .deserialization,
            "No tool parser named 'a' is registered."
        ),
        (.missingType, .deserialization, "Missing 'type' in serialization data"),
        (.wrongType(found: "x.Y", expected: "Z"), .deserialization, "Class 'x.Y' can't be deserialized as 'Z'"),
        (.missingKey(key: "a", place: "The tool"), .key, "The tool has no 'a'"),
        (.unknownKey(key: "a", place: "The tool", known: ["b", "c"]), .type, "The tool has no 'a'; known are b, c"),
        (
            .wrongValue(place: "The tool's 'a'", expected: "a string", found: "null"), .type,
            "The tool's 'a' must be a string, found null"
        ),
        (.toolsNotAList, .type, "The value of 'tools' is not a list or a dictionary"),
        (.missingArgument(name: "a", place: "ToolCall"), .type, "ToolCall has no 'a'"),
        (.unknownToolType(name: "x.Y", expected: "Tool"), .type, "Class 'x.Y' is not a Tool that can be read here"),
        (.wrongClassName(name: "Y"), .value, "'Y' does not name a class, as 'module.Class' does"),
        (
            .wrongMapDevice(device: "1.5", part: "a"), .value,
            "Couldn't convert HuggingFace device map - unexpected device '1.5' for 'a'"
        ),
        (
            .argumentsNotAnObject(tool: "a", found: "a list"), .toolInvocation,
            "Failed to invoke Tool `a`: its arguments must be an object, found a list"
        ),
        (.duplicateTools(names: ["a"]), .value, "Duplicate tool names found: {'a'}"),
        (
            .notASchema(place: "'type'", expected: "a string"), .value,
            "The provided parameters do not define a valid JSON schema: 'type' must be a string"
        ),
        (.wrongOutput(problem: "This is wrong."), .value, "This is wrong."),
        (
            .toolInvocation(tool: "a", arguments: ["b": 1], cause: "c"), .toolInvocation,
            "Failed to invoke Tool `a` with parameters {\"b\":1}. Error: c"
        ),
        (.noTool(name: "a", known: ["b", "c"]), .toolInvocation, "There is no tool `a`; the tools are b, c"),
        (
            .toolTimeout(tool: "a", limit: .seconds(2)), .toolInvocation,
            "Tool `a` has not answered within 2.0 seconds"
        ),
        (.noReply, .runtime, "The generator gave no reply"),
        (.emptyToken, .value, "Authentication token cannot be empty."),
        (.noVariables, .value, "One or more environment variables must be provided for the secret."),
        (
            .tokenWritten, .value,
            "Cannot serialize token-based secret. Use an alternative secret type like environment variables."
        ),
        (
            .tokenRead, .value,
            "Cannot deserialize token-based secret. Use an alternative secret type like environment variables."
        ),
        (.unknownSecretType(name: "vault"), .value, "Unknown secret type 'vault'"),
        (
            .unsetVariables(names: ["A"]), .value,
            "None of the following authentication environment variables are set: ('A',)"
        ),
        (
            .unsetVariables(names: ["A", "B"]), .value,
            "None of the following authentication environment variables are set: ('A', 'B')"
        ),
        (.unknownDeviceType(name: "tpu"), .value, "Unknown device type string 'tpu'"),
        (.wrongDeviceID(text: "x"), .value, "Device id must be an integer, got x"),
        (.negativeDeviceID(id: -1), .value, "Device id must be >= 0, got -1"),
        (.wrongDevice(text: "a:b:c"), .value, "A device must be written as type or type:id, found 'a:b:c'"),
        (.diskAlone, .value, "The disk device can only be used as a part of device maps"),
        (.noDevice, .value, "The device map is empty"),
        (.unnumberedDevice(device: "cuda"), .value, "The device 'cuda' needs an id here, as in 'cuda:0'"),
        (.unknownComponentDevice(name: "triple"), .value, "Unknown component device type 'triple' in serialized data"),
        (.manyDevices(format: "PyTorch"), .value, "Only single devices can be converted to PyTorch format"),
        (.document(place: "p.yaml", problem: "it is wrong"), .deserialization, "p.yaml: it is wrong"),
        (.noComponent(name: "a", known: ["b", "c"]), .key, "The pipeline has no component 'a'; it has b, c"),
    ]

    @Test("each error says in a sentence what is wrong, and of which sort it is", arguments: messages)
    func descriptions(error: ComponentError, kind: ErrorKind, message: String) {
        #expect(error.description == message)
        #expect(error.kind == kind)
    }
}
