import ArgumentParser
import HayTensor
import Hayloft

/// `hayloft verify`: compares models with reference outputs.
struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare models with the outputs of the reference implementation.",
        discussion: """
            A reference folder holds a checkpoint with expected.json and expected.safetensors; a folder of such folders
            is gone through. Weights are widened to f32. What is not supported yet is listed as skipped.

              hayloft verify --reference Tests/Golden
            """)

    @OptionGroup(visibility: .hidden) var options: ModelOptions
    @OptionGroup var compute: ComputeOptions

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Reference folders, or folders that hold them.", valueName: "folder"))
    var reference: [String]

    func run() throws {
        let folders = try reference.flatMap { path in
            let found = Verification.folders(in: [path])
            if found.isEmpty { throw CommandError("\(path) holds no expected.json; give a folder of references") }
            return found
        }
        let backend = compute.makeBackend()
        var passed = 0, failed = 0, skipped = 0
        for folder in folders {
            for check in checks(of: folder, on: backend) {
                print("\(folder) \(check)")
                switch check.outcome {
                case .passed: passed += 1
                case .failed: failed += 1
                case .skipped: skipped += 1
                }
            }
        }
        print("\(passed) passed, \(failed) failed, \(skipped) skipped")
        if failed > 0 { throw ExitCode(1) }
    }

    /// The comparisons of a folder; one that cannot be read has failed, and the others go on.
    private func checks(of folder: String, on backend: any Backend) -> [Verification.Check] {
        do { return try Verification.checks(of: folder, on: backend) } catch {
            return [Verification.Check(name: "all", outcome: .failed("\(error)"))]
        }
    }
}
