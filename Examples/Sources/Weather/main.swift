// Lets a local model call a tool and answer with what it gave: swift run -c release Weather [MODEL]
import Hayloft

let weather = try Tool(
    name: "get_weather", description: "The weather in a city",
    parameters: ["type": "object", "properties": ["city": ["type": "string"]], "required": ["city"]],
    function: ToolFunction { arguments in arguments["city"] == "Paris" ? "18 degrees, sunny" : "12 degrees, cloudy" })

let model = CommandLine.arguments.dropFirst().first ?? "../Models/Bundled/tiny-zephyr"
let generator = try HuggingFaceLocalChatGenerator(model: model, toolsStrict: true)
try await generator.warmUp()
let result = try await Agent(generator, tools: [weather]).run("What is the weather in Paris?")
for call in result.messages.flatMap(\.toolCalls) { print("called \(call.toolName) with \(call.arguments)") }
print(result.lastMessage.text ?? "")
