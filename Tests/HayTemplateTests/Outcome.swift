import HayJSON
import HayTemplate

/// What came of a rendering, so that it can be compared with what should have.
enum Outcome: Equatable {
    case text(String)
    case error(TemplateError.Kind, String)

    init(_ render: () throws -> String) {
        do {
            self = .text(try render())
        } catch let error as TemplateError {
            self = .error(error.kind, error.message)
        } catch {
            self = .error(.value, "\(error)")
        }
    }

    /// Whether this is what a case of the fixtures expects: the same bytes, or an error; of `raise_exception` the same.
    func matches(_ expected: JSON) -> Bool {
        switch self {
        case .text(let text): expected["expected"]?.string.map { Array($0.utf8) == Array(text.utf8) } ?? false
        case .error(let kind, let message):
            expected["error"]?.string.map { error in
                error == "TemplateError" ? kind == .raised && message == expected["message"]?.string : kind != .raised
            } ?? false
        }
    }
}
