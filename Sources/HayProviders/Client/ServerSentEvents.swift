/// Takes a stream of server-sent events apart, however its bytes are cut into pieces.
///
/// A line ends at CR LF, LF or CR. Lines that begin with a colon are comments; the `data` lines of an event are joined by
/// newlines, and an empty line ends it. What else an event says is not needed and left out.
/// Source: WHATWG HTML, 9.2.6.
struct ServerSentEvents: Sendable {
    /// Why a stream cannot be read on.
    struct TooLarge: Error { let limit: Int }

    private let limit: Int
    private var line: [UInt8] = []
    private var data: [UInt8] = []
    private var hasData = false
    private var endedWithReturn = false
    private var isAtStart = true

    /// - Parameter limit: the most bytes that an event may have.
    init(limit: Int = 16 << 20) { self.limit = limit }

    /// The data of the events that end in these bytes. Throws `TooLarge`.
    mutating func append(_ bytes: some Sequence<UInt8>) throws -> [String] {
        var events: [String] = []
        for byte in bytes {
            defer { endedWithReturn = byte == UInt8(ascii: "\r") }
            switch byte {
            case UInt8(ascii: "\n") where endedWithReturn: break  // the second half of a line's end
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                if let event = endLine() { events.append(event) }
            default:
                line.append(byte)
                if line.count + data.count > limit { throw TooLarge(limit: limit) }
            }
        }
        return events
    }

    /// The data of an event that has begun and not ended; nil where there is none.
    var unfinished: String? {
        var parser = self
        if !line.isEmpty { _ = parser.endLine() }
        return parser.endEvent()
    }

    /// Takes the line in. Gives the event that it ends.
    private mutating func endLine() -> String? {
        defer { line.removeAll(keepingCapacity: true) }
        if isAtStart, line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        isAtStart = false
        if line.isEmpty { return endEvent() }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        guard line[..<colon].elementsEqual("data".utf8) else { return nil }
        var value = line[colon...].dropFirst()
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        if hasData { data.append(UInt8(ascii: "\n")) }
        data += value
        hasData = true
        return nil
    }

    private mutating func endEvent() -> String? {
        guard hasData else { return nil }
        defer {
            data.removeAll(keepingCapacity: true)
            hasData = false
        }
        return String(decoding: data, as: UTF8.self)
    }
}
