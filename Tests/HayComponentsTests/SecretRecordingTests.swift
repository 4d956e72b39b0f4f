import HayComponents
import HayJSON
import HaystackRecordings
import Testing

@Suite("Recorded secrets", .enabled(if: Recordings.areThere, "there are no recordings"))
struct SecretRecordingTests {
    @Test("secrets are what was recorded", arguments: Recordings.cases("data/secret"))
    func secrets(recorded: RecordedCase) throws {
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
