import HayGeneration
import HayJSON
import HayModels
import HayNN
import HayTensor
import HayTokenizer
import HayWeights

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Compares a checkpoint with what the reference implementation made of it.
///
/// The folder holds the checkpoint, `expected.json` with `cases` (a tag, input ids, the arguments of `generate` and the
/// sequences that it gave), and `expected.safetensors` with `prompt_i.logits` at every position of a prompt and
/// `sample_k.probs` at every step of a sampled case.
public struct Verification {
    /// What came of one comparison.
    public enum Outcome: Sendable, Equatable {
        /// They agree; the largest error where numbers were compared.
        case passed(error: Float?)
        /// They differ, and how.
        case failed(String)
        /// Not compared, and why.
        case skipped(String)
    }

    /// One comparison.
    public struct Check: Sendable, Equatable, CustomStringConvertible {
        /// "logits/2", "greedy/0".
        public let name: String
        /// What came of it.
        public let outcome: Outcome
        /// The error allowed, where numbers were compared.
        public let tolerance: Float?

        /// A comparison and its outcome.
        public init(name: String, outcome: Outcome, tolerance: Float? = nil) {
            self.name = name
            self.outcome = outcome
            self.tolerance = tolerance
        }

        /// "logits/2: passed, error 1e-05 of 0.0002".
        public var description: String {
            switch outcome {
            case .passed(let error?): "\(name): passed, error \(error), tolerance \(tolerance ?? 0)"
            case .passed(nil): "\(name): passed, ids equal"
            case .failed(let difference): "\(name): FAILED, \(difference)"
            case .skipped(let reason): "\(name): skipped, \(reason)"
            }
        }
    }

    /// The largest error allowed on a logit, in absolute terms: f32 sums in another order differ by about 1e-5.
    public static let logitsTolerance: Float = 2e-4
    /// The largest error allowed on a probability: logits within their tolerance allow half of it at most.
    public static let probabilityTolerance: Float = 1e-4

    private let model: any LanguageModel
    private let backend: any Backend
    private let defaults: GenerationConfig
    private let tokenizer: Tokenizer?
    private let expected: JSON
    private let tensors: TensorFile

    /// Opens a folder of references, its weights widened to f32 as the references were computed.
    ///
    /// Throws the errors of files, checkpoints and configurations.
    public init(folder: String, on backend: any Backend) throws {
        let local = try LocalModel(folder: folder, on: backend, dtype: .f32)
        model = local.model
        defaults = local.generationDefaults
        tokenizer = try? local.tokenizer.get()
        self.backend = backend
        let file = try ModelConfig(file: "\(folder)/expected.json")
        expected = .object(file.members)
        tensors = try TensorFile("\(folder)/expected.safetensors")
    }

    /// Runs every comparison that the folder has references for.
    public func run() throws -> [Check] {
        var checks: [Check] = []
        for name in tensors.names {
            if let check = try checkTensor(name) { checks.append(check) }
        }
        for testCase in expected["cases"]?.array ?? [] { checks += try checkCase(testCase) }
        return checks
    }

    /// Every comparison of a folder; one that is skipped where the architecture is not supported.
    ///
    /// Throws as `init` does for a folder that cannot be read.
    public static func checks(of folder: String, on backend: any Backend) throws -> [Check] {
        do { return try Verification(folder: folder, on: backend).run() } catch let error as ConfigError {
            guard case .unknownArchitecture(let type, _, _) = error else { throw error }
            return [Check(name: "all", outcome: .skipped("the architecture '\(type)' is not supported yet"))]
        }
    }

    /// The folders of references among these and directly below them, sorted.
    public static func folders(in paths: [String]) -> [String] {
        paths.flatMap { path in
            access("\(path)/expected.json", F_OK) == 0
                ? [path] : subfolders(of: path).filter { access("\($0)/expected.json", F_OK) == 0 }
        }
    }

