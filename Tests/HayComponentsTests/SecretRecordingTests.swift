import HayComponents
import HayJSON
import HaystackRecordings
import Testing

@Suite("Recorded secrets", .enabled(if: Recordings.areThere, "there are no recordings"))
struct SecretRecordingTests {
    @Test("secrets are what was recorded", arguments: Recordings.cases("data/secret"))
    func secrets(recorded: RecordedCase) throws {
        // Haystack reads the letters of one name as names.
        if let name = recorded["from_dict"]?["env_vars"]?.string, recorded.error == nil {
            let secret = try Secret.fromDict(recorded["from_dict"] ?? .null)
            return #expect(try secret.toDict()["env_vars"] == [.string(name)])
        }
        let difference = recorded.members.difference {
            if let data = recorded["from_dict"] { return try Secret.fromDict(data).toDict() }
            let secret = try #require(try Notation().secret(["$secret": recorded["secret"] ?? .null]))
            #expect(try #require(recorded.result?["to_dict"]).difference { try secret.toDict() } == nil)
            let value = try #require(recorded.result?["resolve_value"])
            #expect(value.difference { JSON(try secret.resolve(in: recorded.environment)) } == nil)
            return recorded.result ?? .null
        }
        #expect(difference == nil)
    }
}
