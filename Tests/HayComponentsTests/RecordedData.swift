import HayComponents
import HayJSON
import TestSupport
import Testing

/// Haystack's recordings of its data types: files of cases, told apart by what their cases hold.
enum RecordedData {
    /// A file of recordings.
    struct File {
        let name: String
        let cases: [JSON]

        /// Whether a case, or a case's result, has a key.
        func hasCase(with key: String) -> Bool { cases.contains { $0[key] != nil } }
        func hasResult(with key: String) -> Bool { cases.contains { $0["result"]?[key] != nil } }
    }

    static let files: [File] = {
        guard let folder = Fixtures.folder else { return [] }
        return Fixtures.entries(of: "\(folder)/haystack/data").compactMap { path in
            guard let cases = try? Fixtures.json(path)["cases"]?.array else { return nil }
            return File(name: path, cases: cases)
        }
    }()

    static let isMissing = files.isEmpty

    /// The cases of all files that a rule picks.
    static func cases(of belongs: (File) -> Bool) -> [JSON] { files.filter(belongs).flatMap(\.cases) }
}

/// Checks that an attempt ends as recorded: with the result, or with an error of the same kind. The message of a value
/// error is the same too, but for how values are printed.
func expectRecorded(
    _ recording: JSON, in name: String, same: (JSON, JSON) -> Bool = { $0.isSame(as: $1) },
    _ attempt: () throws -> JSON
) {
    do {
        let result = try attempt()
        let expected = recording["result"]
        #expect(expected != nil && same(result, expected!), "\(name): \(result), expected \(recording)")
    } catch let error as MessageError {
        guard let expected = recording["error"] else {
            Issue.record("\(name): \(error), expected \(recording)")
            return
        }
        guard let kind = MessageError.Kind(rawValue: expected["kind"]?.string ?? "") else { return }
        #expect(error.kind == kind, "\(name): \(error)")
        guard kind == .value, let message = expected["message"]?.string else { return }
        let comparable = withoutPythonObjects(plain(message))
        #expect(plain(error.description).hasPrefix(comparable), "\(name): \(error)\nexpected \(message)")
    } catch {
        Issue.record("\(name): \(error)")
    }
}

/// Python and JSON print texts and constants in their own ways.
private func plain(_ message: String) -> String {
    var message = message.replacing("'", with: "\"")
    for (python, json) in [("None", "null"), ("True", "true"), ("False", "false")] {
        message = message.replacing(python, with: json)
    }
    return message
}

/// A message up to the sentence that prints an object of Python's.
private func withoutPythonObjects(_ message: String) -> String {
    guard let object = message.firstRange(of: #/[A-Z][A-Za-z]+\(/#) else { return message }
    let sentences = message[..<object.lowerBound]
    return sentences.ranges(of: ". ").last.map { String(sentences[..<$0.lowerBound]) } ?? ""
}
