import HayGeneration
import HayJSON
import Hayloft

/// What it costs to hold a reply to a JSON schema, against a step of one greedy text.
///
/// Tokens are drawn at random from those that may follow, so that texts go everywhere in the schema. A reply's first
/// tokens meet states that are new; what was learned serves later replies, which are measured apart.
struct FormatBenchmark {
    let local: LocalModel
    let options: Options

    static let schema: JSON = [
        "type": "object", "additionalProperties": false,
        "required": ["id", "title", "kind", "price", "created", "tags", "owner", "lines", "note", "active"],
        "properties": [
            "id": ["type": "integer", "minimum": 1, "maximum": 999_999], "title": ["type": "string"],
            "kind": ["enum": ["book", "film", "record", "game"]], "price": ["type": "number", "minimum": 0],
            "created": ["type": "string", "format": "date-time"],
            "code": ["type": "string", "pattern": "^[A-Z]{3}-\\d{4}$"],
            "tags": ["type": "array", "items": ["type": "string", "maxLength": 20], "maxItems": 5],
            "owner": ["$ref": "#/$defs/person"],
            "lines": [
                "type": "array", "minItems": 1, "maxItems": 4,
                "items": ["type": "object", "properties": ["text": ["type": "string"], "count": ["type": "integer"]]],
            ],
            "note": ["anyOf": [["type": "string"], ["type": "null"]]], "active": ["type": "boolean"],
        ],
        "$defs": [
            "person": [
                "type": "object", "required": ["name", "email"],
                "properties": ["name": ["type": "string"], "email": ["type": "string", "format": "email"]],
            ]
        ],
    ]

    func run(greedyStep: Double) throws {
        guard case .success = local.tokenizer else { return print("formats are not measured: there is no tokenizer") }
        let engine = try TextEngine(local)
        var config = local.generationDefaults
        if config.eosTokenIDs.isEmpty { config.eosTokenIDs = [2] }
        let trieOnly = seconds { _ = try? engine.constraint(.jsonObject, config) }
        var made: (any ReplyConstraint)?
        let making = try seconds { made = try engine.constraint(.jsonSchema(Self.schema), config) }
        guard let constraint = made else { return }
        var random = SeededRandom(seed: 1)
        let replies = (0 ..< options.rounds + 1).map { _ in walk(constraint, config, &random) }
        print("a schema is made ready in \((making * 1000).text) ms, a vocabulary in \((trieOnly * 1000).text) ms")
        for (name, times) in [("the first reply", replies[0]), ("later replies", replies[1...].flatMap { $0 })] {
            let mean = times.reduce(0, +) / Double(times.count)
            let most = times.sorted()[times.count * 99 / 100]
            print(
                "\(name), \(times.count) tokens: \((mean * 1000).text) ms a token, \((mean / greedyStep * 100).text) % of a "
                    + "step; 99 of 100 below \((most * 1000).text) ms")
        }
    }

    /// The seconds of each step of one reply.
    private func walk(
        _ constraint: any ReplyConstraint, _ config: GenerationConfig, _ random: inout SeededRandom
    ) -> [Double] {
        let limit = 600
        var reply: [Int32] = [], times: [Double] = []
        let noise = (0 ..< local.model.vocabularySize).map { _ in Float(random.uniform()) }
        while times.count < limit {
            // The same numbers, turned: new ones would take longer than what is measured.
            let turn = Int(random.uniform() * Double(noise.count))
            var logits = Array(noise[turn...] + noise[..<turn])
            times.append(
                seconds { constraint.apply(to: &logits, after: reply[...], remaining: limit - reply.count) })
            guard let best = logits.indices.max(by: { logits[$0] < logits[$1] }), logits[best] > -.infinity else {
                break
            }
            if config.eosTokenIDs.contains(Int32(best)) { break }
            reply.append(Int32(best))
        }
        return times
    }
}
