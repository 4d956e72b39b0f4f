/// What requests meet outside of the program. Tests put their own in its place.
package struct Outside: Sendable {
    /// Waits, for a time in seconds.
    package var sleep: @Sendable (_ seconds: Double) async throws -> Void = { try await Task.sleep(for: .seconds($0)) }
    /// The part of a pause before a retry that is really waited.
    package var jitter: @Sendable () -> Double = { Double.random(in: 0.75 ... 1) }
    /// Where a request to an address goes.
    package var route: @Sendable (_ url: String) -> String = { $0 }

    /// The world as it is.
    package init() {}

    /// What the requests of the current task meet.
    @TaskLocal package static var current = Outside()
}
