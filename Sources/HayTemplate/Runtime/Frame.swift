/// The variables of one run of the template, a macro or a recursive loop.
final class Frame {
    var slots: [Value]
    /// The frame that the macro or loop was defined in.
    let parent: Frame?

    init(slotCount: Int, parent: Frame?) {
        slots = Array(repeating: .unset, count: slotCount)
        self.parent = parent
    }

    /// The frame so many functions further out.
    func ancestor(_ hops: Int) -> Frame {
        var frame = self
        for _ in 0 ..< hops { if let parent = frame.parent { frame = parent } }
        return frame
    }
}
