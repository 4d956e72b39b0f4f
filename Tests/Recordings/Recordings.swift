import HayJSON
import TestSupport

/// Recordings of what Haystack does, in the folder `haystack` of the fixtures; none where there are no fixtures.
public enum Recordings {
    /// The folder, when there is one.
    public static let folder: String? = Fixtures.folder.map { $0 + "/haystack" }.flatMap {
        Fixtures.isFolder($0) ? $0 : nil
    }

    /// Whether there are recordings.
    public static var areThere: Bool { folder != nil }

    /// The cases of a file that lists them: `data/tool`, `serialization/from_dict`.
    ///
    /// A file that cannot be read gives one case that says so, so that a test fails rather than pass over it.
    public static func cases(_ file: String) -> [RecordedCase] {
        guard let folder else { return [] }
        do {
            let json = try Fixtures.json("\(folder)/\(file).json")
            let component = json["component"]?.string
            return (json["cases"]?.array ?? []).enumerated().map { index, members in
                RecordedCase(file: file, index: index, component: component, members: Notation.numbers(members))
            }
        } catch {
            return [RecordedCase(file: file, index: 0, component: nil, members: ["name": .string("\(error)")])]
        }
    }

    /// The cases of those files of a folder that a rule picks by what their cases hold, whatever they are called.
    public static func cases(in name: String, where belongs: ([RecordedCase]) -> Bool) -> [RecordedCase] {
        files(in: name).map(cases).filter(belongs).flatMap(\.self)
    }

    /// The names of the files that list cases in a folder: `serialization` -> `serialization/from_dict`, …
    public static func files(in name: String) -> [String] {
        guard let folder else { return [] }
        return Fixtures.entries(of: "\(folder)/\(name)").filter { $0.hasSuffix(".json") }.map {
            "\(name)/" + ($0.split(separator: "/").last ?? "").dropLast(".json".count)
        }
    }

    /// The recorded calls of a component, one a file: `wire/OpenAIGenerator`.
    public static func calls(_ name: String) -> [RecordedCase] {
        files(in: name).enumerated().map { index, file in
            let members = (try? Fixtures.json("\(folder ?? "")/\(file).json")) ?? ["name": "unreadable"]
            return RecordedCase(file: file, index: index, component: nil, members: Notation.numbers(members))
        }
    }
}

extension [RecordedCase] {
    /// Whether a case has a key.
    public func haveCase(with key: String) -> Bool { contains { $0[key] != nil } }

    /// Whether a case's result has a key.
    public func haveResult(with key: String) -> Bool { contains { $0.result?[key] != nil } }
}

/// One recorded case.
public struct RecordedCase: Sendable, CustomStringConvertible {
    /// The file, without its ending.
    public let file: String
    /// The component's class.
    public let component: String
    /// All that was recorded.
    public private(set) var members: JSON
    private let index: Int

    init(file: String, index: Int, component: String?, members: JSON) {
        self.file = file
        self.index = index
        self.component = members["component"]?.string ?? component ?? ""
        self.members = members
    }

    /// The case with other init arguments in place of those of the same names.
    public func with(_ arguments: JSON.Object) -> RecordedCase {
        var changed = self
        let own = members["init"]?.object ?? [:]
        let all = own.filter { arguments[$0.0] == nil } + Array(arguments)
        changed.members = .object(
            JSON.Object((members.object ?? [:]).map { $0 == "init" ? ($0, .object(JSON.Object(all))) : ($0, $1) }))
        return changed
    }

    /// What was recorded under a name.
    public subscript(_ key: String) -> JSON? { members[key] }

    /// What the case returned.
    public var result: JSON? { members["result"] }

    /// The case's name, where it has one.
    public var name: String { members["name"]?.string ?? "" }

    /// The error that the case ended in.
    public var error: RecordedError? { members["error"].map(RecordedError.init) }

    /// The environment variables that were set, of those that components read.
    public var environment: [String: String] {
        let members = self["env"]?.object ?? [:]
        return Dictionary(members.map { ($0, $1.string ?? "") }) { $1 }
    }

    /// The file and the case's name.
    public var description: String { "\(file) \(index) \(name)" }
}
