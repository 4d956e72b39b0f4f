import HayJSON
import HayTensor
import HayWeights

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Makes a checkpoint folder whose matrices lie in blocks, which loads at once and takes a half or less of the memory.
public struct FolderQuantizer {
    private let local: LocalModel
    private let dtype: DType

    /// A folder that has been opened with its own types.
    ///
    /// - Parameter dtype: the type of the new folder's matrices, int8 or int4.
    public init(_ local: LocalModel, to dtype: DType) {
        self.local = local
        self.dtype = dtype
    }

    /// Writes the new folder: weights, configuration, and what else the model's folder holds but weights.
    ///
    /// What is not finished has another name, so that an interrupted run leaves no folder that looks whole.
    ///
    /// Throws `QuantizationError` for a folder that is not empty, `FileError`, `CheckpointError` and what `progress` throws.
    public func write(to output: String, progress: CheckpointQuantizer.Progress) throws {
        let output = output.count > 1 && output.hasSuffix("/") ? String(output.dropLast()) : output
        let files = FileManager.default
        if access(output, F_OK) == 0 || ["", ".", ".."].contains(output) {
            guard let found = try? files.contentsOfDirectory(atPath: output), ![".", ".."].contains(output) else {
                throw QuantizationError.cannotCreate(output, reason: "name a folder that is not there or empty")
            }
            guard found.isEmpty else { throw QuantizationError.folderNotEmpty(output) }
        }
        let quantizer = try CheckpointQuantizer(local.checkpoint, to: dtype, on: local.backend)
        let unfinished = "\(output).unfinished"
        // One that is there is another run's, or was left by one that was ended: not ours to remove.
        guard mkdir(unfinished, 0o777) == 0 else {
            throw QuantizationError.cannotCreate(errno == EEXIST ? unfinished : output, reason: reason)
        }
        do {
            try copyFiles(to: unfinished)
            try quantizer.write(to: unfinished, progress: progress)
            guard rename(unfinished, output) == 0 else {
                throw QuantizationError.cannotCreate(output, reason: reason)
            }
        } catch {
            try? files.removeItem(atPath: unfinished)
            throw error
        }
    }

    private var reason: String { String(cString: strerror(errno)) }

    /// Weights in any format: what is not to be copied.
    private static let weightSuffixes = [
        ".safetensors", ".safetensors.index.json", ".bin", ".bin.index.json", ".pt", ".pth", ".h5", ".msgpack", ".ot",
        ".onnx", ".gguf",
    ]

    private func copyFiles(to folder: String) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: local.folder).sorted() {
            let path = "\(local.folder)/\(name)"
            if name.hasPrefix(".") || FolderQuantizer.weightSuffixes.contains(where: name.hasSuffix) { continue }
            var status = stat()  // of what a link leads to: the Hugging Face cache is made of links
            guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            let file = try MappedFile(path)
            try file.withBytes { bytes in
                if name == "config.json" {
                    try FileWriter.write(configuration(String(decoding: bytes, as: UTF8.self)), to: "\(folder)/\(name)")
                } else {
                    try FileWriter.write(bytes, to: "\(folder)/\(name)")
                }
            }
        }
        try copyTemplates(to: folder)
    }

    /// Named chat templates have a folder of their own.
    private func copyTemplates(to folder: String) throws {
        let (source, target) = ("\(local.folder)/additional_chat_templates", "\(folder)/additional_chat_templates")
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: source) else { return }
        try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
        for name in names where name.hasSuffix(".jinja") {
            try MappedFile("\(source)/\(name)").withBytes { try FileWriter.write($0, to: "\(target)/\(name)") }
        }
    }

    /// `config.json` as it is, with a last member that says what the weights are.
    private func configuration(_ text: String) -> String {
        let settings: JSON = [
            "quant_method": "hayloft", "bits": .int(dtype == .int8 ? 8 : 4), "group_size": .int(DType.groupSize),
        ]
        guard let end = text.lastIndex(of: "}") else { return text }
        var members = text[..<end]
        while members.last?.isWhitespace == true { members.removeLast() }
        let comma = members.last == "{" ? "" : ","
        return "\(members)\(comma)\n  \"quantization_config\": \(settings.text(spaced: true))\n}\n"
    }
}

/// Why a quantized folder cannot be written.
public enum QuantizationError: Error, Equatable, CustomStringConvertible {
    /// The folder holds files.
    case folderNotEmpty(String)
    /// The system does not make the folder.
    case cannotCreate(String, reason: String)

    /// The folder, and what to do.
    public var description: String {
        switch self {
        case .folderNotEmpty(let path): "\(path) is not empty; remove it, or name another folder"
        case .cannotCreate(let path, let reason): "\(path) cannot be created: \(reason)"
        }
    }
}
