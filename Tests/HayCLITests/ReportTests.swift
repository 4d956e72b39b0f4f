import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

private let reports = Fixtures.folders(in: "reports").filter { Fixtures.exists("\($0)/cmd") }

/// Inputs that users of other engines reported: a line for the shell, and what it has to print.
@Suite("Reported problems", .enabled(if: !reports.isEmpty, "no fixtures: set HAYLOFT_FIXTURES"))
struct ReportTests {
    @Test("each reported command prints what it should", arguments: reports)
    func report(folder: String) throws {
        let output = TemporaryFolder()
        let command =
            "cd '\(folder)' && env -u HAYLOFT_MODELS HAYLOFT='\(Command.binary)' bash ./cmd"
            + " >'\(output.path)/out' 2>'\(output.path)/err' </dev/null"
        _ = system(command)
        let text = { (path: String) in String(decoding: Fixtures.bytes(path) ?? [], as: UTF8.self) }
        let expected = text("\(folder)/expected"), printed = text("\(output.path)/out")
        #expect(
            withoutLastLineEnd(printed) == withoutLastLineEnd(expected),
            "\(text("\(folder)/README.md")) \(text("\(output.path)/err"))")
    }

    private func withoutLastLineEnd(_ text: String) -> String { text.hasSuffix("\n") ? String(text.dropLast()) : text }
}
