import HayComponents
import HayJSON
import HaystackRecordings
import TestSupport
import Testing

@Suite("Chunks are those of Haystack", .enabled(if: Recordings.areThere, "there are no recordings"))
struct ChunkRecordingTests {
    @Test("Serialized chunks are read as recorded, and written anew")
    func fromDict() {
        let cases = Recordings.cases(in: "data") { $0.haveResult(with: "component_info") }
        #expect(!cases.isEmpty)
        for recording in cases {
            let difference = recording.members.difference {
                let chunk = try StreamingChunk.fromDict(recording["data"] ?? .null)
                #expect(try StreamingChunk.fromDict(chunk.toDict()) == chunk)
                return chunk.toDict()
            }
            #expect(difference == nil, "\(recording)")
        }
    }

    @Test("Chunks make the recorded message, and each call left out is warned of")
    func assembly() throws {
        let cases = Recordings.cases(in: "data") { $0.haveCase(with: "chunks") && $0.haveResult(with: "role") }
        #expect(!cases.isEmpty)
        for recording in cases {
            let warnings = Collected<String>()
            let difference = recording.members.difference(withoutTime) {
                var assembly = ReplyAssembly(warn: warnings.append)
                for chunk in recording["chunks"]?.array ?? [] { assembly.add(try .fromDict(chunk)) }
                return try assembly.message().toDict()
            }
            #expect(difference == nil, "\(recording)")
            #expect(warnings.all.count == (recording["warnings"]?.array ?? []).count)
        }
    }

    /// A message without the time when it began.
    private func withoutTime(_ value: JSON) -> JSON {
        guard let object = value.object else { return value }
        return .object(
            JSON.Object(object.map { ($0, $0 == "completion_start_time" ? .string("") : withoutTime($1)) }))
    }

    @Test("The stock callback prints what was recorded")
    func printing() throws {
        let cases = Recordings.cases(in: "data") { file in
            file.haveCase(with: "chunks") && file.contains { $0["result"]?.string != nil }
        }
        #expect(!cases.isEmpty)
        for recording in cases {
            let text = try (recording["chunks"]?.array ?? []).map { try StreamingChunk.fromDict($0).printedText }
            #expect(text.joined() == recording["result"]?.string, "\(recording)")
        }
    }
}
