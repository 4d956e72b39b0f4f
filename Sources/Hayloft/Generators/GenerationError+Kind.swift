import HayComponents
import HayGeneration

extension GenerationError: ClassifiedError {
    /// The sort of mistake: most are options or prompts that cannot be.
    public var kind: ErrorKind {
        switch self {
        case .queueFull, .notFinite, .noTokenLeft, .cacheTooSmall: .runtime
        default: .value
        }
    }
}
