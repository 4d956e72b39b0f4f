/// What kind of image begins with some bytes.
enum ImageSignature {
    /// How many bytes are enough to tell.
    static let size = 16

    /// The type of an image or document that begins so; nil where the bytes tell of none.
    static func mimeType(of bytes: [UInt8]) -> String? {
        for signature in signatures where signature.matches(bytes) { return signature.type }
        return nil
    }

    private struct Signature {
        let type: String
        let pieces: [(offset: Int, bytes: [UInt8])]

        init(_ type: String, _ pieces: (Int, [UInt8])...) {
            self.type = type
            self.pieces = pieces.map { (offset: $0.0, bytes: $0.1) }
        }

        func matches(_ bytes: [UInt8]) -> Bool {
            pieces.allSatisfy { bytes.dropFirst($0.offset).starts(with: $0.bytes) }
        }
    }

    private static let signatures = [
        Signature("image/png", (0, [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])),
        Signature("image/jpeg", (0, [0xFF, 0xD8, 0xFF])),
        Signature("image/gif", (0, Array("GIF8".utf8))),
        Signature("image/webp", (0, Array("RIFF".utf8)), (8, Array("WEBP".utf8))),
        Signature("image/bmp", (0, Array("BM".utf8))),
        Signature("image/tiff", (0, [0x49, 0x49, 0x2A, 0x00])),
        Signature("image/tiff", (0, [0x4D, 0x4D, 0x00, 0x2A])),
        Signature("image/x-icon", (0, [0x00, 0x00, 0x01, 0x00])),
        Signature("image/jp2", (0, [0x00, 0x00, 0x00, 0x0C, 0x6A, 0x50, 0x20, 0x20])),
        Signature("image/vnd.adobe.photoshop", (0, Array("8BPS".utf8))),
        Signature("image/icns", (0, Array("icns".utf8))),
        Signature("application/pdf", (0, Array("%PDF".utf8))),
    ]
}
