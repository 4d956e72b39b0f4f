/// Texts one after the other, in storage that is kept while they come and go.
struct TextList: Sendable {
    private(set) var bytes: [UInt8] = []
    private var ends: [Int] = []

    /// Calls `body` with each text.
    @inline(__always)
    func forEach(_ body: (Bytes) -> Void) {
        bytes.withUnsafeBufferPointer { bytes in
            var start = 0
            for end in ends {
                body(bytes.slice(start ..< end))
                start = end
            }
        }
    }

    /// Appends to the text that `end` ends.
    @inline(__always)
    mutating func write(_ text: some Collection<UInt8>) { bytes.append(contentsOf: text) }

    /// Appends to the text that `end` ends.
    @inline(__always)
    mutating func write(_ byte: UInt8) { bytes.append(byte) }

    /// Replaces what was written from a place on, since the last end.
    mutating func replaceEnd(from start: Int, with text: [UInt8]) {
        bytes.replaceSubrange(start..., with: text)
    }

    /// Ends a text, which may be empty.
    @inline(__always)
    mutating func end() { ends.append(bytes.count) }

    /// Appends a whole text.
    @inline(__always)
    mutating func append(_ text: some Collection<UInt8>) {
        write(text)
        end()
    }

    /// Removes all texts and keeps their storage.
    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
    }
}
