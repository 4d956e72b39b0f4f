import HayComponents
import HayJSON
import HaystackRecordings
import Testing

@Suite("Pipeline documents")
struct PipelineDocumentTests {
    /// As a person writes one.
    static let text = """
        # Answers a question.
        components:
          prompt:
            type: haystack.components.builders.prompt_builder.PromptBuilder
            init_parameters:
              template: |
                Answer in one word:
                {{ question }}
              required_variables: ["question"]
          greeter:
            type: tests.Greeter
            init_parameters: {greeting: "yes", times: 3}
          other:
            type: tests.Greeter
            init_parameters: {}
        connections:
          - {sender: prompt.prompt, receiver: greeter.text}
        max_runs_per_component: 10
        metadata:
          written: 2024-10-21
        future_setting: [1, 1.0, off, ~, 1e3, 0x1F]
        """

    struct Greeter: Component, Equatable {
        static let type = "tests.Greeter"
        var greeting: String
        var times: Int?

        func toDict() throws -> JSON {
            let times = times.map(JSON.int) ?? .null
            return ["type": .string(Self.type), "init_parameters": ["greeting": .string(greeting), "times": times]]
        }

        static func fromDict(_ data: JSON, registry: FunctionRegistry) throws -> Greeter {
            let parameters = try InitParameters(data, of: type, known: ["greeting", "times"], registry: registry)
            return Greeter(
                greeting: try parameters.string("greeting", default: "Hello"), times: try parameters.int("times"))
        }
    }

    @Test("of a key that stands twice in a JSON text the last value counts")
    func repeatedKeys() throws {
        let document = try PipelineDocument(
            json: #"{"components": {}, "components": {"a": {"type": "x.A"}, "a": {"type": "x.B", "type": "x.C"}}}"#)
        #expect(document.componentNames == ["a"])
        #expect(document.type(of: "a") == "x.C")
        #expect(document.json() == #"{"components": {"a": {"type": "x.C"}}}"#)
    }

    @Test("a file written by hand is read, its components by name and by type")
    func reading() throws {
        let document = try PipelineDocument(yaml: Self.text)
        #expect(document.componentNames == ["prompt", "greeter", "other"])
        #expect(document.type(of: "prompt") == "haystack.components.builders.prompt_builder.PromptBuilder")
        #expect(try document.component("greeter") == Greeter(greeting: "yes", times: 3))
        let greeters = try document.components(of: Greeter.self)
        #expect(greeters.map(\.name) == ["greeter", "other"])
        #expect(
            greeters.map(\.component) == [Greeter(greeting: "yes", times: 3), Greeter(greeting: "Hello", times: nil)])
        #expect(document.connections == [.init(sender: "prompt.prompt", receiver: "greeter.text")])
        #expect(document.metadata == ["written": "2024-10-21"])
        #expect(document.members["future_setting"] == [1, 1.0, false, .null, "1e3", 31])
        let template = document.members["components"]?["prompt"]?["init_parameters"]?["template"]
        #expect(template == "Answer in one word:\n{{ question }}\n")
    }

    @Test("what is written is read as the same document, unknown components and keys included")
    func writing() throws {
        var document = try PipelineDocument(yaml: Self.text)
        try document.set(Greeter(greeting: "Hi", times: nil), as: "greeter")
        try document.set(Greeter(greeting: "no", times: 1), as: "new")
        document.connections.append(.init(sender: "greeter.text", receiver: "new.text"))
        document.metadata = ["1": 1, "yes": "1.0"]
        #expect(try PipelineDocument(yaml: document.yaml()) == document)
        #expect(try PipelineDocument(json: document.json()) == document)
        #expect(document.componentNames == ["prompt", "greeter", "other", "new"])
        #expect(try document.component("new") == Greeter(greeting: "no", times: 1))
    }

