/// A kind of file that stands in place of another one: a pointer that was not followed, a page that a server answered
/// with, an archive of another format.
///
/// It is told by the first bytes, so that an error names what is there instead of how the bytes fail to be JSON or weights.
public enum FileKind: Sendable, Equatable {
    /// No bytes at all.
    case empty
    /// Zero bytes at the beginning, which a download reserved and never wrote.
    case zeros
    /// The text that Git keeps in place of a large file.
    case gitLFSPointer
    /// The link that git-annex keeps in place of a large file.
    case gitAnnexPointer
    /// An HTML or XML page.
    case webPage
    /// A zip archive, which is what `torch.save` writes.
    case zip
    /// A Python pickle, which `torch.save` wrote before it wrote zip archives.
    case pickle
    /// A gzip, zstd, xz or bzip2 stream.
    case compressed
    /// A model of llama.cpp.
    case gguf
    /// A HDF5 file, as Keras writes.
    case hdf5
    /// Text that is none of these, with its beginning.
    case text(String)

    /// The kind of a file by its first bytes; nil when they are none of the known ones.
    ///
    /// - Parameter includingText: whether text of any other sort counts, where the file should hold no text.
    public init?(_ bytes: UnsafeRawBufferPointer, includingText: Bool = false) {
        if bytes.isEmpty {
            self = .empty
        } else if let kind = FileKind.binary(bytes) {
            self = kind
        } else if let kind = FileKind.page(bytes) {
            self = kind
        } else if includingText, let beginning = FileKind.beginning(of: bytes) {
            self = .text(beginning)
        } else {
            return nil
        }
    }

    private static func binary(_ bytes: UnsafeRawBufferPointer) -> FileKind? {
        let magics: [([UInt8], FileKind)] = [
            ([0x50, 0x4B, 0x03, 0x04], .zip), ([0x50, 0x4B, 0x05, 0x06], .zip), ([0x80, 0x02], .pickle),
            ([0x80, 0x03], .pickle), ([0x80, 0x04], .pickle), ([0x1F, 0x8B, 0x08], .compressed),
            ([0x28, 0xB5, 0x2F, 0xFD], .compressed), ([0xFD, 0x37, 0x7A, 0x58, 0x5A], .compressed),
            ([0x42, 0x5A, 0x68], .compressed), (Array("GGUF".utf8), .gguf), ([0x89, 0x48, 0x44, 0x46], .hdf5),
        ]
        if let found = magics.first(where: { bytes.starts(with: $0.0) }) { return found.1 }
        return bytes.prefix(16).allSatisfy { $0 == 0 } ? .zeros : nil
    }

    private static func page(_ bytes: UnsafeRawBufferPointer) -> FileKind? {
        let text = String(decoding: bytes.prefix(256), as: UTF8.self).drop { $0.isWhitespace || $0 == "\u{FEFF}" }
        if text.hasPrefix("version https://git-lfs") || text.hasPrefix("version https://hawser") {
            return .gitLFSPointer
        }
        if text.hasPrefix("/annex/objects/") || text.contains(".git/annex/objects/") { return .gitAnnexPointer }
        let start = text.prefix(16).lowercased()
        let tags = ["<!doctype", "<html", "<head", "<body", "<?xml", "<error"]
        return tags.contains(where: start.hasPrefix) ? .webPage : nil
    }

    /// The first characters when all are of a text.
    private static func beginning(of bytes: UnsafeRawBufferPointer) -> String? {
        let text = String(decoding: bytes.prefix(120), as: UTF8.self)
        let isText = text.unicodeScalars.dropLast(2).allSatisfy {
            $0 != "\u{FFFD}" && ($0.value >= 0x20 || $0.properties.isWhitespace)
        }
        guard isText else { return nil }
        let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        return String(line.prefix(60))
    }
}

extension FileKind: CustomStringConvertible {
    /// What the file is, and what to do when there is just one thing: "a Git LFS pointer, …; run 'git lfs pull' …".
    public var description: String {
        switch self {
        case .empty: "empty; the download may be incomplete"
        case .zeros: "zeros at its beginning; the download may be incomplete"
        case .gitLFSPointer: "a Git LFS pointer, not the file itself; run 'git lfs pull' in its folder"
        case .gitAnnexPointer: "a git-annex pointer, not the file itself; run 'git annex get' in its folder"
        case .webPage: "an HTML or XML page, not the file itself; download it again, signed in where that is needed"
        case .zip: "a zip archive, which is how PyTorch saves a pickle"
        case .pickle: "a Python pickle, as PyTorch once saved weights"
        case .compressed: "a compressed file; decompress it first"
        case .gguf: "a GGUF file of llama.cpp"
        case .hdf5: "an HDF5 file, as Keras saves weights"
        case .text(let beginning): "a text that begins with '\(beginning)'"
        }
    }
}
