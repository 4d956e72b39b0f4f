import ArgumentParser
import HayJSON
import HayTemplate
import HayTokenizer
import Hayloft

/// `hayloft template`: renders a chat template.
struct TemplateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "template",
        abstract: "Render a conversation with a chat template.",
        discussion: """
            The input is {"messages": […], "tools": […], "add_generation_prompt": true, "kwargs": {…}}; only messages are
            needed. The rendered text is printed exactly, without a line end of its own.

              echo '{"messages": [{"role": "user", "content": "Hi"}]}' | hayloft template --model ./zephyr-7b-beta
            """)

    @OptionGroup var options: ModelOptions
    @OptionGroup(visibility: .hidden) var compute: ComputeOptions

    @Option(help: ArgumentHelp("The template, instead of the model's.", valueName: "file"))
    var template: String?

    @Option(help: ArgumentHelp("Which of the model's templates, where it has several.", valueName: "name"))
    var templateName: String?

    @Option(help: ArgumentHelp("The input; stdin where none is named.", valueName: "file"))
    var input: String?

    @Flag(help: "The input is {\"template\": …, \"context\": {…}}: plain Jinja as Hugging Face configures it.")
    var raw = false

    @Flag(help: "One input a line; one JSON string a line out, or {\"error\": …} for one that fails.")
    var jsonl = false

    @Option(help: ArgumentHelp("What strftime_now sees.", valueName: "2024-07-26T09:30:15"))
    var now: ClockTime?

    func run() throws {
        let text = try input.map { try Console.read($0) } ?? Console.readInput()
        let renderer = try makeRenderer()
        guard jsonl else {
            let json: JSON
            do { json = try JSON.parse(text) } catch { throw CommandError("\(input ?? "stdin") is not JSON: \(error)") }
            Console.show(try renderer(json))
            return
        }
        // By bytes: a JSON string may hold line separators of Unicode as they are.
        for line in Array(text.utf8).split(separator: UInt8(ascii: "\n")) {
            do { print(JSON.string(try renderer(JSON.parse(Array(line)))).text(spaced: true)) } catch {
                print(JSON.object(.init([("error", .string("\(error)"))])).text(spaced: true))
            }
        }
    }

    /// What turns one input into text.
    private func makeRenderer() throws -> (JSON) throws -> String {
        if raw { return renderRaw }
        if let template {
            let parsed = try ChatTemplate(Console.read(template))
            return { input in
                try parsed.render(
                    messages: input["messages"] ?? .null, tools: input["tools"], documents: documents(input),
                    addGenerationPrompt: input["add_generation_prompt"]?.bool ?? false,
                    continueFinalMessage: continues(input), continuedField: continuedField(input),
                    variables: input["kwargs"]?.object ?? .init(), now: now)
            }
        }
        let folder = try options.folder(bundled: "tiny-zephyr")
        let tokenizer = try Tokenizer(folder: folder)
        if let templateName, tokenizer.configuration.chatTemplate(named: templateName) == nil {
            let names = tokenizer.configuration.chatTemplates.map(\.name).joined(separator: ", ")
            throw CommandError(
                "--template-name: \(folder) has no chat template '\(templateName)'"
                    + (names.isEmpty ? "" : ", it has \(names)"))
        }
        let prompt = try ChatPrompt(tokenizer, folder: folder, template: templateName)
        return { input in
            try prompt.render(
                input["messages"] ?? .null, tools: input["tools"],
                addGenerationPrompt: input["add_generation_prompt"]?.bool ?? false,
                continueFinalMessage: continues(input), continuedField: continuedField(input),
                documents: documents(input), variables: input["kwargs"]?.object ?? .init(), now: now)
        }
    }

    private func documents(_ input: JSON) -> JSON? { input["documents"] ?? input["kwargs"]?["documents"] }

    /// `continue_final_message` is true, or the key of the text to go on with.
    private func continues(_ input: JSON) -> Bool {
        input["continue_final_message"].map { $0.bool ?? ($0.string?.isEmpty == false) } ?? false
    }

    private func continuedField(_ input: JSON) -> String { input["continue_final_message"]?.string ?? "content" }

    private func renderRaw(_ input: JSON) throws -> String {
        guard let source = input["template"]?.string else { throw CommandError("the input has no text 'template'") }
        return try Template(source).render(input["context"]?.object ?? .init(), now: now)
    }
}

extension ClockTime: ExpressibleByArgument {
    /// A moment as `2024-07-26T09:30:15`.
    public init?(argument: String) { self.init(argument) }
}
