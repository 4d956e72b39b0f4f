import HayComponents
import HayJSON

/// Takes the chunks of a reply as they come.
typealias ChunkSink = @Sendable (StreamingChunk) async throws -> Void

extension ChunkStream {
    /// The chunks of one reply as they come, and one more that tells why it ended, and its meta.
    ///
    /// - Parameter reason: the chunks' word for a reply's reason to finish.
    init(
        of type: String, reason: @escaping @Sendable (String) -> String? = { $0 },
        _ answer: @escaping @Sendable (_ sink: @escaping ChunkSink) async throws -> [ChatMessage]
    ) {
        let channel = ChunkChannel { send in
            let replies = try await answer { chunk in
                // The server's own word of the end is not its last: usage may follow.
                var chunk = chunk
                chunk.finishReason = nil
                if !chunk.content.isEmpty || chunk.toolCalls?.isEmpty == false { try await send(chunk) }
            }
            guard let reply = replies.first else { return }
            try await send(
                StreamingChunk(
                    text: "", meta: reply.meta, componentInfo: ComponentInfo(type: type),
                    finishReason: reply.meta["finish_reason"]?.string.flatMap(reason)))
        }
        self.init(unfolding: channel.next)
    }
}
