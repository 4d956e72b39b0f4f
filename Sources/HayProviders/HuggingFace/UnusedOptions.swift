import Synchronization

/// The generation options that a server has said it does not use, by the model that a call names: servers without
/// text-generation-inference refuse a request for them.
final class UnusedOptions: Sendable {
    private let names = Mutex<[String?: [String]]>([:])

    /// The options that calls of a model leave out; nil stands for calls that name none.
    func names(for model: String?) -> [String] { names.withLock { $0[model] ?? [] } }

    /// Remembers options of a model.
    func add(_ unused: [String], for model: String?) { names.withLock { $0[model, default: []] += unused } }

    /// The options that an error's text says are not used; nil where it says nothing of the kind.
    static func names(in text: String) -> [String]? {
        let beginning = "The following `model_kwargs` are not used by the model: ["
        guard let start = text.firstRange(of: beginning)?.upperBound,
            let end = text[start...].firstIndex(of: "]")
        else { return nil }
        return text[start ..< end].split(separator: ",", omittingEmptySubsequences: false).map { name in
            String(name.drop { " '".contains($0) }.reversed().drop { " '".contains($0) }.reversed())
        }
    }
}