    @Test("an empty document is written with Haystack's settings")
    func empty() throws {
        #expect(
            try PipelineDocument().yaml() == """
                metadata: {}
                max_runs_per_component: 100
                components: {}
                connections: []
                connection_type_validation: true

                """)
    }

    static let wrong: [(String, String)] = [
        ("", "p.yaml: the document must be a dictionary, found null"),
        ("a", "p.yaml: the document must be a dictionary, found a string"),
        ("components: []", "p.yaml: components must be a dictionary, found an array"),
        ("components: {a: {}}", "p.yaml: components.a.type must be a string, found nothing"),
        ("connections: {}", "p.yaml: connections must be a list, found an object"),
        ("connections: [{sender: a}]", "p.yaml: connections[0].receiver must be a string, found nothing"),
        (
            "a: !!python/tuple [1]",
            "p.yaml, line 1: the text has the tag tag:yaml.org,2002:python/tuple, which is not read"
        ),
        ("a: !!int '1'", "p.yaml, line 1: the text has the tag tag:yaml.org,2002:int, which is not read"),
        ("1: a", "p.yaml, line 1: the text has the key 1, which is not a text unless it is quoted"),
        ("a: 1\n[b]: 1", "p.yaml, line 2: the text has a key that is not a text"),
        ("a: &a {b: 1}\nc: {<<: *a}", "p.yaml, line 2: the text has a merge key, which is not read"),
        ("a: 1\na: 2", "p.yaml: line 1: the key 'a' stands twice"),
        ("a: *b", "p.yaml: line 1, column 4: found undefined alias"),
        ("a: b: c", "p.yaml: line 1, column 5: mapping values are not allowed in this context"),
    ]

    @Test("what is no pipeline file is refused, saying where and why", arguments: wrong)
    func errors(text: String, message: String) throws {
        do {
            _ = try PipelineDocument(yaml: text, name: "p.yaml")
            Issue.record("\(text) was read")
        } catch let error as ComponentError {
            #expect(error.description == message)
            #expect(error.kind == .deserialization)
        }
    }

    @Test("a component that is not there, or of another type, is an error")
    func wrongComponents() throws {
        let document = try PipelineDocument(yaml: Self.text)
        #expect(throws: ComponentError.noComponent(name: "llm", known: ["prompt", "greeter", "other"])) {
            try document.component("llm", as: Greeter.self)
        }
        #expect(
            throws: ComponentError.wrongType(
                found: "haystack.components.builders.prompt_builder.PromptBuilder", expected: "Greeter")
        ) { try document.component("prompt", as: Greeter.self) }
    }

    @Test("aliases stand for what they name")
    func aliases() throws {
        let document = try PipelineDocument(yaml: "metadata: {a: &x [1, 2], b: *x, c: *x}")
        #expect(document.metadata == ["a": [1, 2], "b": [1, 2], "c": [1, 2]])
    }

    @Test("hostile files end in an error, in time and without much memory")
    func hostile() throws {
        var bomb = "a0: &a0 [x, x]\n"
        for level in 1 ..< 40 { bomb += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        var renamed = "- &a [x, x]\n"
        for _ in 1 ..< 40 { renamed += "- &a [*a, *a]\n" }
        let keys =
            "a: &a [\(String(repeating: "x,", count: 100_000))]\nb:\n"
            + String(repeating: "  ? *a\n  : 1\n", count: 4000)
        var deep = "a0: &a0 \(String(repeating: "[", count: 900))\(String(repeating: "]", count: 900))\n"
        for level in 1 ..< 12 {
            deep += "a\(level): &a\(level) \(String(repeating: "[", count: 900))*a\(level - 1)"
            deep += String(repeating: "]", count: 900) + "\n"
        }
        let texts = [
            bomb, renamed, keys, deep, String(repeating: "[", count: 100_000),
            String(repeating: "{a: ", count: 100_000),
            String(repeating: "- ", count: 100_000), String(repeating: "? ", count: 100_000),
            "a: [\(String(repeating: "1,", count: 210_000))]", String(repeating: "a", count: 1_100_000),
            "a: \"\(String(repeating: "\\", count: 100_001))\"", "a: \u{0}", "a: &", "a: *", "!", "%", "---\na\n---\nb",
        ]
        for text in texts {
            let start = ContinuousClock.now
            #expect(throws: ComponentError.self, "\(text.prefix(30))") { try PipelineDocument(yaml: text) }
            #expect(ContinuousClock.now - start < .seconds(20), "\(text.prefix(30))")
        }
    }
}
