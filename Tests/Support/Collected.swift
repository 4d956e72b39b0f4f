import Synchronization

/// What a callback was given, in order.
public final class Collected<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])

    /// None yet.
    public init() {}

    /// Those so far.
    public var all: [Element] { elements.withLock { $0 } }

    /// Adds one.
    @Sendable public func append(_ element: Element) { elements.withLock { $0.append(element) } }
}
