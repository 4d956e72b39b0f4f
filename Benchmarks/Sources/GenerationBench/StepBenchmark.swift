import HayGeneration
import HayNN
import Hayloft

/// Steps of batches and beams, and the sampler, against a step of one greedy text.
struct StepBenchmark {
    let local: LocalModel
    let options: Options

    /// Prints what was measured.
    ///
    /// - Returns: the seconds of a greedy step.
    func run() throws -> Double {
        var times: [String: [Double]] = [:]
        let kinds: [(name: String, batch: Int, beams: Int)] = [
            ("greedy", 1, 1), ("batch 2", 2, 1), ("batch 4", 4, 1), ("batch 8", 8, 1), ("4 beams", 1, 4),
        ]
        for _ in 0 ..< options.rounds {
            for kind in kinds { times[kind.name, default: []].append(try step(batch: kind.batch, beams: kind.beams)) }
            times["sampler", default: []].append(sampler(topK: 0))
            times["sampler, top_k 50", default: []].append(sampler(topK: 50))
        }
        let greedy = times["greedy"] ?? []
        print("a greedy step takes \((median(greedy) * 1000).text) ms")
        for kind in kinds.dropFirst() {
            let ratio = median(zip(times[kind.name] ?? [], greedy).map { $0 / $1 })
            let gain = kind.batch > 1 ? ", \((Double(kind.batch) / ratio).text) times the tokens a second" : ""
            print("a step of \(kind.name): \(ratio.text) times that\(gain)")
        }
        for name in ["sampler", "sampler, top_k 50"] {
            let share = median(zip(times[name] ?? [], greedy).map { $0 / $1 })
            print(
                "\(name), all warpers on: \((median(times[name] ?? []) * 1000).text) ms, \((share * 100).text) % of a step"
            )
        }
        return median(greedy)
    }

    /// The seconds of a step of writing, the prompts being read already.
    private func step(batch: Int, beams: Int) throws -> Double {
        var config = GenerationConfig()
        config.maxNewTokens = options.tokens
        config.beamCount = beams
        var limits = Scheduler.Options()
        limits.cachePositions = batch * beams * (options.tokens + 384)
        limits.prefixPositions = 0
        let scheduler = Scheduler(local.model, limits, on: local.backend)
        let prompt = (0 ..< 16).map { Int32(($0 &* 7919 &+ 13) % local.model.vocabularySize) }
        for _ in 0 ..< batch { try scheduler.add(GenerationRequest(prompt: prompt, config: config)) { _ in } }
        while scheduler.isReading { scheduler.step() }
        var steps = 0
        return seconds {
            while !scheduler.isIdle {
                scheduler.step()
                steps += 1
            }
        } / Double(max(steps, 1))
    }

    /// The seconds that choosing a token takes with every warper on.
    private func sampler(topK: Int) -> Double {
        var config = GenerationConfig()
        config.doSample = true
        config.temperature = 0.8
        config.topK = topK
        config.topP = 0.95
        config.minP = 0.02
        config.typicalP = 0.95
        config.epsilonCutoff = 3e-4
        config.etaCutoff = 3e-4
        config.repetitionPenalty = 1.1
        var random = SeededRandom(seed: 1)
        let history = (0 ..< 500).map { _ in Int32(random.uniform() * Double(local.model.vocabularySize)) }
        let sampler = Sampler(config, source: history, prefixCount: 100, lengthLimit: 1000)
        // The sum of twelve uniform numbers is nearly normal: logits with a spread of three, as models give.
        let logits = (0 ..< local.model.vocabularySize).map { _ in
            Float((0 ..< 12).reduce(-6.0) { sum, _ in sum + random.uniform() } * 3)
        }
        var rows = Array(repeating: logits, count: 20)
        return seconds {
            for index in rows.indices { _ = sampler.choose(&rows[index], after: history, &random) }
        } / Double(rows.count)
    }
}
