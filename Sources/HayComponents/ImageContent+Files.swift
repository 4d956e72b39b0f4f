#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif
import HayJSON

extension ImageContent {
    /// The image of a file; its first bytes tell its type, not its name.
    ///
    /// Throws `MessageError` where the file cannot be read, is larger than allowed, or is no image; PDF is none here.
    ///
    /// - Parameters:
    ///   - meta: what else is known of it; the file's path comes first, as `file_path`.
    ///   - sizeLimit: the most bytes that are read.
    public init(
        file path: String, detail: ImageDetail? = nil, meta: JSON.Object = [:], sizeLimit: Int = 64 << 20
    ) throws {
        let bytes = try ImageContent.bytes(ofFile: path, limit: sizeLimit)
        let place: JSON.Object = ["file_path": .string(path)]
        try self.init(bytes, of: path, detail: detail, meta: place.overlaid(by: meta))
    }

    /// The image that these bytes are; they tell its type.
    ///
    /// - Parameter source: what errors call the image.
    /// Throws `MessageError` where they are no image; PDF is none here.
    package init(_ bytes: [UInt8], of source: String, detail: ImageDetail?, meta: JSON.Object) throws {
        guard let type = ImageSignature.mimeType(of: Array(bytes.prefix(ImageSignature.size))) else {
            throw MessageError.notAnImage(source, found: "of no type that is known")
        }
        guard type != "application/pdf" else { throw MessageError.notAnImage(source, found: "a PDF document") }
        try self.init(base64: Base64.text(of: bytes), mimeType: type, detail: detail, meta: meta)
    }

    private static func bytes(ofFile path: String, limit: Int) throws -> [UInt8] {
        func failure() -> MessageError { .unreadableFile(path, reason: String(cString: strerror(errno))) }
        guard let file = fopen(path, "rb") else { throw failure() }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&piece, 1, piece.count, file)
            bytes.append(contentsOf: piece[..<count])
            guard bytes.count <= limit else { throw MessageError.largeFile(path, limit: limit) }
            if count < piece.count {
                if ferror(file) != 0 { throw failure() }
                return bytes
            }
        }
    }
}
