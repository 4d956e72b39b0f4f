import HayGeneration
import HayJSON
import HayTensor
import Hayloft

/// Prompt lookup on the bundled chat model: where answers repeat what was said, and where they do not.
struct LookupBenchmark {
    let options: Options
    let backend: CPUBackend

    func run() throws {
        let local = try LocalModel(folder: "\(options.bundled)/tiny-zephyr", on: backend)
        print("\nprompt lookup on tiny-zephyr, of the time that plain greedy search takes")
        let chat = try ChatPrompt(local.tokenizer.get(), folder: local.folder)
        try compare("tool calls asked for again", local, calls(chat))
        try compare("answers that repeat nothing", local, answers(chat))
    }

    /// Conversations in which a question was answered by a tool call, and is asked again.
    private func calls(_ chat: ChatPrompt) throws -> [[Int32]] {
        try examples(of: ["tool_call"]).map { example in
            let messages = example["messages"]?.array ?? []
            let again = [["role": "assistant", "content": example["answer"] ?? .null]] + messages.suffix(1)
            return try chat.ids(.array(messages + again), tools: example["tools"])
        }
    }

    private func answers(_ chat: ChatPrompt) throws -> [[Int32]] {
        try examples(of: ["number_to_words", "opposite", "translate", "date"]).map {
            try chat.ids($0["messages"] ?? .null)
        }
    }

    /// Examples that the model was measured on.
    private func examples(of tasks: Set<String>) throws -> [JSON] {
        let file = try MappedFile("\(options.bundled)/tiny-zephyr/evaluation.jsonl")
        let lines = file.withBytes { String(decoding: $0, as: UTF8.self) }.split(separator: "\n")
        return try lines.map { try JSON.parse(String($0)) }.filter { tasks.contains($0["task"]?.string ?? "") }
    }

    private func compare(_ name: String, _ local: LocalModel, _ prompts: [[Int32]]) throws {
        var ratios: [Double] = []
        var same = true
        var tokensPerPass = 0.0
        for _ in 0 ..< options.rounds {
            let (plain, plainTime, passes) = try decode(local, prompts, lookup: nil)
            let (guessed, guessedTime, fewerPasses) = try decode(local, prompts, lookup: 16)
            tokensPerPass = Double(passes) / Double(fewerPasses)
            same = same && plain == guessed
            ratios.append(plainTime / guessedTime)
        }
        let speed = "\(median(ratios).text) times as fast with \(tokensPerPass.text) tokens a pass"
        print("\(name): \(speed), \(same ? "the same tokens" : "OTHER TOKENS")")
    }

    /// The replies, one prompt after the other, the seconds that writing them took, and in how many passes.
    private func decode(
        _ local: LocalModel, _ prompts: [[Int32]], lookup: Int?
    ) throws -> ([[Int32]], Double, Int) {
        var config = local.generationDefaults
        config.promptLookupTokens = lookup
        var limits = Scheduler.Options()
        limits.prefixPositions = 0
        limits.cachePositions = 4096
        let scheduler = Scheduler(local.model, limits, on: backend)
        var time = 0.0, passes = 0
        let replies = try prompts.map { prompt in
            var result = GenerationResult()
            try scheduler.add(GenerationRequest(prompt: prompt, config: config)) { event in
                if case .success(let event) = event { result.add(event) }
            }
            while scheduler.isReading { scheduler.step() }
            time += seconds {
                while !scheduler.isIdle {
                    scheduler.step()
                    passes += 1
                }
            }
            return result.replies[0].tokenIDs
        }
        return (replies, time, passes)
    }
}
