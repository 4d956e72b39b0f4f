import HayGeneration
import HayJSON
import HayTokenizer

extension Verification {
    /// Runs one case as it was run in the reference, and with prompt lookup where the reference has that too.
    func checkCase(_ testCase: JSON) throws -> [Check] {
        let tag = testCase["tag"]?.string ?? "case"
        let name = testCase["prompt_index"]?.int.map { "\(tag)/\($0)" } ?? tag
        guard let rows = Verification.rows(testCase), let sequences = Verification.sequences(testCase) else {
            return [Check(name: name, outcome: .failed("it lacks input_ids or sequences"))]
        }
        var config = defaults
        do { try config.set(testCase["generate"]?.object ?? .init()) } catch GenerationError.unsupportedOption(
            let option)
        {
            return [Check(name: name, outcome: .skipped("the option '\(option)' is not supported yet"))]
        }
        if config.doSample { return [try checkProbabilities(name, rows[0], sequences[0], config)] }
        let depends = testCase["each_row_equals_unbatched_run"]?.bool == false
        let results = try generate(rows, config, dependent: depends)
        var checks = [check(name, rows, testCase, sequences, results, config)]
        if let scores = testCase["sequences_scores"]?.array?.compactMap({ $0.double.map { Float($0) } }) {
            let found = results.flatMap(\.replies).map { $0.score ?? .nan }
            checks.append(numbers("\(name)/scores", found, scores, tolerance: Verification.scoreTolerance))
        }
        if let text = checkText(testCase, rows[0], sequences) {
            checks.append(Check(name: "\(name)/text", outcome: text))
        }
        return try checks + checkLookups(name, rows, testCase, config)
    }

    /// Keys such as "prompt_lookup_num_tokens=4" hold what the reference gives with that option.
    private func checkLookups(
        _ name: String, _ rows: [[Int32]], _ testCase: JSON, _ config: GenerationConfig
    ) throws -> [Check] {
        try (testCase.object ?? .init()).compactMap { key, value in
            let parts = key.split(separator: "=")
            guard parts.count == 2, parts[0] == "prompt_lookup_num_tokens", let count = Int(parts[1]) else {
                return nil
            }
            var config = config
            config.promptLookupTokens = count
            let sequences = Verification.sequences(value) ?? []
            return check("\(name)/\(key)", rows, testCase, sequences, try generate(rows, config), config)
        }
    }

    /// All rows in one batch; where the reference's rows depend on each other (rope that stretches), ours do so too.
    private func generate(
        _ rows: [[Int32]], _ config: GenerationConfig, dependent: Bool = false
    ) throws -> [GenerationResult] {
        var options = Scheduler.Options()
        options.cachePositions = 1 << 14
        options.cacheType = .f32
        options.stretchesTogether = dependent
        options.passLength = rows.reduce(0) { $0 + $1.count }
        let scheduler = Scheduler(model, options, on: backend)
        return try scheduler.run(rows.map { GenerationRequest(prompt: $0, config: config) })
    }

    /// Compares ids; behind a reply's end the reference may have filled its row with one token.
    private func check(
        _ name: String, _ rows: [[Int32]], _ testCase: JSON, _ sequences: [[Int32]], _ results: [GenerationResult],
        _ config: GenerationConfig
    ) -> Check {
        let padded = testCase["input_ids"]?.array?.compactMap(Verification.ids) ?? []
        let texts = padded.isEmpty ? rows : padded
        let prefixes = model.isEncoderDecoder ? rows.map { _ in [model.decoderStartToken] } : texts
        let fills = Set([config.padTokenID ?? 0] + config.eosTokenIDs)
        let replies = results.flatMap(\.replies)
        let found = zip(prefixes, results).flatMap { prefix, result in result.replies.map { prefix + $0.tokenIDs } }
        guard found.count == sequences.count else {
            return Check(name: name, outcome: .failed("\(found.count) replies, expected \(sequences.count)"))
        }
        for (index, (ids, expected)) in zip(found, sequences).enumerated() {
            let rest = Set(expected.dropFirst(ids.count))
            let isFilled = rest.count == 1 && rest.isSubset(of: fills) && replies[index].finishReason == .stop
            if expected.starts(with: ids), rest.isEmpty || isFilled { continue }
            let place = zip(ids, expected).prefix { $0 == $1 }.count
            let shown = "\(ids[place...].prefix(4)), expected \(expected[place...].prefix(4))"
            return Check(name: name, outcome: .failed("ids differ from place \(place): \(shown)"))
        }
        return Check(name: name, outcome: .passed(error: nil))
    }

