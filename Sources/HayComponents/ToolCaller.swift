import HayJSON

/// Calls the tools that a reply asks for, and makes of what comes a result that a model can read.
struct ToolCaller: Sendable {
    let tools: [Tool]
    private let limits: Agent.Limits
    private let raisesErrors: Bool

    init(_ tools: [Tool], _ limits: Agent.Limits, raisesErrors: Bool) {
        self.tools = tools
        self.limits = limits
        self.raisesErrors = raisesErrors
    }

    /// Makes all calls of a reply at the same time. The results are in the order of the calls.
    func call(_ calls: [ToolCall]) async throws -> [ToolCallResult] {
        try await withThrowingTaskGroup(of: (Int, ToolCallResult).self) { group in
            for (index, call) in calls.enumerated() { group.addTask { (index, try await result(of: call)) } }
            var results: [Int: ToolCallResult] = [:]
            for try await (index, result) in group { results[index] = result }
            return calls.indices.compactMap { results[$0] }
        }
    }

    private func result(of call: ToolCall) async throws -> ToolCallResult {
        do {
            guard let tool = tools.first(where: { $0.name == call.toolName }) else {
                throw ComponentError.noTool(name: call.toolName, known: tools.map(\.name))
            }
            guard let arguments = call.givenArguments.object else {
                throw ComponentError.argumentsNotAnObject(tool: tool.name, found: call.givenArguments.kind)
            }
            let output = try await withLimit(limits.callDuration, for: tool.name) { try await tool.invoke(arguments) }
            return ToolCallResult(cut(try await text(output, of: tool)), origin: call)
        } catch let error where !raisesErrors && !Task.isCancelled {
            return ToolCallResult(cut("\(error)"), origin: call, isError: true)
        }
    }

    /// A result as text: as the tool says, else texts as they are and everything else as JSON.
    private func text(_ output: JSON, of tool: Tool) async throws -> String {
        var output = output
        if let mapping = tool.outputsToString {
            if let source = mapping.source { output = output[source] ?? .null }
            if let handler = mapping.handler { output = try await handler(output) }
        }
        return output.string ?? output.text(spaced: true)
    }

    private func cut(_ text: String) -> String {
        guard text.count > limits.resultLength else { return text }
        return text.prefix(limits.resultLength) + "\n[cut off after \(limits.resultLength) characters]"
    }
}

/// Does work that is given up after some time. What heeds no cancellation goes on by itself, unwatched.
///
/// Throws what the work throws, `ComponentError` when time is over, and `CancellationError`.
private func withLimit<Value: Sendable>(
    _ limit: Duration?, for tool: String, _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    guard let limit else { return try await work() }
    let (results, sink) = AsyncThrowingStream<Value, any Error>.makeStream()
    let worker = Task {
        do { sink.yield(try await work()) } catch { sink.finish(throwing: error) }
    }
    let clock = Task {
        try await Task.sleep(for: limit)
        sink.finish(throwing: ComponentError.toolTimeout(tool: tool, limit: limit))
    }
    defer {
        worker.cancel()
        clock.cancel()
    }
    for try await value in results { return value }
    throw CancellationError()
}
