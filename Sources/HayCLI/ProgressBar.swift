import Synchronization

/// A bar on stderr, for a person at a terminal: "Quantizing to int4 [#####     ] 50 %".
final class ProgressBar: Sendable {
    private let label: String
    private let isShown: Bool
    private let shown = Mutex(-1)
    private static let width = 24

    /// A bar that is drawn when a person reads stderr.
    init(_ label: String, isQuiet: Bool) {
        self.label = label
        isShown = !isQuiet && Console.isInteractive
    }

    /// Draws how much is done, where that looks different from before.
    func show(_ done: Int, of total: Int) {
        let percent = total > 0 ? Int(100 * Double(done) / Double(total)) : 100
        let isNew = shown.withLock { shown in
            defer { shown = percent }
            return shown != percent
        }
        guard isShown, isNew else { return }
        Console.status(ProgressBar.line(label, percent: percent))
    }

    /// Takes the bar away.
    func clear() {
        let wasShown = shown.withLock { shown in
            defer { shown = -1 }
            return shown >= 0
        }
        if isShown, wasShown { Console.status("") }
    }

    /// The bar as text.
    static func line(_ label: String, percent: Int) -> String {
        let filled = min(max(percent, 0), 100) * width / 100
        let bar = String(repeating: "#", count: filled) + String(repeating: " ", count: width - filled)
        return "\(label) [\(bar)] \(percent) %"
    }
}

/// The bar of a prompt that takes long to read: it is drawn once that has lasted two seconds.
struct ReadingBar {
    private let bar: ProgressBar
    private let stopwatch = Stopwatch()

    init(isQuiet: Bool) { bar = ProgressBar("Reading the prompt", isQuiet: isQuiet) }

    /// Draws how much is read.
    func show(_ done: Int, of total: Int) {
        if stopwatch.seconds > 2 { bar.show(done, of: total) }
    }

    /// Takes the bar away.
    func clear() { bar.clear() }
}
