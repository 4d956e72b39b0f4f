import HayComponents
import HayJSON
import HaystackRecordings
import TestSupport
import Testing

@testable import Hayloft

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A folder as the Hugging Face libraries keep downloaded models.
struct HubCache {
    let folder = TemporaryFolder()

    var environment: [String: String] { ["HF_HUB_CACHE": folder.path, "HOME": folder.path] }

    /// Adds a model of which there is a configuration only.
    func add(_ name: String, config: JSON) {
        let snapshot = snapshotFolder(name)
        folder.write(config.description, to: "\(snapshot)/config.json")
    }

    /// Adds a model that is somewhere else.
    func add(_ name: String, linkingTo path: String) {
        let snapshot = snapshotFolder(name)
        for file in Fixtures.entries(of: path) {
            symlink(file, "\(folder.path)/\(snapshot)/\(file.split(separator: "/").last ?? "")")
        }
    }

    private func snapshotFolder(_ name: String) -> String {
        let repository = "models--\(name.replacing("/", with: "--"))"
        for part in ["", "/refs", "/snapshots", "/snapshots/abc"] {
            mkdir("\(folder.path)/\(repository)\(part)", 0o755)
        }
        folder.write("abc", to: "\(repository)/refs/main")
        return "\(repository)/snapshots/abc"
    }
}

@Suite("Recorded dictionaries of the local generators", .enabled(if: Recordings.areThere, "there are no recordings"))
struct LocalSerializationTests {
    static let written = RecordedLocalComponents.types.keys.sorted().flatMap { Recordings.cases("serialization/\($0)") }
    static let read = Recordings.cases("serialization/from_dict").filter {
        RecordedLocalComponents.types[$0.component] != nil
    }

    @Test("local generators are written as recorded, and read back as what they were", arguments: written)
    func writing(recorded: RecordedCase) throws {
        let cache = HubCache()
        // What the original asks the Hub is found in the model's configuration here.
        for exchange in recorded["hub_exchanges"]?.array ?? [] {
            let answer = exchange["response"]?["json"]
            cache.add(answer?["id"]?.string ?? "", config: config(ofTask: answer?["pipeline_tag"]?.string ?? ""))
        }
        do {
            let arguments = RecordedArguments(recorded["init"], Notation())
            let component: any Component =
                recorded.component == "HuggingFaceLocalGenerator"
                ? try RecordedLocalComponents.plain(arguments, environment: cache.environment)
                : try RecordedLocalComponents.chat(arguments, environment: cache.environment)
            let dictionary = try component.toDict()
            // Tools and streaming go together here.
            if recorded.error != nil, arguments.has("tools"), arguments.has("streaming_callback") { return }
            #expect(recorded.error == nil)
            #expect(dictionary.difference(from: recorded["to_dict"] ?? .null) == nil)
            let again = try type(of: component).fromDict(dictionary, registry: arguments.notation.registry)
            #expect(try again.toDict().difference(from: dictionary) == nil)
        } catch let error as any ClassifiedError {
            #expect(try #require(recorded.error, "\(error)").difference(from: error) == nil)
        }
    }

    private func config(ofTask task: String) -> JSON {
        switch task {
        case "text2text-generation": ["model_type": "t5", "is_encoder_decoder": true]
        case "text-generation": ["model_type": "llama", "architectures": ["LlamaForCausalLM"]]
        default: ["model_type": "other", "vision_config": [:]]
        }
    }

    @Test("dictionaries are read as recorded", arguments: read)
    func reading(recorded: RecordedCase) throws {
        let type = try #require(RecordedLocalComponents.types[recorded.component])
        let difference = recorded.members.difference {
            try type.fromDict(recorded["data"] ?? .null, registry: Notation().registry).toDict()
        }
        #expect(difference == nil)
    }
}
