import ArgumentParser
import HayJSON
import Hayloft

/// `hayloft tokenize`: texts to ids.
struct Tokenize: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn texts into token ids.",
        discussion: """
            Reads one JSON string a line from stdin and prints one JSON array of ids a line.

              echo '"Hello world"' | hayloft tokenize --model ./flan-t5-base
            """)

    @OptionGroup var options: ModelOptions

    @Flag(name: .customLong("no-special"), help: "Leave out the tokens that the model expects around a text.")
    var noSpecial = false

    @Flag(help: "Print the tokens' texts instead of their ids.")
    var pieces = false

    func run() throws {
        let tokenizer = try options.tokenizer(bundled: "tiny-flan-t5")
        try forEachInputLine { line, number in
            guard let text = line.string else {
                throw CommandError("line \(number) is \(line.kind), expected a string")
            }
            let ids = tokenizer.encode(text, addingSpecialTokens: !noSpecial)
            let items: [JSON] = ids.map { pieces ? .string(tokenizer.token(of: $0) ?? "") : .int(Int($0)) }
            print(JSON.array(items).text(spaced: true))
        }
    }
}

/// Reads JSON values from stdin, one a line. Throws `CommandError` for a line that is none.
func forEachInputLine(_ body: (JSON, _ number: Int) throws -> Void) throws {
    var number = 0
    while let line = readLine() {
        number += 1
        if line.allSatisfy(\.isWhitespace) { continue }
        let value: JSON
        do { value = try JSON.parse(line) } catch {
            throw CommandError("line \(number) of stdin is not JSON: \(error)")
        }
        try body(value, number)
    }
}
