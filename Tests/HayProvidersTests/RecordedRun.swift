import HayComponents
import HayJSON
import HayProviders
import HaystackRecordings

/// Makes the component of a recorded call, and the call.
struct RecordedRun: Sendable {
    let recorded: RecordedCase
    let notation: Notation
    private let warnings: CollectedWarnings

    init(_ recorded: RecordedCase, _ notation: Notation, _ warnings: CollectedWarnings) {
        self.recorded = recorded
        self.notation = notation
        self.warnings = warnings
    }

    /// What the call comes to, as recordings write it.
    func outcome() async -> Outcome<JSON> {
        await attempt { component, arguments in
            switch component {
            case let generator as any OpenAITextComponent: try await text(generator, arguments)
            case let generator as any OpenAIChatComponent: try await chat(generator, arguments)
            case let generator as HuggingFaceAPIGenerator:
                try await generator.run(
                    prompt: arguments.string("prompt") ?? "", streamingCallback: arguments.callback(),
                    generationKwargs: arguments.generationKwargs
                ).json
            case let generator as HuggingFaceAPIChatGenerator:
                try await generator.run(
                    messages: arguments.messages(), streamingCallback: arguments.callback(),
                    generationKwargs: arguments.generationKwargs, tools: arguments.tools()
                ).json
            case let generator as DALLEImageGenerator: try await image(generator, arguments)
            default: throw ComponentError.noReply
            }
        }
    }

    /// The chunks of the same call as a stream.
    func streamed() async -> Outcome<[StreamingChunk]> {
        await attempt { component, arguments in
            var chunks: [StreamingChunk] = []
            let stream: ChunkStream
            switch component {
            case let generator as any OpenAITextComponent:
                stream = generator.stream(
                    arguments.string("prompt") ?? "", systemPrompt: arguments.string("system_prompt"),
                    generationKwargs: arguments.generationKwargs)
            case let generator as any TextGenerator:
                stream = generator.stream(
                    arguments.string("prompt") ?? "", generationKwargs: arguments.generationKwargs)
            case let generator as any ChatGenerator:
                stream = try generator.stream(
                    arguments.messages(), generationKwargs: arguments.generationKwargs, tools: arguments.tools())
            default: throw ComponentError.noReply
            }
            for try await chunk in stream { chunks.append(chunk) }
            return chunks
        }
    }

    private func attempt<Value>(
        _ work: (any RemoteComponent, RecordedArguments) async throws -> Value
    ) async -> Outcome<Value> {
        do {
            let component = try RecordedComponents.make(recorded, notation, logger: warnings.logger)
            // A token provider is enough here, though Haystack wants one of the secrets to be there as well.
            let hasProvider = recorded["init"]?["azure_ad_token_provider"].map { !$0.isNull } ?? false
            if recorded.error?.stage == "init", hasProvider { return .notRun }
            return .value(
                try await work(component, RecordedArguments(recorded["call"]?["args"], notation)))
        } catch let error as any ClassifiedError {
            return .failure(error)
        } catch {
            return .failure(RemoteError.invalidRequest(reason: "not classified: \(error)"))
        }
    }

    private func text(_ generator: any OpenAITextComponent, _ arguments: RecordedArguments) async throws -> JSON {
        try await generator.run(
            prompt: arguments.string("prompt") ?? "", systemPrompt: arguments.string("system_prompt"),
            streamingCallback: arguments.callback(), generationKwargs: arguments.generationKwargs
        ).json
    }

    private func chat(_ generator: any OpenAIChatComponent, _ arguments: RecordedArguments) async throws -> JSON {
        try await generator.run(
            messages: arguments.messages(), streamingCallback: arguments.callback(),
            generationKwargs: arguments.generationKwargs, tools: arguments.tools(),
            toolsStrict: arguments.value("tools_strict")?.bool
        ).json
    }

    private func image(_ generator: DALLEImageGenerator, _ arguments: RecordedArguments) async throws -> JSON {
        if recorded["call"]?["warm_up"] == true { try generator.warmUp(environment: recorded.environment) }
        let reply = try await generator.run(
            prompt: arguments.string("prompt") ?? "", size: arguments.string("size"),
            quality: arguments.string("quality"), responseFormat: arguments.string("response_format"))
        return ["images": .array(reply.images.map(JSON.string)), "revised_prompt": .string(reply.revisedPrompt)]
    }
}

extension TextReplies {
    fileprivate var json: JSON {
        ["replies": .array(replies.map(JSON.string)), "meta": .array(meta.map(JSON.object))]
    }
}

extension ChatReplies {
    fileprivate var json: JSON { ["replies": .array(replies.map { $0.toDict() })] }
}
