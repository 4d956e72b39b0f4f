import HayComponents
import HayJSON
import HayProviders
import HaystackRecordings
import Testing

@Suite("Recorded dictionaries of remote components", .enabled(if: Recordings.areThere, "there are no recordings"))
struct SerializationRecordingTests {
    static let written = RecordedComponents.types.keys.sorted().flatMap { Recordings.cases("serialization/\($0)") }
    static let read = Recordings.cases("serialization/from_dict").filter {
        RecordedComponents.types[$0.component] != nil
    }

    @Test("components are written as recorded, and read back as what they were", arguments: written)
    func writing(recorded: RecordedCase) throws {
        do {
            let component = try RecordedComponents.make(recorded)
            let dictionary = try component.toDict()
            #expect(dictionary.difference(from: expected(recorded)) == nil)
            let again = try type(of: component).fromDict(
                dictionary, registry: Notation().registry, environment: recorded.environment)
            #expect(try again.toDict().difference(from: dictionary) == nil)
            #expect(recorded.error == nil)
        } catch let error as any ClassifiedError {
            #expect(try #require(recorded.error).difference(from: error) == nil)
        }
    }

    /// What was recorded; but the timeout and the number of retries are written also where Haystack loses them.
    private func expected(_ recorded: RecordedCase) -> JSON {
        var parameters = recorded["to_dict"]?["init_parameters"]?.object ?? [:]
        for key in ["timeout", "max_retries"] where parameters[key] == nil {
            if let given = recorded["init"]?[key], !given.isNull { parameters.append(key, given) }
        }
        return ["type": recorded["to_dict"]?["type"] ?? .null, "init_parameters": .object(parameters)]
    }

    @Test("dictionaries are read as recorded", arguments: read)
    func reading(recorded: RecordedCase) throws {
        let type = try #require(RecordedComponents.types[recorded.component])
        let difference = recorded.members.difference {
            try type.fromDict(
                recorded["data"] ?? .null, registry: Notation().registry, environment: ["OPENAI_API_KEY": "key"]
            ).toDict()
        }
        #expect(difference == nil)
    }
}
