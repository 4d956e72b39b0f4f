import ArgumentParser
import HayJSON
import HayTokenizer
import Hayloft

/// `hayloft tokenize`: texts to ids.
struct Tokenize: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn texts into token ids.",
        discussion: """
            Reads one JSON string a line from stdin, or an array of two strings that belong together, and prints one \
            JSON array of ids a line. Texts are cut and filled up as the tokenizer's file says; most say nothing of it.

              echo '"Hello world"' | hayloft tokenize --model ./flan-t5-base

            With --json, each line is an object: ids, tokens, offsets (where each token's text begins and ends, in \
            characters), type_ids, attention_mask and special_tokens_mask.
            """)

    @OptionGroup var options: ModelOptions
    @OptionGroup(visibility: .hidden) var compute: ComputeOptions

    @Flag(name: .customLong("no-special"), help: "Leave out the tokens that the model expects around a text.")
    var noSpecial = false

    @Flag(help: "Print the tokens' texts instead of their ids.")
    var pieces = false

    @Flag(help: "Print all that is known of each text as a JSON object a line.")
    var json = false

    func run() throws {
        let tokenizer = try options.tokenizer(bundled: "tiny-flan-t5")
        var encodingOptions = tokenizer.fileOptions
        encodingOptions.addsSpecialTokens = !noSpecial
        // Without cutting and filling there is a shorter way to the ids.
        let needsEncoding = json || encodingOptions.truncation != nil || encodingOptions.padding != nil
        try forEachInputLine { line, number in
            let texts = try Tokenize.texts(line, number)
            let output: JSON
            if !needsEncoding, texts.count == 1 {
                let ids = tokenizer.encode(texts[0], addingSpecialTokens: !noSpecial)
                output = list(ids, tokenizer)
            } else {
                let second = texts.count == 2 ? texts[1] : nil
                let encoding = try tokenizer.encoding(of: texts[0], and: second, encodingOptions)
                output =
                    json ? Tokenize.object(encoding, texts, tokenizer) : list(encoding.ids, tokenizer)
            }
            print(output.text(spaced: true))
        }
    }

    private static func texts(_ line: JSON, _ number: Int) throws -> [String] {
        if let text = line.string { return [text] }
        let texts = line.array?.compactMap(\.string) ?? []
        guard texts.count == line.array?.count, 1 ... 2 ~= texts.count else {
            throw CommandError("line \(number) is \(line.kind), expected a string or an array of two")
        }
        return texts
    }

    private func list(_ ids: [Int32], _ tokenizer: Tokenizer) -> JSON {
        .array(ids.map { pieces ? .string(tokenizer.token(of: $0) ?? "") : .int(Int($0)) })
    }

    private static func object(_ encoding: Encoding, _ texts: [String], _ tokenizer: Tokenizer) -> JSON {
        let places = texts.map(CharacterPlaces.init)
        let offsets = zip(encoding.offsets, encoding.sequences).map { range, sequence -> JSON in
            guard let sequence else { return [0, 0] }
            return [.int(places[sequence][range.lowerBound]), .int(places[sequence][range.upperBound])]
        }
        return .object(
            JSON.Object([
                ("ids", .array(encoding.ids.map { .int(Int($0)) })),
                ("tokens", .array(encoding.ids.map { .string(tokenizer.token(of: $0) ?? "") })),
                ("offsets", .array(offsets)),
                ("type_ids", .array(encoding.typeIDs.map { .int(Int($0)) })),
                ("attention_mask", .array(encoding.attentionMask.map { .int(Int($0)) })),
                ("special_tokens_mask", .array(encoding.specialTokensMask.map { .int(Int($0)) })),
                ("overflowing", .array(encoding.overflow.map { object($0, texts, tokenizer) })),
            ]))
    }
}

/// How many characters, that is Unicode scalars, come before each byte of a text.
private struct CharacterPlaces {
    private var places: [Int] = []

    init(_ text: String) {
        var count = 0
        for byte in text.utf8 {
            if byte & 0xC0 != 0x80 { count += 1 }
            places.append(count - 1)
        }
        places.append(count)
    }

    subscript(_ byte: Int) -> Int { places[min(byte, places.count - 1)] }
}

/// Reads JSON values from stdin, one a line. Throws `CommandError` for a line that is none.
func forEachInputLine(_ body: (JSON, _ number: Int) throws -> Void) throws {
    var number = 1
    while let line = try Console.readLine(number) {
        defer { number += 1 }
        if line.allSatisfy(\.isWhitespace) { continue }
        let value: JSON
        do { value = try JSON.parse(line) } catch {
            throw CommandError("line \(number) of stdin is not JSON: \(error)")
        }
        try body(value, number)
    }
}
