/// How models write tool calls. A new way is a row here.
enum ToolCallTable {
    /// The ways that are no JSON object with the tool's name. The first that fits counts.
    static let forms: [ToolCallForm] = mistral + deepSeek + harmony + named + tagged + literal

    private static let mistral: [ToolCallForm] = [
        ToolCallForm(
            [.name, .id(after: "[CALL_ID]"), "[ARGS]", .space, .next(["{"])], .json, place: .after("[TOOL_CALLS]")),
        ToolCallForm([.name, .id(after: "[CALL_ID]"), .next(["{"])], .json, place: .after("[TOOL_CALLS]")),
    ]

    private static let deepSeek: [ToolCallForm] = [
        // V3 and R1, then V3.1.
        ToolCallForm(
            [
                "<｜tool▁call▁begin｜>", "function", "<｜tool▁sep｜>", .name, .space, .optional("```json"), .space,
                .next(["{"]),
            ], .json, closing: ["```", "<｜tool▁call▁end｜>"]),
        ToolCallForm(
            ["<｜tool▁call▁begin｜>", .name, "<｜tool▁sep｜>", .space, .next(["{"])], .json,
            closing: ["<｜tool▁call▁end｜>"]),
        // V3.2 and V4.
        ToolCallForm(
            ["<", "｜DSML｜", "invoke name=\"", .name, "\">"],
            .tagged(
                TaggedNotation(
                    parameter: ["<", "｜DSML｜", "parameter name=\"", .key(until: "\""), .rest(until: ">")],
                    valueEnd: "</｜DSML｜parameter>", end: "</｜DSML｜invoke>"))),
    ]

    /// gpt-oss.
    private static let harmony: [ToolCallForm] = [
        ToolCallForm(
            [
                "<|channel|>", .either(["commentary", "analysis", "final"]), " to=", .optional("functions."), .name,
                .rest(until: "<|message|>"), .space, .next(["{"]),
            ], .json, closing: ["<|call|>"]),
        ToolCallForm(
            [
                "to=", .optional("functions."), .name, "<|channel|>", .rest(until: "<|message|>"), .space,
                .next(["{"]),
            ], .json, closing: ["<|call|>"], place: .lineStart),
    ]

    private static let named: [ToolCallForm] = [
        // Kimi K2.
        ToolCallForm(
            [
                "<|tool_call_begin|>", .space, .indexedName, .space, "<|tool_call_argument_begin|>", .space,
                .next(["{"]),
            ], .json, closing: ["<|tool_call_end|>"]),
        // Llama 3.1, Functionary 3.1.
        ToolCallForm(
            ["<function=", .name, ">", .space, .next(["{"])], .json, closing: ["</function>"], evidence: .namesTool),
        // Functionary 2 and 3.2, whose prompts may end before the name.
        ToolCallForm(
            [.optional("<|from|>assistant\n"), "<|recipient|>", .name, "\n", "<|content|>", .next(["{"])], .json),
        ToolCallForm([.name, "\n", "<|content|>", .next(["{"])], .json, place: .lineStart, evidence: .namesKnownTool),
        ToolCallForm([">>>", .name, "\n", .next(["{"])], .json, evidence: .namesTool),
        // ChatGLM 4.
        ToolCallForm([.name, "\n", .next(["{"])], .json, place: .lineStart, evidence: .namesKnownTool),
        // MiroThinker.
        ToolCallForm(
            [
                "<server_name>", .rest(until: "</server_name>"), .space, "<tool_name>", .name, "</tool_name>", .space,
                "<arguments>", .space, .next(["{"]),
            ], .json, closing: ["</arguments>"]),
    ]