    /// Feeds the reference's own ids and compares the distribution that each next one was drawn from.
    private func checkProbabilities(
        _ name: String, _ prompt: [Int32], _ sequence: [Int32], _ config: GenerationConfig
    ) throws -> Check {
        let tensor = name.replacing("/", with: "_") + ".probs"
        let reference = try tensors.floats(tensor).values
        let prefixCount = model.isEncoderDecoder ? 1 : prompt.count
        let steps = reference.count / model.vocabularySize
        guard reference.count.isMultiple(of: model.vocabularySize), prefixCount - 1 + steps <= sequence.count else {
            return Check(name: name, outcome: .failed("\(tensor) and the sequence do not belong together"))
        }
        let all = try stepLogits(prompt, sequence, from: prefixCount, count: steps)
        let limit = prefixCount + config.newTokenLimit(after: prefixCount, fallback: steps)
        let sampler = Sampler(config, source: prompt, prefixCount: prefixCount, lengthLimit: limit)
        var found: [Float] = []
        for step in 0 ..< steps {
            var logits = Array(all[step * model.vocabularySize ..< (step + 1) * model.vocabularySize])
            sampler.probabilities(&logits, after: Array(sequence[..<(prefixCount + step)]))
            found += logits
        }
        return numbers(name, found, reference, tolerance: Verification.probabilityTolerance)
    }

    /// The logits that follow the first `start` ids of a sequence, and one more at each step: [count, V].
    private func stepLogits(_ prompt: [Int32], _ sequence: [Int32], from start: Int, count: Int) throws -> [Float] {
        let size = model.vocabularySize
        if model.rereadLength != nil {  // other keys for longer texts
            return try (0 ..< count).flatMap {
                try model.allLogits(prompt: Array(sequence[..<(start + $0)]), on: backend).suffix(size)
            }
        }
        let all = try model.allLogits(
            prompt: model.isEncoderDecoder ? prompt : sequence, decoderPrompt: model.isEncoderDecoder ? sequence : [],
            on: backend)
        return Array(all[(start - 1) * size ..< (start - 1 + count) * size])
    }

    /// Compares the prompt's ids and the sequences' texts where the reference has texts and the folder a tokenizer.
    private func checkText(_ testCase: JSON, _ prompt: [Int32], _ sequences: [[Int32]]) -> Outcome? {
        guard let texts = testCase["text"]?.array?.map(\.string) ?? testCase["text"]?.string.map({ [$0] }) else {
            return nil
        }
        guard let tokenizer else { return .skipped("the folder's tokenizer cannot be read") }
        if let text = testCase["prompt"]?.string, tokenizer.encode(text) != prompt {
            return .failed("the prompt's ids are \(tokenizer.encode(text))")
        }
        for (text, sequence) in zip(texts, sequences) {
            let found = tokenizer.decode(sequence, skippingSpecialTokens: true)
            if found != text { return .failed("the text is '\(found)', expected '\(text ?? "")'") }
        }
        return .passed(error: nil)
    }

    private static func sequences(_ json: JSON) -> [[Int32]]? {
        let sequences = json["sequences"]?.array?.compactMap(ids)
        return sequences?.count == json["sequences"]?.array?.count ? sequences : nil
    }
}
