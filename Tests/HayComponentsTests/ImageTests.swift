import HayComponents
import HayJSON
import TestSupport
import Testing

@Suite("Images")
struct ImageTests {
    @Test(
        "are known by their first bytes",
        arguments: [
            ("iVBORw0KGgo=", "image/png"), ("/9j/4AAQ", "image/jpeg"), ("R0lGODlh", "image/gif"),
            ("UklGRgAAAABXRUJQ", "image/webp"), ("Qk0A", "image/bmp"), ("SUkqAA==", "image/tiff"),
            ("TU0AKg==", "image/tiff"), ("AAABAA==", "image/x-icon"), ("AAAADGpQICANCocK", "image/jp2"),
            ("OEJQUwAB", "image/vnd.adobe.photoshop"), ("JVBERi0x", "application/pdf"),
        ])
    func signatures(base64: String, type: String) throws {
        #expect(try ImageContent(base64: base64).mimeType == type)
    }

    @Test("of no known type have none, and pass for JPEG", arguments: ["", "AAAA", "UklGRgAAAABXQVZF"])
    func unknown(base64: String) throws {
        let image = try ImageContent(base64: base64)
        #expect(image.mimeType == nil)
        #expect(image.dataURL == "data:image/jpeg;base64,\(base64)")
    }

    @Test(
        "are refused where they are not base64",
        arguments: [
            "%%%%", "AAA", "AAAAA", "AA=A", "A===", "====", "AAA=AAAA", "AA\n==", "AAAA\n", "AA-_", "é",
        ])
    func notBase64(base64: String) {
        #expect(throws: MessageError.invalidBase64) { try ImageContent(base64: base64) }
        #expect(throws: MessageError.invalidBase64) { try ImageContent.fromDict(["base64_image": .string(base64)]) }
        #expect(throws: Never.self) { try ImageContent(base64: base64, validation: false) }
    }

    @Test("of all types that Haystack takes are taken, whatever their bytes are")
    func types() throws {
        for type in ImageContent.mimeTypes { #expect(try ImageContent(base64: "", mimeType: type).mimeType == type) }
    }

    @Test("are read from files of any length and name")
    func files() throws {
        let folder = TemporaryFolder()
        // RFC 4648, section 10: the base64 of "f", "fo" and "foo" is Zg==, Zm8= and Zm9v.
        for (end, base64) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v")] {
            let path = folder.write("GIF89a" + end, to: "image.txt")
            let image = try ImageContent(file: path, detail: .auto, meta: ["k": 1])
            #expect(image.base64 == "R0lGODlh" + base64)
            #expect(image.mimeType == "image/gif")
            #expect(image.meta == ["file_path": .string(path), "k": 1])
        }
        let large = [UInt8]("BM".utf8) + [UInt8](repeating: 7, count: 200_001)
        let path = folder.write(large, to: "large")
        #expect(try ImageContent(file: path, sizeLimit: large.count).base64.utf8.count == (large.count + 2) / 3 * 4)
    }
}