    private static let tagged: [ToolCallForm] =
        [
            // Seed-OSS, then Qwen3-Coder, Nemotron 3 and Step 3.5.
            function(place: .after("<seed:tool_call>"), valuesHaveLines: false),
            function(place: .anywhere, valuesHaveLines: true),
        ] + glm("<tool_call>", "arg_", end: "</tool_call>")
        + glm("<longcat_tool_call>", "longcat_arg_", end: "</longcat_tool_call>")
        // MiniMax M2 and others.
        + ["", "atem:", "antml:", "steptml:"].map(invoke)

    private static func function(place: ToolCallForm.Place, valuesHaveLines: Bool) -> ToolCallForm {
        ToolCallForm(
            ["<function=", .name, ">"],
            .tagged(
                TaggedNotation(
                    parameter: ["<parameter=", .key(until: ">")], valueEnd: "</parameter>", end: "</function>",
                    valuesHaveLines: valuesHaveLines)), place: place, evidence: .namesTool)
    }

    /// GLM 4.5 and later. A name alone is a call where it is a tool's.
    private static func glm(_ opening: String, _ prefix: String, end: String) -> [ToolCallForm] {
        let arguments = ToolCallForm.Arguments.tagged(
            TaggedNotation(
                parameter: [
                    .text("<\(prefix)key>"), .key(until: "</\(prefix)key>"), .space, .text("<\(prefix)value>"),
                ], valueEnd: "</\(prefix)value>", end: end))
        return [("<\(prefix)key>", ToolCallForm.Evidence.namesTool), (end, .namesKnownTool)].map { next, evidence in
            ToolCallForm([.name, .space, .next([next])], arguments, place: .after(opening), evidence: evidence)
        }
    }

    private static func invoke(_ prefix: String) -> ToolCallForm {
        ToolCallForm(
            [.text("<\(prefix)invoke name=\""), .name, "\">"],
            .tagged(
                TaggedNotation(
                    parameter: [
                        .text("<\(prefix)parameter name=\""), .key(until: "\""), .rest(until: ">"),
                    ], valueEnd: "</\(prefix)parameter>", end: "</\(prefix)invoke>")), evidence: .namesTool)
    }

    private static let literal: [ToolCallForm] = [
        // Llama 3.1's own tools, then Llama 3.2 and 4, LFM 2, Olmo 3, Gemma 3.
        ToolCallForm(
            [.nameEnding(".call"), .next(["("])], .literals(.python), place: .after("<|python_tag|>"),
            evidence: .namesTool),
        ToolCallForm([.name, .next(["("])], .literals(.python), place: .code, evidence: .namesToolOrLeads),
        // Gemma 4, FunctionGemma.
        ToolCallForm(
            ["<|tool_call>", .space, "call:", .name, .next(["{"])], .literals(.gemma("<|\"|>")),
            closing: ["<tool_call|>"]),
        ToolCallForm(
            ["<start_function_call>", .space, "call:", .name, .next(["{"])], .literals(.gemma("<escape>")),
            closing: ["<end_function_call>"]),
    ]