    private static func subfolders(of path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            names.append(
                withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        return names.filter { !$0.hasPrefix(".") }.sorted().map { "\(path)/\($0)" }
    }

    // MARK: Logits

    /// Sampled probabilities are compared with their case, which holds the options.
    private func checkTensor(_ name: String) throws -> Check? {
        let parts = name.split(separator: ".")
        guard parts.count == 2, !parts[0].hasPrefix("sample_") else { return nil }
        guard parts[1] == "logits", let index = Int(parts[0].dropFirst("prompt_".count)) else {
            let reason = parts[0] == "batch" ? "batches are not supported yet" : "hidden states are not read out"
            return Check(name: name, outcome: .skipped(reason))
        }
        guard let prompt = prompt(index) else {
            return Check(name: name, outcome: .failed("expected.json has no ids of prompt \(index)"))
        }
        let decoderPrompt = ids(element(index, of: "decoder_prompts")) ?? []
        let found = try model.allLogits(prompt: prompt, decoderPrompt: decoderPrompt, on: backend)
        let reference = try tensors.floats(name).values
        return numbers(name, found, reference, tolerance: Verification.logitsTolerance)
    }

    private func prompt(_ index: Int) -> [Int32]? {
        if expected["prompts"] != nil { return ids(element(index, of: "prompts")) }
        let testCase = expected["cases"]?.array?.first { $0["prompt_index"]?.int == index }
        return ids(testCase?["input_ids"])
    }

    private func element(_ index: Int, of list: String) -> JSON? {
        guard let array = expected[list]?.array, array.indices.contains(index) else { return nil }
        return array[index]
    }

    private func numbers(_ name: String, _ found: [Float], _ reference: [Float], tolerance: Float) -> Check {
        guard found.count == reference.count else {
            return Check(name: name, outcome: .failed("\(found.count) numbers, expected \(reference.count)"))
        }
        var largest: Float = 0
        for (a, b) in zip(found, reference) {
            let difference = abs(a - b)
            largest = difference.isNaN ? .infinity : max(largest, difference)
        }
        let outcome: Outcome =
            largest <= tolerance ? .passed(error: largest) : .failed("error \(largest), tolerance \(tolerance)")
        return Check(name: name, outcome: outcome, tolerance: tolerance)
    }

    // MARK: Cases

    private func checkCase(_ testCase: JSON) throws -> [Check] {
        let tag = testCase["tag"]?.string ?? "case"
        let name = testCase["prompt_index"]?.int.map { "\(tag)/\($0)" } ?? tag
        func skipped(_ reason: String) -> [Check] { [Check(name: name, outcome: .skipped(reason))] }
        guard let prompt = ids(testCase["input_ids"]) else { return skipped("batches are not supported yet") }
        guard let sequence = ids(testCase["sequences"]?.array?.first) else { return skipped("it has no sequence") }
        var config = defaults
        do {
            try config.set(testCase["generate"]?.object ?? .init())
            try config.checkNeedsOneText()
        } catch let error as GenerationError {
            return skipped(error.description)
        }
        if config.doSample { return [try checkProbabilities(name, prompt, sequence, config)] }
        var checks = [Check(name: name, outcome: try checkSequence(prompt, sequence, config))]
        if let text = checkText(testCase, prompt, sequence) {
            checks.append(Check(name: "\(name)/text", outcome: text))
        }
        return checks
    }

    private func checkSequence(_ prompt: [Int32], _ sequence: [Int32], _ config: GenerationConfig) throws -> Outcome {
        let generation = try Generation(model, prompt: prompt, config, on: backend)
        while try generation.next() != nil {}
        let prefix = model.isEncoderDecoder ? [model.decoderStartToken] : prompt
        let found = prefix + generation.newTokens
        if found == sequence { return .passed(error: nil) }
        let place = zip(found, sequence).prefix { $0 == $1 }.count
        return .failed(
            "ids differ from place \(place): \(found[place...].prefix(4)), expected \(sequence[place...].prefix(4))")
    }

    /// Feeds the reference's own ids and compares the distribution that each next one was drawn from.
    private func checkProbabilities(
        _ name: String, _ prompt: [Int32], _ sequence: [Int32], _ config: GenerationConfig
    ) throws -> Check {
        let tensor = name.replacing("/", with: "_") + ".probs"
        let reference = try tensors.floats(tensor).values
        let decoded = model.isEncoderDecoder ? [model.decoderStartToken] : prompt
        let steps = reference.count / model.vocabularySize
        guard reference.count.isMultiple(of: model.vocabularySize), decoded.count - 1 + steps <= sequence.count else {
            return Check(name: name, outcome: .failed("\(tensor) and the sequence do not belong together"))
        }
        let all = try model.allLogits(
            prompt: model.isEncoderDecoder ? prompt : sequence, decoderPrompt: model.isEncoderDecoder ? sequence : [],
            on: backend)
        // transformers generates 20 tokens where nothing is said.
        let limit = decoded.count + config.newTokenLimit(after: decoded.count, fallback: 20)
        let sampler = Sampler(config, source: prompt, prefixCount: decoded.count, lengthLimit: limit)
        var found: [Float] = []
        for step in 0 ..< steps {
            let row = decoded.count - 1 + step
            var logits = Array(all[row * model.vocabularySize ..< (row + 1) * model.vocabularySize])
            sampler.probabilities(&logits, after: Array(sequence[...row]))
            found += logits
        }
        return numbers(name, found, reference, tolerance: Verification.probabilityTolerance)
    }

    /// Compares the prompt's ids and the sequence's text where the reference has texts and the folder a tokenizer.
    private func checkText(_ testCase: JSON, _ prompt: [Int32], _ sequence: [Int32]) -> Outcome? {
        guard let text = testCase["text"]?.array?.first?.string ?? testCase["text"]?.string else { return nil }
        guard let tokenizer else { return .skipped("the folder's tokenizer is not supported yet") }
        if let prompt = testCase["prompt"]?.string, tokenizer.encode(prompt) != ids(testCase["input_ids"]) {
            return .failed("the prompt's ids are \(tokenizer.encode(prompt))")
        }
        let found = tokenizer.decode(sequence, skippingSpecialTokens: true)
        return found == text ? .passed(error: nil) : .failed("the text is '\(found)', expected '\(text)'")
    }

    private func ids(_ json: JSON?) -> [Int32]? {
        guard let array = json?.array else { return nil }
        let ids = array.compactMap { $0.int.flatMap(Int32.init(exactly:)) }
        return ids.count == array.count ? ids : nil
    }
}
