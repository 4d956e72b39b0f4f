import HayComponents
import HayJSON
import HaystackRecordings
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Pipeline files that Haystack wrote, made by `compare_haystack.py`.
@Suite("Pipeline files of Haystack's")
struct PipelineFileTests {
    static let files = Fixtures.entries(of: "\(Fixtures.folder ?? "")/pipelines")
        .filter { $0.hasSuffix(".json") }.map { String($0.dropLast(".json".count)) }

    @Test(
        "a file of Haystack's is read as Haystack reads it, and stays so when it is written",
        .enabled(if: !files.isEmpty, "there are no pipelines among the fixtures"), arguments: files)
    func roundTrip(path: String) throws {
        let expected = try Fixtures.json("\(path).json")
        let text = String(decoding: try #require(Fixtures.bytes("\(path).yaml")), as: UTF8.self)
        let document = try PipelineDocument(yaml: text, name: path)
        #expect(JSON.object(document.members).difference(from: expected) == nil)

        let written = try document.yaml()
        // As texts, in which NaN is what it was.
        #expect(try PipelineDocument(yaml: written, name: path).json() == document.json())
        #expect(try PipelineDocument(json: document.json(), name: path).json() == document.json())

        let file = try #require(fopen("\(path).written.yaml", "wb"))
        fwrite(Array(written.utf8), 1, written.utf8.count, file)
        fclose(file)
    }
}
