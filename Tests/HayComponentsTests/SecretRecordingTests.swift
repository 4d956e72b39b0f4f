import HayComponents
import HayJSON
import HaystackRecordings
import Testing

@Suite("Recorded secrets", .enabled(if: Recordings.areThere, "there are no recordings"))
struct SecretRecordingTests {
    @Test("secrets are what was recorded", arguments: Recordings.cases("data/secret"))
    func secrets(recorded: RecordedCase) throws {
        do {
            if let data = recorded["from_dict"] {
                #expect(try Secret.fromDict(data).toDict().difference(from: recorded.result ?? .null) == nil)
            } else {
                let secret = try #require(try Notation().secret(["$secret": recorded["secret"] ?? .null]))
                compare(recorded.result?["to_dict"]) { try secret.toDict() }
                compare(recorded.result?["resolve_value"]) {
                    try secret.resolve(in: recorded.environment).map(JSON.string) ?? .null
                }
            }
            #expect(recorded.error == nil)
        } catch let error as ComponentError {
            #expect(try #require(recorded.error).difference(from: error) == nil)
        }
    }

    private func compare(_ expected: JSON?, _ make: () throws -> JSON) {
        do {
            #expect(try make().difference(from: expected?["result"] ?? .null) == nil)
            #expect(expected?["error"] == nil)
        } catch {
            #expect(expected?["error"].map(RecordedError.init)?.difference(from: error) == nil)
            #expect(expected?["error"] != nil)
        }
    }
}
