#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Finds the folder that a model's name stands for, without the network.
public struct ModelLocator: Sendable {
    private let environment: [String: String]
    private let executable: String

    /// A search that follows these environment variables and begins beside an executable: the one that runs, unless
    /// another is named.
    public init(environment: [String: String], executable: String? = nil) {
        self.environment = environment
        self.executable = executable ?? ModelLocator.runningExecutable
    }

    /// Where this program is, links resolved.
    private static var runningExecutable: String {
        guard let path = realpath("/proc/self/exe", nil) ?? realpath(CommandLine.arguments[0], nil) else { return "" }
        defer { free(path) }
        return String(cString: path)
    }

    /// The folder of a model: a path, a bundled model's name, or a Hub name in the local Hugging Face cache.
    ///
    /// - Parameter revision: the branch, tag or commit of a Hub name.
    ///
    /// Throws `ModelLocationError` that says where was looked and what to do.
    public func folder(of name: String, revision: String = "main") throws -> String {
        if isFolder(name) { return name }
        if !name.isEmpty, !name.contains("/"), let bundled = bundledFolder.map({ "\($0)/\(name)" }), isFolder(bundled) {
            return bundled
        }
        guard isHubName(name) else { throw ModelLocationError.noFolder(name) }
        guard let snapshot = snapshot(of: name, revision) else {
            throw ModelLocationError.notCached(name, revision: revision, cache: cache)
        }
        return snapshot
    }

    /// The folder of a model that comes with Hayloft. Throws `ModelLocationError` when the models are not installed.
    public func bundled(_ name: String) throws -> String {
        guard let bundledFolder, isFolder("\(bundledFolder)/\(name)") else {
            throw ModelLocationError.noBundledModels(name)
        }
        return "\(bundledFolder)/\(name)"
    }

    /// `HAYLOFT_MODELS`, else `share/hayloft/models` of the prefix that the executable is installed in, else
    /// `Models/Bundled` of the source tree that it was built in.
    private var bundledFolder: String? {
        if let named = environment["HAYLOFT_MODELS"] { return named }
        var folder = executable
        while let slash = folder.lastIndex(of: "/") {
            folder = String(folder[..<slash])
            for place in ["share/hayloft/models", "Models/Bundled"] where isFolder("\(folder)/\(place)") {
                return "\(folder)/\(place)"
            }
        }
        return nil
    }

    /// `HF_HUB_CACHE`, else `hub` in `HF_HOME`, else in the user's cache folder. In all of them `~` and variables stand for
    /// what they stand for in a shell, as in huggingface_hub.
    private var cache: String {
        let paths = PathExpansion(environment: environment)
        if let cache = environment["HF_HUB_CACHE"] ?? environment["HUGGINGFACE_HUB_CACHE"] {
            return paths.expanded(cache)
        }
        if let home = environment["HF_HOME"] { return "\(paths.expanded(home))/hub" }
        return "\(paths.expanded(environment["XDG_CACHE_HOME"] ?? "~/.cache"))/huggingface/hub"
    }

    /// "owner/name" or "name", of the characters that the Hub allows: never a path out of the cache.
    private func isHubName(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return (1 ... 2).contains(parts.count) && parts.allSatisfy(isPlainName)
    }

    private func isPlainName(_ part: Substring) -> Bool {
        !part.isEmpty && part.first != "." && part.utf8.allSatisfy(isNameByte)
    }

    private func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a") ... UInt8(ascii: "z"), UInt8(ascii: "A") ... UInt8(ascii: "Z"),
            UInt8(ascii: "0") ... UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    /// The snapshot that a branch or a tag names, or the one of a commit.
    private func snapshot(of name: String, _ revision: String) -> String? {
        guard revision.split(separator: "/", omittingEmptySubsequences: false).allSatisfy({ isPlainName($0) }) else {
            return nil
        }
        let repository = "\(cache)/models--\(name.replacing("/", with: "--"))"
        let commit = firstLine(of: "\(repository)/refs/\(revision)") ?? revision
        let snapshot = "\(repository)/snapshots/\(commit)"
        return isPlainName(commit[...]) && isFolder(snapshot) ? snapshot : nil
    }

    private func firstLine(of path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, 128, file) != nil else { return nil }
        let name = line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }.filter(isNameByte)
        return String(decoding: name, as: UTF8.self)
    }

    private func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}

/// Why a model's folder was not found.
public enum ModelLocationError: Error, Equatable, CustomStringConvertible {
    /// A path that is no folder, and no name that the Hub could have.
    case noFolder(String)
    /// A Hub name that the local cache does not hold.
    case notCached(String, revision: String = "main", cache: String)
    /// The models that come with Hayloft are not where it looks.
    case noBundledModels(String)

    /// What was looked for, and what to do.
    public var description: String {
        switch self {
        case .noFolder(let name):
            "there is no folder '\(name)'; give a checkpoint folder in Hugging Face layout"
        case .notCached(let name, let revision, let cache):
            "'\(name)' is neither a folder nor in the Hugging Face cache at \(cache); fetch it with 'hf download \(name)"
                + (revision == "main" ? "" : " --revision \(revision)") + "' or give a folder"
        case .noBundledModels(let name):
            "the bundled model '\(name)' is not installed; set HAYLOFT_MODELS to the folder that holds it, "
                + "or give a model with --model"
        }
    }
}
