import HayJSON
import HaystackRecordings
import Testing

@testable import HayComponents

@Suite("The parser agrees with Haystack's", .enabled(if: Recordings.areThere, "there are no recordings"))
struct ParserRecordingTests {
    /// Texts with what Haystack's parser finds in them.
    private let cases = Recordings.cases(in: "data") { cases in
        cases.allSatisfy { $0["text"]?.string != nil && $0["result"] != nil }
    }

    @Test("What Haystack's parser finds comes first; what it does not find is well formed")
    func parser() {
        #expect(!cases.isEmpty)
        for recording in cases {
            let text = recording["text"]?.string ?? ""
            let found = DefaultToolParser.calls(in: text)
            if let expected = recording["result"]?.array {
                let beginning = (found ?? []).prefix(expected.count)
                #expect(beginning.count == expected.count, "\(recording)")
                for (call, expected) in zip(beginning, expected) { expectSame(call, expected) }
            } else if let found {
                #expect(!found.isEmpty)
                #expect(found == NaiveCalls.calls(in: text), "\(recording)")
            }
        }
    }

    @Test("Haystack's search is Haystack's parser")
    func search() {
        for recording in cases {
            let found = HaystackToolSearch.call(in: recording["text"]?.string ?? "")
            if let expected = recording["result"]?.array?.first {
                #expect(found != nil, "\(recording)")
                if let found { expectSame(found, expected) }
            } else {
                #expect(found == nil, "\(recording)")
            }
        }
    }

    /// Ids are kept here, but not recorded.
    private func expectSame(_ call: ToolCall, _ expected: JSON) {
        #expect(call.toolName == expected["tool_name"]?.string)
        #expect(JSON.object(call.arguments).difference(from: expected["arguments"] ?? .null) == nil, "\(call)")
    }
}
