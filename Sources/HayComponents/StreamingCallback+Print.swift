#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension StreamingChunk {
    /// What the stock callback writes of a chunk: a heading where a block begins, the piece itself, and an empty line
    /// where the reply ends.
    public var printedText: String {
        var text = ""
        if start, let index, index > 0 { text += "\n\n" }
        for call in toolCalls ?? [] {
            if start {
                if let index, index > 0, call.index > index { text += "\n\n" }
                text += "[TOOL CALL]\nTool: \(call.toolName ?? "") \nArguments: "
            }
            text += call.arguments ?? ""
        }
        if let toolCallResult { text += "[TOOL RESULT]\n\(toolCallResult.result)" }
        if !content.isEmpty { text += (start ? "[ASSISTANT]\n" : "") + content }
        if let reasoning { text += (start ? "[REASONING]\n" : "") + reasoning.text }
        if finishReason != nil { text += "\n\n" }
        return text
    }
}

extension NamedFunction where Input == StreamingChunk, Output == Void {
    /// Writes each piece of a reply to standard output as it comes.
    public static var printChunk: StreamingCallback {
        StreamingCallback("haystack.components.generators.utils.print_streaming_chunk") { chunk in
            print(chunk.printedText, terminator: "")
            fflush(nil)
        }
    }
}
