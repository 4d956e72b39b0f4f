#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif
import HayJSON

/// Measures the text side: `TextBench BENCHMARK`, one task as JSON a line of input, one result as JSON a line of output.
@main
struct TextBench {
    /// The benchmarks by name; each takes a task and gives its result.
    static let benchmarks: [String: @Sendable (JSON) throws -> JSON] = [
        "templates": TemplateBenchmark.run, "tokenizers": TokenizerBenchmark.run,
    ]

    static func main() throws {
        guard let name = CommandLine.arguments.dropFirst().first, let benchmark = benchmarks[name] else {
            print("usage: TextBench \(benchmarks.keys.sorted().joined(separator: "|"))")
            return
        }
        while let line = readLine() {
            print(try benchmark(JSON.parse(line)))
            fflush(nil)
        }
    }
}
