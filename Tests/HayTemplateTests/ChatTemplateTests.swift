import HayJSON
import HayTemplate
import Testing

@Suite("Chat templates")
struct ChatTemplateTests {
    private static let source = """
        {{ bos_token }}{% for m in messages %}<|{{ m.role }}|>{{ m.content }}</s>
        {% endfor %}
        {% if add_generation_prompt %}<|assistant|>{% endif %}
        """
    private static let chat: JSON = [
        ["role": "user", "content": "Hi", "name": .null], ["role": "assistant", "content": " Yo "],
    ]

    private func render(
        _ source: String = source, _ messages: JSON = chat, prompt: Bool = false, continues: Bool = false
    ) -> Outcome {
        Outcome {
            try ChatTemplate(source).render(
                messages: messages, addGenerationPrompt: prompt, continueFinalMessage: continues,
                specialTokens: ["bos_token": "<s>"])
        }
    }

    @Test("messages, special tokens and the generation prompt are rendered")
    func rendering() {
        #expect(render() == .text("<s><|user|>Hi</s>\n<|assistant|> Yo </s>\n"))
        #expect(render(prompt: true) == .text("<s><|user|>Hi</s>\n<|assistant|> Yo </s>\n<|assistant|>"))
    }

    @Test("variables win over special tokens, and tools and documents are none unless given")
    func variables() throws {
        let template = try ChatTemplate("{{ bos_token }}{{ tools }}{{ documents }}{{ thinking }}")
        let text = try template.render(
            messages: [["role": "user"]], specialTokens: ["bos_token": "a"],
            variables: JSON.Object([("bos_token", "b"), ("thinking", true)]))
        #expect(text == "bNoneNoneTrue")
    }

    @Test("null keys are dropped and reasoning has all its names")
    func normalizing() {
        #expect(render("{{ messages[0] }}", [["a": .null, "b": 1]]) == .text("{'b': 1}"))
        #expect(
            render("{{ messages[0] }}", [["role": "r", "reasoning": "x"]])
                == .text("{'thinking': 'x', 'role': 'r', 'reasoning': 'x', 'reasoning_content': 'x'}"))
    }

    @Test("a final message that is continued ends the text, with its space unless the template trims it")
    func continuing() {
        #expect(render(continues: true) == .text("<s><|user|>Hi</s>\n<|assistant|> Yo "))
        let trimming = "{% for m in messages %}[{{ m.content|trim }}]{% endfor %}"
        #expect(render(trimming, continues: true) == .text("[Hi][Yo"))
        let parts: JSON = [["role": "user", "content": [["type": "text", "text": "a"], ["type": "image"]]]]
        #expect(render("{{ messages[0].content[0].text }}", parts, continues: true) == .text("a"))
    }

    @Test("another field of the final message can be continued, reasoning under each of its names")
    func continuingField() throws {
        let messages: JSON = [["role": "assistant", "reasoning": "Hm", "content": "Yo"]]
        let text = try ChatTemplate(
            "{% for m in messages %}<think>{{ m.reasoning_content }}</think>{{ m.content }}{% endfor %}"
        )
        .render(messages: messages, continueFinalMessage: true, continuedField: "reasoning")
        #expect(text == "<think>Hm")
    }

    // The ranges are those of transformers 5.23 with return_assistant_tokens_mask.
    @Test("what the assistant wrote is found where the template marks it")
    func generations() throws {
        let source = """
            {% for m in messages %}<{{ m.role }}>{% if m.role == 'assistant' %}{% generation %}{{ m.content }}.
            {% endgeneration %}{% else %}{{ m.content }}{% endif %}{% endfor %}
            """
        let messages: JSON = [
            ["role": "user", "content": "Hü"], ["role": "assistant", "content": "Yo"],
            ["role": "assistant", "content": "é"],
        ]
        let (text, generations) = try ChatTemplate(source).renderGenerations(messages: messages)
        #expect(text == "<user>Hü<assistant>Yo.\n<assistant>é.\n")
        #expect(generations.map { String(text[$0]) } == ["Yo.\n", "é.\n"])
    }

    @Test("what cannot be rendered is refused")
    func errors() {
        #expect(
            render(prompt: true, continues: true)
                == .error(.value, "continue_final_message and add_generation_prompt are not compatible"))
        #expect(
            render(Self.source, [])
                == .error(
                    .value, "Cannot apply chat template to an empty conversation. Provide at least one message."))
        #expect(render(Self.source, ["a"]) == .error(.type, "a chat message must be an object, not a string"))
        #expect(render(Self.source, "a") == .error(.type, "messages must be an array, not a string"))
        #expect(
            render(Self.source, [["role": "user"]], continues: true)
                == .error(
                    .value, "continue_final_message is set but the final message has no \"content\" to continue!"))
        #expect(
            render("{{ messages }}", continues: true)
                == .error(
                    .value,
                    "continue_final_message is set to \"content\" but this is not an accepted field in the chat_template"
                ))
        #expect(
            render("content", continues: true)
                == .error(
                    .value,
                    "continue_final_message is set but the final message does not appear in the chat after applying the "
                        + "chat template! This can happen if the chat template deletes portions of the final message. "
                        + "Please verify the chat template and final message in your chat to ensure they are "
                        + "compatible.Final message to continue: Yo\nRendered chat:\ncontent"))
    }

    @Test("an error names its line and column")
    func places() throws {
        let error = #expect(throws: TemplateError.self) { try Template("a\n é{{ x y }}") }
        #expect(error?.description == "line 2, column 8: expected token 'end of print statement', got 'y'")
        let late = #expect(throws: TemplateError.self) { try Template("a\n\n{{ 1 + x.y }}").render(.init()) }
        #expect(late?.description == "line 3, column 10: 'x' is undefined")
    }

    @Test("a clock's time is read from text, and only if it is one")
    func clock() {
        #expect(
            ClockTime("2024-02-29T23:59:58")
                == ClockTime(year: 2024, month: 2, day: 29, hour: 23, minute: 59, second: 58))
        #expect(ClockTime("2024-07-26") == ClockTime(year: 2024, month: 7, day: 26))
        for text in ["", "2023-02-29", "2024-7-26", "2024-07-26T9:30:15", "2024-07-26T24:00:00", "2024-07-26 09:30:15"]
        {
            #expect(ClockTime(text) == nil, "\(text)")
        }
    }
}
