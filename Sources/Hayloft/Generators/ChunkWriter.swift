import HayComponents
import HayJSON

/// Makes chunks of the texts of replies as they come.
struct ChunkWriter {
    /// What chunks are to be like.
    enum Style {
        /// As Haystack's callback gets them: the text holds special tokens and a final newline, and nothing tells the end.
        case callback
        /// The contents together are the reply; the last chunk tells why it ended, and its meta.
        case stream
    }

    private let style: Style
    private let component: ComponentInfo
    private let tellsReply: Bool
    private let trimsEnd: Bool
    /// What finds calls in the text as it comes; nil where none are looked for.
    private let calls: ToolCallStream?
    private var replies: [Int: State] = [:]

    /// How far a reply is.
    private struct State {
        var hasText = false
        var callCount = 0
        /// White space that the reply may end with.
        var held = ""
        var calls: ToolCallStream?
    }

    /// - Parameters:
    ///   - replyCount: how many replies there will be; of several each chunk's meta tells which it belongs to.
    ///   - trimsEnd: whether replies lose the white space at their end.
    ///   - calls: what finds calls in the text.
    init(_ style: Style, component: String, replyCount: Int, trimsEnd: Bool, calls: ToolCallStream?) {
        self.style = style
        self.component = ComponentInfo(type: component)
        self.trimsEnd = trimsEnd && style == .stream
        tellsReply = replyCount > 1
        self.calls = calls
    }

    /// The chunks of a piece of a reply's text.
    mutating func chunks(of piece: String, reply: Int) throws -> [StreamingChunk] {
        var state = replies.removeValue(forKey: reply) ?? State(calls: calls)
        defer { replies[reply] = state }
        var piece = piece
        if trimsEnd {
            piece = state.held + piece
            let kept = piece.trimmedEnd
            state.held = String(piece.unicodeScalars.dropFirst(kept.unicodeScalars.count))
            piece = kept
        }
        if piece.isEmpty { return [] }
        guard let pieces = state.calls?.append(piece) else { return [try chunk(.text(piece), reply, &state)] }
        return try pieces.map { try chunk($0, reply, &state) }
    }

    /// The chunks that end a reply.
    ///
    /// - Parameters:
    ///   - message: the whole reply. Calls that only a parser of the program's found come now.
    ///   - isCut: whether a stop word ended it.
    mutating func end(_ message: ChatMessage, reply: Int, isCut: Bool) throws -> [StreamingChunk] {
        var state = replies.removeValue(forKey: reply) ?? State(calls: calls)
        var chunks = try (state.calls?.finish() ?? []).map { try chunk($0, reply, &state) }
        for (index, call) in message.toolCalls.enumerated() where calls == nil {
            let delta = ToolCallDelta(
                index: index, toolName: call.toolName, arguments: call.givenArguments.text(spaced: true),
                id: call.id)
            chunks.append(try chunk(.call(delta), reply, &state))
        }
        switch style {
        case .callback where calls == nil && message.toolCalls.isEmpty && !isCut:
            chunks.append(try chunk(.text("\n"), reply, &state))
        case .callback: break
        case .stream:
            chunks.append(
                try StreamingChunk(
                    content: "", meta: message.meta, componentInfo: component,
                    finishReason: message.meta["finish_reason"]?.string))
        }
        return chunks
    }

    private func chunk(_ piece: ToolCallStream.Piece, _ reply: Int, _ state: inout State) throws -> StreamingChunk {
        let meta: JSON.Object = tellsReply ? ["index": .int(reply)] : [:]
        switch piece {
        case .text(let text):
            defer { state.hasText = true }
            return try StreamingChunk(
                content: text, meta: meta, componentInfo: component, index: 0, start: !state.hasText)
        case .call(let delta):
            return try StreamingChunk(
                content: "", meta: meta, componentInfo: component, index: delta.index, toolCalls: [delta],
                start: delta.toolName != nil)
        }
    }
}

extension String {
    /// Without the white space at its end, as Python's `rstrip` knows it.
    var trimmedEnd: String {
        let scalars = unicodeScalars
        let isSpace = { (scalar: Unicode.Scalar) in
            scalar.properties.isWhitespace || (0x1C ... 0x1F).contains(scalar.value)
        }
        guard let last = scalars.lastIndex(where: { !isSpace($0) }) else { return "" }
        return String(scalars[...last])
    }
}
