import ArgumentParser

/// Lets a prompt begin with a dash, and the values of options too: "- [ ] milk", "-5 + 3", --temperature -1.
///
/// The argument parser takes every argument with a dash for an option. What is no option's name is put where the parser takes
/// anything: behind `--`, or behind the option's `=`.
struct DashedArguments {
    /// The names of the options that take a value, and of the flags, with their dashes.
    private let valued: Set<String>, flags: Set<String>

    /// The arguments of a command, as the parser understands them.
    ///
    /// - Parameter takesText: whether what is no option's value may be a text.
    static func rewritten(
        _ arguments: [String], for command: any ParsableCommand.Type, takesText: Bool
    ) -> [String] {
        DashedArguments(help: command.helpMessage(includeHidden: true, columns: 10_000))
            .rewritten(arguments, takesText: takesText)
    }

    /// Reads the names off the lines of a help text: `  -m, --model <folder|name>  The model: …`.
    init(help: String) {
        var valued: Set<String> = [], flags: Set<String> = []
        for line in help.split(separator: "\n") where line.hasPrefix("  -") {
            let label = line.dropFirst(2).prefix { $0 != "<" }
            let hasValue = label.endIndex < line.endIndex && !label.contains("  ")
            let names = label.split(whereSeparator: { $0 == " " || $0 == "," }).prefix { $0.hasPrefix("-") }
            for name in names { if hasValue { valued.insert(String(name)) } else { flags.insert(String(name)) } }
        }
        self.valued = valued
        self.flags = flags
    }

    func rewritten(_ arguments: [String], takesText: Bool) -> [String] {
        var options: [String] = [], texts: [String] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--" {
                if !takesText { return options + ["--"] + rest }
                texts += rest
                break
            }
            if valued.contains(argument), let value = rest.first, value.hasPrefix("-"), value != "-", !isName(value) {
                options.append("\(argument.hasPrefix("--") ? argument : longName(argument))=\(value)")
                rest.removeFirst()
            } else if valued.contains(argument), let value = rest.popFirst() {
                options += [argument, value]
            } else if takesText, argument.hasPrefix("-"), argument != "-", !isOptionLike(argument) {
                texts.append(argument)
            } else {
                options.append(argument)
            }
        }
        return texts.isEmpty ? options : options + ["--"] + texts
    }

    private func longName(_ short: String) -> String { short == "-m" ? "--model" : short }

    /// Whether an argument is the name of an option, perhaps with its value.
    private func isName(_ argument: String) -> Bool {
        let name = String(argument.prefix { $0 != "=" })
        return valued.contains(name) || flags.contains(name)
    }

    /// Whether an argument reads like an option, known or mistyped: `--word`, `-w`, or several known letters.
    private func isOptionLike(_ argument: String) -> Bool {
        if isName(argument) { return true }
        let name = argument.prefix { $0 != "=" }
        let letters = name.drop { $0 == "-" }
        guard let first = letters.first, first.isASCII, first.isLetter,
            letters.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") })
        else { return false }
        switch name.count - letters.count {
        case 1: return letters.count == 1 || letters.allSatisfy { flags.contains("-\($0)") }
        case 2: return true
        default: return false
        }
    }
}
