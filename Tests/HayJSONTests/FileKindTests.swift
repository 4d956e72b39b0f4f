import HayJSON
import Testing

@Suite("Files in place of others")
struct FileKindTests {
    private func kind(_ bytes: [UInt8], includingText: Bool = false) -> FileKind? {
        bytes.withUnsafeBytes { FileKind($0, includingText: includingText) }
    }

    @Test(
        "are known by their first bytes",
        arguments: [
            ([], .empty), (Array("PK\u{3}\u{4}".utf8), .zip), ([0x80, 0x02, 0x8A, 0x0A], .pickle),
            ([0x1F, 0x8B, 0x08, 0], .compressed), ([0x28, 0xB5, 0x2F, 0xFD], .compressed),
            ([0xFD, 0x37, 0x7A, 0x58, 0x5A], .compressed), (Array("BZh9".utf8), .compressed),
            (Array("GGUF".utf8), .gguf), ([0x89, 0x48, 0x44, 0x46], .hdf5), ([0, 0, 0], .zeros),
            (Array("version https://git-lfs.github.com/spec/v1\n".utf8), .gitLFSPointer),
            (Array("/annex/objects/SHA256E-s5--0\n".utf8), .gitAnnexPointer),
            (Array("../.git/annex/objects/x".utf8), .gitAnnexPointer),
            (Array("\n <!doctype HTML>".utf8), .webPage), (Array("<HTML lang=en>".utf8), .webPage),
            (Array("<?xml version='1.0'?><Error>".utf8), .webPage), (Array("{}".utf8), nil),
            (Array("version 1".utf8), nil), (Array("P".utf8), nil), ([0xFF, 0xFE], nil),
        ] as [([UInt8], FileKind?)])
    func kinds(bytes: [UInt8], expected: FileKind?) {
        #expect(kind(bytes) == expected)
    }

    @Test("text counts where the file should hold none")
    func text() {
        let bytes = Array("Entry not found\nmore".utf8)
        #expect(kind(bytes) == nil)
        #expect(kind(bytes, includingText: true) == .text("Entry not found"))
        #expect(kind([0x41, 0, 0x41, 0, 0x41, 0], includingText: true) == nil)
        #expect(kind(Array(String(repeating: "é", count: 200).utf8), includingText: true)?.description.count == 86)
    }

    @Test("are named by the error of what should have been JSON")
    func json() {
        #expect(throws: JSONError.self) { try JSON.parse("<html><body>404</body></html>") }
        do { _ = try JSON.parse("<html><body>404</body></html>") } catch {
            #expect(
                "\(error)" == "line 1, column 1: it is an HTML or XML page, not the file itself; "
                    + "download it again, signed in where that is needed")
        }
    }
}
