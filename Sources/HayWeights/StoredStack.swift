/// A form in which a checkpoint may hold a stack of matrices [E, M, K] or of vectors [E, M], such as those of experts.
public enum StoredStack: Sendable {
    /// One tensor of this name with E as its first axis; a part is taken of each of its matrices or vectors.
    case stacked(String, part: StoredPart = .whole)
    /// A tensor for each, with its index for the `*` in the name; a part is taken of each.
    case each(String, part: StoredPart = .whole)

    /// The name, or the pattern of names.
    var name: String {
        switch self {
        case .stacked(let name, _), .each(let name, _): name
        }
    }

    var part: StoredPart {
        switch self {
        case .stacked(_, let part), .each(_, let part): part
        }
    }

    /// The name of one of the tensors of a pattern.
    static func name(_ pattern: String, _ index: Int) -> String {
        guard let star = pattern.firstIndex(of: "*") else { preconditionFailure("'\(pattern)' has no *") }
        return pattern[..<star] + "\(index)" + pattern[pattern.index(after: star)...]
    }
}
