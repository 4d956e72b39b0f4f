import Dispatch
import Synchronization

/// Something that is loaded once, when it is asked to be, and let go at the end.
final class Warm<Value: Sendable>: Sendable {
    private enum State {
        case cold
        case loading(Task<Value, any Error>)
        case warm(Value)
    }

    private let state = Mutex(State.cold)

    /// What was loaded, once it is.
    var value: Value? { state.withLock { if case .warm(let value) = $0 { value } else { nil } } }

    /// Loads it unless that has been done; calls at the same time wait for one loading.
    ///
    /// Throws what loading throws; then the next call tries again.
    func up(_ load: @escaping @Sendable () throws -> Value) async throws {
        let task: Task<Value, any Error>? = state.withLock { state in
            switch state {
            case .warm: return nil
            case .loading(let task): return task
            case .cold:
                let task = Task { try await Warm.offPool(load) }
                state = .loading(task)
                return task
            }
        }
        guard let task else { return }
        let result = await task.result
        state.withLock { state in
            guard case .loading(task) = state else { return }
            if case .success(let value) = result { state = .warm(value) } else { state = .cold }
        }
        _ = try result.get()
    }

    /// Uses what is there already.
    func use(_ value: Value) { state.withLock { $0 = .warm(value) } }

    /// Lets it go.
    func coolDown() { state.withLock { $0 = .cold } }

    /// Reading a checkpoint takes seconds, for which a thread of the pool of tasks is not there.
    private static func offPool(_ load: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try load() }) }
        }
    }
}
