import HayJSON
import HayTemplate

/// Renders the input as a template; what follows a zero byte is its context, when that is a JSON object.
func fuzzTemplate(_ input: [UInt8]) {
    let parts = input.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
    let source = String(decoding: parts[0], as: UTF8.self)
    let context = parts.count > 1 ? try? JSON.parse(Array(parts[1])).object : nil
    guard let template = try? Template(source) else { return }
    _ = try? template.render(context ?? sample, limits: limits, now: now)
    _ = try? ChatTemplate(source).render(
        messages: sample["messages"] ?? [], addGenerationPrompt: input.count % 2 == 0,
        continueFinalMessage: input.count % 2 == 1, specialTokens: ["bos_token": "<s>", "eos_token": "</s>"],
        limits: limits, now: now)
}

/// Small enough that inputs take milliseconds.
private let limits: RenderLimits = {
    var limits = RenderLimits()
    limits.steps = 50_000
    limits.depth = 300
    limits.outputSize = 1 << 18
    limits.createdSize = 1 << 24
    return limits
}()

private let now = ClockTime("2024-07-26T09:30:15")

private let sample: JSON.Object =
    ([
        "messages": [
            ["role": "system", "content": "You are näive."], ["role": "user", "content": " Hi 😀\n"],
            [
                "role": "assistant", "content": [["type": "text", "text": "Yo"]],
                "tool_calls": [["function": ["name": "f", "arguments": ["x": 1]]]],
            ],
            ["role": "assistant", "content": "Bye"],
        ],
        "tools": [["name": "f", "parameters": ["type": "object"]]], "add_generation_prompt": true, "bos_token": "<s>",
        "i": 7, "n": -1, "zero": 0, "f": 2.5, "g": -0.1, "s": "foo Bar", "t": "ünïcödé ß", "empty": "", "yes": true,
        "no": false, "nothing": .null, "l": [3, 1, 2], "words": ["b", "A", "c d"], "mixed": [1, "a", .null, 2.5, [1]],
        "users": [["name": "x", "age": 3], ["name": "Y", "age": 1]], "user": ["name": "z", "role": "user"],
        "d": ["a": 1, "b": ["c": 2]], "big": .int(.max), "small": .int(.min), "huge": 1e300, "nan": .double(.nan),
    ] as JSON).object ?? .init()
