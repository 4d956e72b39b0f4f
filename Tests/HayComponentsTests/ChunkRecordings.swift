import HayComponents
import HayJSON
import Testing

@Suite("Chunks are those of Haystack", .disabled(if: RecordedData.isMissing, "no fixtures"))
struct ChunkRecordings {
    @Test("Serialized chunks are read as recorded, and written anew")
    func fromDict() {
        let cases = RecordedData.cases { $0.hasResult(with: "component_info") }
        #expect(!cases.isEmpty)
        for recording in cases {
            expectRecorded(recording, in: recording["name"]?.string ?? "") {
                let chunk = try StreamingChunk.fromDict(recording["data"] ?? .null)
                #expect(try StreamingChunk.fromDict(chunk.toDict()) == chunk)
                return chunk.toDict()
            }
        }
    }

    @Test("Chunks make the recorded message, and each call left out is warned of")
    func assembly() throws {
        let cases = RecordedData.cases { $0.hasCase(with: "chunks") && $0.hasResult(with: "role") }
        #expect(!cases.isEmpty)
        for recording in cases {
            let warnings = Warnings()
            expectRecorded(recording, in: recording["name"]?.string ?? "", same: isSameButTime) {
                var assembly = ReplyAssembly(warn: warnings.add)
                for chunk in recording["chunks"]?.array ?? [] { assembly.add(try .fromDict(chunk)) }
                return try assembly.message().toDict()
            }
            #expect(warnings.texts.count == (recording["warnings"]?.array ?? []).count)
        }
    }

    /// Whether two messages are the same but for when they began.
    private func isSameButTime(_ a: JSON, _ b: JSON) -> Bool { withoutTime(a).isSame(as: withoutTime(b)) }

    private func withoutTime(_ value: JSON) -> JSON {
        guard let object = value.object else { return value }
        return .object(
            JSON.Object(object.map { ($0, $0 == "completion_start_time" ? .string("") : withoutTime($1)) }))
    }

    @Test("The stock callback prints what was recorded")
    func printing() throws {
        let cases = RecordedData.cases { file in
            file.hasCase(with: "chunks") && file.cases.contains { $0["result"]?.string != nil }
        }
        #expect(!cases.isEmpty)
        for recording in cases {
            let text = try (recording["chunks"]?.array ?? []).map { try StreamingChunk.fromDict($0).printedText }
            #expect(text.joined() == recording["result"]?.string, "\(recording)")
        }
    }
}
