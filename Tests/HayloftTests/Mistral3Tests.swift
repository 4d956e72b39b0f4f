import HayJSON
import TestSupport
import Testing

@Suite("The configurations of Ministral 3")
struct Mistral3Tests {
    private let name = "ministral3-bf16"
    private let vocabularySize = 96
    private let settings: JSON.Object = [
        "rope_type": "yarn", "rope_theta": 100.0, "factor": 8.0, "original_max_position_embeddings": 24,
        "beta_fast": 3.0, "beta_slow": 1.0, "mscale": 1.0, "mscale_all_dim": 0.8, "llama_4_scaling_beta": 0.4,
    ]

    private func altered(_ key: String, _ value: JSON?) throws -> AlteredCheckpoint {
        var changed = JSON.Object(settings.filter { name, _ in name != key })
        if let value { changed.append(key, value) }
        return try AlteredCheckpoint(name, ["rope_parameters": .object(changed)])
    }

    @Test("queries grow from the trained length on, and not before")
    func growth() throws {
        let grown = try AlteredCheckpoint(name).logits(), plain = try altered("llama_4_scaling_beta", 0).logits()
        let start = 24 * vocabularySize
        #expect(grown.count > start && grown[..<start] == plain[..<start])
        #expect(grown[start...] != plain[start...])
    }

    @Test("positions have one meaning in the spellings of transformers 4 and 5, and defaults of their own")
    func positions() throws {
        let old = try AlteredCheckpoint(name, ["rope_scaling": .object(settings)], without: ["rope_parameters"])
        #expect(try old.logits() == AlteredCheckpoint(name).logits())
        let defaults: JSON = [
            "rope_type": "yarn", "rope_theta": 1_000_000.0, "factor": 16.0, "original_max_position_embeddings": 16384,
            "beta_fast": 32.0, "beta_slow": 1.0, "mscale_all_dim": 1.0, "mscale": 1.0, "llama_4_scaling_beta": 0.1,
        ]
        let spelled = try AlteredCheckpoint(name, ["rope_parameters": defaults]).logits()
        #expect(try AlteredCheckpoint(name, without: ["rope_parameters"]).logits() == spelled)
    }

    @Test(
        "what cannot be used is an error that names key and file",
        arguments: [
            ("num_key_value_heads", 3, "3, expected a divisor of 4"),
            ("num_hidden_layers", 0, "0, expected 1 to 4096"),
            ("head_dim", 1, "1, expected an even number"),
            ("sliding_window", 0, "0, expected 1 to 2147483647"),
        ] as [(String, JSON, String)])
    func errors(key: String, value: JSON, problem: String) throws {
        let message = try AlteredCheckpoint(name, [key: value]).message()
        #expect(message == "'\(key)' in FOLDER/config.json is \(problem)")
    }

    @Test("positions without a growth or with a trained length of 0 are an error")
    func positionErrors() throws {
        let place = "in 'rope_parameters' in FOLDER/config.json"
        #expect(
            try altered("llama_4_scaling_beta", nil).message()
                == "'rope_parameters' in FOLDER/config.json has no 'llama_4_scaling_beta'")
        #expect(
            try altered("original_max_position_embeddings", 0).message()
                == "'original_max_position_embeddings' \(place) is 0.0, expected a number from 1")
    }
}