    /// What stands around calls.
    static let wrappers: [ToolCallWrapper] =
        [
            // Hermes, Qwen, GLM and many others.
            ToolCallWrapper("<tool_call>", closing: ["</tool_call>"]),
            ToolCallWrapper("[TOOL_CALLS]", closing: ["[/TOOL_CALLS]"]),
            ToolCallWrapper("<|python_tag|>", content: .code),
            ToolCallWrapper("<|python_start|>", closing: ["<|python_end|>"], content: .code),
            ToolCallWrapper("<|tool_call_start|>", closing: ["<|tool_call_end|>"], content: .code),
            ToolCallWrapper("<function_calls>", closing: ["</function_calls>"], content: .code),
            ToolCallWrapper("```tool_code", closing: ["```"], content: .code),
            // Apertus.
            ToolCallWrapper("<|tools_prefix|>", closing: ["<|tools_suffix|>"], content: .keyedByName),
            // Command R and A.
            ToolCallWrapper("<|START_ACTION|>", closing: ["<|END_ACTION|>"]),
            ToolCallWrapper("Action:", startsLine: true),
            // Phi-4-mini, FireFunction.
            ToolCallWrapper(["functools", .next(["["])], startsLine: true),
            // GigaChat 3.
            ToolCallWrapper(["function call", "<|role_sep|>"], closing: ["<|message_sep|>"], startsLine: true),
            ToolCallWrapper("<|function_call|>", closing: ["<|message_sep|>"]),
            // InternLM 2.
            ToolCallWrapper(["<|action_start|>", "<|plugin|>"], closing: ["<|action_end|>"]),
            // gpt-oss.
            ToolCallWrapper(["<|start|>", "assistant"]),
            // Muse Glimmer.
            ToolCallWrapper(
                ["to=", .name, "<|message|>", .next(["<atem:"])], closing: ["<|eom|>"],
                startsLine: true),
            ToolCallWrapper(["<", "｜DSML｜", "function_calls>"], closing: ["</｜DSML｜function_calls>"]),
            ToolCallWrapper(["<", "｜DSML｜", "tool_calls>"], closing: ["</｜DSML｜tool_calls>"]),
            // Step 3.
            ToolCallWrapper(
                ["<｜tool_call_begin｜>", "function", "<｜tool_sep｜>"], closing: ["<｜tool_call_end｜>"]),
            wrapper("<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>"),
            wrapper("<｜tool_calls_begin｜>", "<｜tool_calls_end｜>"),
            wrapper("<|tool_calls_section_begin|>", "<|tool_calls_section_end|>"),
            wrapper("<|tool_call|>", "<|/tool_call|>"),
        ]
        + [
            "tool_calls", "TOOLCALL", "seed:tool_call", "minimax:tool_call", "atem:function_calls",
            "antml:function_calls", "steptml:tool_calls", "longcat_tool_call", "function_call", "use_mcp_tool",
            "tools",
        ].map { wrapper("<\($0)>", "</\($0)>") }

    private static func wrapper(_ opening: String, _ closing: String) -> ToolCallWrapper {
        ToolCallWrapper(MarkPattern([.text(opening)]), closing: [closing])
    }

    /// What stands around thoughts.
    static let thoughts: [ThoughtMarks] = [
        ThoughtMarks(opening: "<think>", closing: "</think>", opensInPrompt: true),
        ThoughtMarks(opening: "[THINK]", closing: "[/THINK]", opensInPrompt: true),
        ThoughtMarks(opening: "<seed:think>", closing: "</seed:think>", opensInPrompt: true),
        ThoughtMarks(opening: "<thought>", closing: "</thought>", opensInPrompt: true),
        ThoughtMarks(opening: "<thinking>", closing: "</thinking>", opensInPrompt: true),
        ThoughtMarks(opening: "◁think▷", closing: "◁/think▷", opensInPrompt: true),
        ThoughtMarks(opening: "<|START_THINKING|>", closing: "<|END_THINKING|>", opensInPrompt: true),
        ThoughtMarks(opening: "<|inner_prefix|>", closing: "<|inner_suffix|>", opensInPrompt: true),
        ThoughtMarks(opening: ["<|channel|>", "analysis", "<|message|>"], closing: "<|end|>"),
        ThoughtMarks(opening: ["<|channel>", "thought"], closing: "<channel|>"),
        // Apriel.
        ThoughtMarks(
            opening: "Here are my reasoning steps:", closing: "[BEGIN FINAL RESPONSE]", opensInPrompt: true),
    ]

    /// What stands around calls and thoughts and may be a special token of a vocabulary.
    static let marks: (calls: [String], thoughts: [String]) = {
        let calls =
            forms.flatMap(\.marks)
            + wrappers.flatMap { $0.opening.marks + $0.closing.flatMap { MarkPattern([.text($0)]).marks } }
        return (Array(Set(calls)).sorted(), thoughts.flatMap { $0.opening.marks + $0.closing.marks })
    }()
}
