import ArgumentParser
import HayJSON
import HayNN
import HayTensor
import HayWeights
import Hayloft

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// `hayloft info`: what a checkpoint is.
struct Info: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what a checkpoint is and what it needs.",
        discussion: "hayloft info ./zephyr-7b-beta")

    @OptionGroup var options: ModelOptions
    @OptionGroup(visibility: .hidden) var compute: ComputeOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    @Argument(help: "The model, as --model takes it.")
    var name: String?

    func run() throws {
        var options = options
        options.model = name ?? options.model
        let folder = try options.folder(bundled: "tiny-flan-t5")
        let local = try compute.open(folder, on: compute.makeBackend(), options.output, staysInFiles: true)
        let members = facts(local)
        if json {
            print(JSON.object(members).text(spaced: true))
        } else {
            let width = members.keys.reduce(0) { max($0, $1.count) }
            for (key, value) in members {
                let label = key.replacing("_", with: " ") + String(repeating: " ", count: width - key.count)
                for (index, line) in lines(value).enumerated() {
                    print(index == 0 ? "\(label)  \(line)" : String(repeating: " ", count: width + 2) + line)
                }
            }
        }
    }

    private func facts(_ local: LocalModel) -> JSON.Object {
        let checkpoint = local.checkpoint
        let types = checkpoint.parameterCounts.sorted { $0.key < $1.key }
        let sizes: [(String, JSON)] = checkpoint.files.map { (lastComponent($0), .int(size(of: $0))) }
        let memory: [(String, JSON)] = [DType.f32, .bf16, .f16, .int8, .int4].map {
            ($0.rawValue, .int(checkpoint.byteCount(as: $0)))
        }
        let tokenizer: JSON
        switch local.tokenizer {
        case .success(let found): tokenizer = .string("\(found.vocabularySize) tokens")
        case .failure(let error): tokenizer = .string("none: \(error)")
        }
        let template = try? local.tokenizer.get().configuration.chatTemplates
        return JSON.Object([
            ("folder", .string(local.folder)),
            ("architecture", local.config.value("model_type") ?? .null),
            ("parameters", .int(checkpoint.parameterCount)),
            ("active_parameters", .int(checkpoint.usedParameterCount(shareOfStacks: local.model.expertShare))),
            ("weight_types", .object(.init(types.map { ($0.key, .int($0.value)) }))),
            ("files", .object(.init(sizes))),
            ("context_length", local.model.contextLength.map { .int($0) } ?? .null),
            ("tokenizer", tokenizer),
            ("chat_template", .bool(template?.isEmpty == false)),
            ("cache_bytes_per_token", .int(local.model.cacheShape.bytesPerPosition(.f32))),
            ("weight_bytes", .object(.init(memory))),
            ("unused_tensors", .array(checkpoint.unrequested.map { .string($0) })),
        ])
    }

    private func lines(_ value: JSON) -> [String] {
        switch value {
        case .object(let members): members.map { "\($0): \(plain($1))" }
        case .array(let elements): elements.isEmpty ? ["none"] : elements.map(plain)
        default: [plain(value)]
        }
    }

    private func plain(_ value: JSON) -> String {
        switch value {
        case .string(let text): text
        case .null: "none"
        case .bool(let value): value ? "yes" : "no"
        case .int(let value): grouped(value)
        default: "\(value)"
        }
    }

    /// 1234567 as 1,234,567.
    private func grouped(_ value: Int) -> String {
        var digits = Array(String(value))
        for place in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: place) }
        return String(digits)
    }

    private func lastComponent(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

    private func size(of path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }
}
