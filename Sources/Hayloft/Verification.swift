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
/// The folder holds the checkpoint, `expected.json` and perhaps more `expected_*.json` with `cases` (a tag, the ids of one
/// text or of a padded batch, the arguments of `generate` and the sequences that it gave), and `expected.safetensors` with
/// logits and hidden states at every position of a prompt, and `sample_k.probs` at every step of a sampled case.
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
    /// The largest error allowed on a probability that a token is drawn with.
    public static let probabilityTolerance: Float = 1e-5
    /// The largest error allowed on the score of a beam.
    public static let scoreTolerance: Float = 1e-4

    let model: any LanguageModel
    let backend: any Backend
    let defaults: GenerationConfig
    let tokenizer: Tokenizer?
    let expected: JSON
    let cases: [JSON]
    let tensors: TensorFile

    /// Opens a folder of references, its weights widened to f32 as the references were computed.
    ///
    /// Throws the errors of files, checkpoints and configurations.
    public init(folder: String, on backend: any Backend) throws {
        let local = try LocalModel(folder: folder, on: backend, dtype: .f32)
        model = local.model
        defaults = local.generationDefaults
        tokenizer = try? local.tokenizer.get()
        self.backend = backend
        expected = .object(try ModelConfig(file: "\(folder)/expected.json").members)
        let others = Verification.names(in: folder).filter { $0.hasPrefix("expected_") && $0.hasSuffix(".json") }
        let more = try others.map { try ModelConfig(file: "\(folder)/\($0)").members["cases"]?.array ?? [] }
        cases = (expected["cases"]?.array ?? []) + more.joined()
        tensors = try TensorFile("\(folder)/expected.safetensors")
    }

    /// Runs every comparison that the folder has references for.
    public func run() throws -> [Check] {
        var checks: [Check] = []
        for name in tensors.names {
            if let check = try checkTensor(name) { checks.append(check) }
        }
        for testCase in cases { checks += try checkCase(testCase) }
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

    private static func subfolders(of path: String) -> [String] { names(in: path).map { "\(path)/\($0)" } }

    /// What a folder holds, sorted, without hidden files.
    private static func names(in path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            names.append(
                withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        return names.filter { !$0.hasPrefix(".") }.sorted()
    }
}
