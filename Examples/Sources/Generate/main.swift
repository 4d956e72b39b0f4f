// Answers a question with a local model, as it is written: swift run -c release Generate [MODEL] [QUESTION]
import Hayloft

let arguments = CommandLine.arguments.dropFirst()
let model = arguments.first ?? "../Models/Bundled/tiny-zephyr"
let question = arguments.dropFirst().first ?? "Write 347 in words."

let generator = try HuggingFaceLocalChatGenerator(model: model, generationKwargs: ["max_new_tokens": 64])
try await generator.warmUp()
for try await chunk in generator.stream(question) {
    print(chunk.content, terminator: "")
}
print()
