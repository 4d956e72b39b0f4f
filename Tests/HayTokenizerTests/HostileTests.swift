import HayJSON
import TestSupport
import Testing

@testable import HayTokenizer

/// Files that nobody meant to write: they are read or refused, and never trap.
struct HostileTests {
    private static let texts = [
        "", "ab c é\n", "▁a\u{301}\r\n😀 x<s></s> <0x41>", "ﬁ\u{0}\u{AD}각 ab12 ,.;  A",
        String(repeating: "ab ", count: 40),
    ]
    private static let bases = [
        Samples.json(
            normalizer: Samples.marks, postProcessor: Samples.template, decoder: Samples.decoder,
            added: [Samples.added("<s>", "special"), Samples.added("ab", "lstrip", "normalized")]),
        Samples.json(
            model: Samples.unigram, normalizer: #"{"type": "Precompiled", "precompiled_charsmap": "BAAAAAAEAABiAA=="}"#,
            preTokenizer: #"{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true}"#,
            decoder: #"{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true}"#),
        Samples.json(
            normalizer: #"{"type": "NFC"}"#, preTokenizer: #"{"type": "ByteLevel", "add_prefix_space": true}"#,
            decoder: #"{"type": "ByteLevel"}"#),
    ]
    private static let values: [JSON] = [
        .null, true, -1, 0, 1, 5, .int(1 << 31), .int(.max), .int(.min), 0.5, .double(.nan), 1e-300, "", "a", "▁", " ",
        "\u{0}", "a b", "<0x41>", "é", [], .object(JSON.Object()), ["a", "b"], "AAAAAA==",
    ]

    @Test("files with anything changed are read or refused, and a stream equals the whole", arguments: 0 ..< 6)
    func mutations(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let bases = try Self.bases.map { try JSON.parse($0) }
        for round in 0 ..< 1000 {
            var json = bases[round % bases.count]
            for _ in 0 ..< Int.random(in: 1 ... 3, using: &random) { json = Self.mutated(json, &random) }
            guard let tokenizer = try? Tokenizer(json: json, name: "tokenizer.json") else { continue }
            for text in Self.texts {
                let ids = tokenizer.encode(text)
                let whole = Tokenizer.Options()
                #expect(try tokenizer.encoding(of: text, whole).ids == ids, "\(json)")
                var decoder = tokenizer.decoder(skippingSpecialTokens: true)
                let pieces = ids.map { decoder.append($0) } + [decoder.finish()]
                #expect(pieces.joined() == tokenizer.decode(ids, skippingSpecialTokens: true), "\(json)")
            }
        }
    }

    @Test("normalization tables of random numbers change text in some way and never trap")
    func randomCharsMaps() throws {
        var random = SplitMix(seed: 7)
        for _ in 0 ..< 500 {
            let units = (0 ..< Int.random(in: 0 ... 600, using: &random)).map { index in
                // Labels that match and small offsets, so that the trie is walked.
                UInt32.random(in: 0 ..< 1 << 19, using: &random) & ~0xFF | UInt32(index & 0xFF)
            }
            let text = CharsMapSample.base64(units, replacements: Array("a\0é\0\0xyz".utf8))
            let map = try CharsMap(Section(.string(text), file: "tokenizer.json"))
            for text in Self.texts {
                var text = text
                text.withUTF8 { utf8 in
                    var tracked = TrackedText(utf8, 0 ..< utf8.count, isTracked: true)
                    map.normalize(&tracked)
                    #expect(String(validating: tracked.bytes, as: UTF8.self) != nil)
                    #expect(tracked.origins.count == tracked.bytes.count)
                }
            }
        }
    }

    /// A value with one thing in it changed.
    private static func mutated(_ json: JSON, _ random: inout SplitMix) -> JSON {
        let goesDeeper = Int.random(in: 0 ..< 8, using: &random) > 0
        switch json {
        case .array(var elements) where goesDeeper && !elements.isEmpty:
            let index = Int.random(in: 0 ..< elements.count, using: &random)
            switch Int.random(in: 0 ..< 8, using: &random) {
            case 0: elements.remove(at: index)
            case 1: elements.append(elements[index])
            default: elements[index] = mutated(elements[index], &random)
            }
            return .array(elements)
        case .object(let object) where goesDeeper && object.count > 0:
            var members = Array(zip(object.keys, object.values))
            let index = Int.random(in: 0 ..< members.count, using: &random)
            switch Int.random(in: 0 ..< 8, using: &random) {
            case 0: members.remove(at: index)
            case 1: members[index].0 = "a"
            default: members[index].1 = mutated(members[index].1, &random)
            }
            return .object(JSON.Object(members))
        default: return values[Int.random(in: 0 ..< values.count, using: &random)]
        }
    }
}
