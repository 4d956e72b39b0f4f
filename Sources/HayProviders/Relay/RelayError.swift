import HayComponents

/// Why none of several generators has answered.
public enum RelayError: ClassifiedError {
    /// What one generator ended in.
    public struct Failure: Sendable {
        /// Its place, from 0.
        public let index: Int
        /// Its type.
        public let name: String
        /// What it ended in.
        public let error: any Error
    }

    /// There is no generator to ask.
    case noMembers
    /// A generator has not answered in time.
    case noAnswer(timeout: Double)
    /// Each that was asked has failed.
    case allFailed([Failure])

    /// The sort of mistake: of several, that of the last.
    public var kind: ErrorKind {
        switch self {
        case .noMembers: .value
        case .noAnswer: .timeout
        case .allFailed(let failures): (failures.last?.error as? any ClassifiedError)?.kind ?? .runtime
        }
    }

    /// The error in one sentence.
    public var description: String {
        switch self {
        case .noMembers: "There must be at least one generator."
        case .noAnswer(let timeout): "no answer within \(timeout) seconds"
        case .allFailed(let failures):
            "All \(failures.count) generators have failed: "
                + failures.map { "\($0.name) (\($0.index)): \($0.error)" }.joined(separator: "; ")
        }
    }
}
