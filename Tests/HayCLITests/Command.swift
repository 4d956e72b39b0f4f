import TestSupport

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The built command.
enum Command {
    /// Its file, beside the tests' own.
    static let binary: String = {
        let folder = CommandLine.arguments[0].split(separator: "/", omittingEmptySubsequences: false).dropLast()
        return folder.joined(separator: "/") + "/hayloft"
    }()
}

/// Runs the built command as a user would, after commands of the shell.
func hayloft(_ arguments: String, input: String = "", after setup: String = "") -> (
    output: String, errors: String, status: Int32
) {
    hayloft(arguments, input: Array(input.utf8), after: setup)
}

/// The same with bytes that need not be text.
func hayloft(_ arguments: String, input: [UInt8], after setup: String = "") -> (
    output: String, errors: String, status: Int32
) {
    let folder = TemporaryFolder()
    folder.write(input, to: "in")
    let command =
        "\(setup) HAYLOFT_MODELS=\(Fixtures.packageFolder)/Models/Bundled '\(Command.binary)' \(arguments)"
        + " <\(folder.path)/in >\(folder.path)/out 2>\(folder.path)/err"
    let status = system(command)
    let text = { (name: String) in String(decoding: Fixtures.bytes("\(folder.path)/\(name)") ?? [], as: UTF8.self) }
    return (text("out"), text("err"), status >> 8 & 0xFF)
}
