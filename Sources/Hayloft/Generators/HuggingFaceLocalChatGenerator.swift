import HayComponents
import HayGeneration
import HayJSON
import Logging

/// Answers conversations with a chat model on this machine.
///
/// ```swift
/// let generator = try HuggingFaceLocalChatGenerator(model: "HuggingFaceH4/zephyr-7b-beta")
/// try await generator.warmUp()
/// for try await chunk in generator.stream("Why is the sky blue?") { print(chunk.content, terminator: "") }
/// ```
///
/// Parameters, replies and the form in files are those of Haystack 2's component of this name. On purpose it differs in
/// these points:
/// - Tools and streaming go together: calls come as `ToolCallDelta`s while they are written.
/// - The default parser finds every well-formed call of a reply, with nested and with empty arguments.
/// - With `toolsStrict` calls hold to the tools' schemas, token by token.
/// - Usage is counted from the tokens that were read and chosen, and `finish_reason` is why the engine stopped.
/// - A stop word ends a reply however it is cut into tokens, each reply by itself, and never reaches the stream.
/// - Several replies can be streamed; each chunk's `meta` then has the `index` of its reply.
/// - Calls run at the same time as far as the machine allows; the callback may be synchronous or not.
/// - The likeliest token is taken unless options of drawing are given.
/// - A template that writes the begin token itself does not get a second one.
/// - The task is found in the model's own files; nothing goes to the network.
public final class HuggingFaceLocalChatGenerator: ChatGenerator {
    /// The component's type, as files name it.
    public static let type = "haystack.components.generators.chat.hugging_face_local.HuggingFaceLocalChatGenerator"

    /// How the chat template is used.
    public struct TemplateOptions: Sendable, Equatable {
        /// A Jinja template in place of the model's own.
        public var chatTemplate: String?
        /// Whether models that can think before they reply do so; nil leaves it to the template.
        public var enableThinking: Bool?
        /// What else the template may name.
        public var variables: JSON.Object = [:]
    }

    /// The options of every call, defaults and stop words included.
    public let generationKwargs: GenerationKwargs
    /// How the chat template is used.
    public let template: TemplateOptions
    /// The tools of every call that does not name others.
    public let tools: (any ToolSource)?
    /// Whether calls are held to the tools' schemas.
    public let toolsStrict: Bool
    /// Finds the calls in a reply.
    public let toolParsingFunction: ToolParser
    /// Takes the chunks of every call that does not name another.
    public let streamingCallback: StreamingCallback?
    let pipeline: LocalPipeline
    /// Whether nothing was said of the most new tokens.
    private let limitIsDefault: Bool
    private let logger: Logger
    private let warm = Warm<Loaded>()

    struct Loaded: Sendable {
        let engine: TextEngine
        let prompt: ChatPrompt
    }

    /// A generator that is yet to be warmed up.
    ///
    /// - Parameters:
    ///   - model: a folder in Hugging Face layout, or a Hub name in the local cache.
    ///   - task: `text-generation` or `text2text-generation`; nil finds it in the model's files.
    ///   - device: what it runs on; nil is the processor.
    ///   - token: gives access to models that have to be fetched.
    ///   - chatTemplate: the name of one of the model's templates, or a Jinja template in place of them.
    ///   - generationKwargs: options of every call, under Hugging Face's names; `response_format` constrains replies to a JSON
    ///     schema. `max_new_tokens` is 512 unless it or the checkpoint sets a limit.
    ///   - huggingfacePipelineKwargs: how the model is loaded: `torch_dtype`, `revision`, `device_map` and what the other
    ///     parameters say. Options without a meaning here are an error when the model is loaded.
    ///   - stopWords: the words that end replies.
    ///   - streamingCallback: takes the chunks of replies as they come.
    ///   - tools: what the model may have called.
    ///   - toolsStrict: whether calls are held to the tools' schemas while they are written.
    ///   - toolParsingFunction: finds the calls in a reply; nil is `DefaultToolParser`.
    ///   - enableThinking: whether models that can think before they reply do so; nil leaves it to the template.
    ///   - chatTemplateKwargs: what else the template may name.
    ///   - environment: where variables such as `HF_HOME` are looked up; nil is this process's environment.
    ///   - logger: takes warnings.
    ///
    /// Throws `LocalGeneratorError` and `ComponentError`.
    public init(
        model: String = "HuggingFaceH4/zephyr-7b-beta", task: String? = nil, device: ComponentDevice? = nil,
        token: Secret? = .huggingFaceToken, chatTemplate: String? = nil, generationKwargs: GenerationKwargs = [:],
        huggingfacePipelineKwargs: JSON.Object = [:], stopWords: [String]? = nil,
        streamingCallback: StreamingCallback? = nil, tools: (any ToolSource)? = nil, toolsStrict: Bool = false,
        toolParsingFunction: ToolParser? = nil, enableThinking: Bool? = nil, chatTemplateKwargs: JSON.Object = [:],
        environment: [String: String]? = nil,
        logger: Logger = Logger(label: "haystack.components.generators.chat.hugging_face_local")
    ) throws {
        try tools?.tools().checkNames()
        pipeline = try LocalPipeline(
            model: model, task: task, device: device, token: token, kwargs: huggingfacePipelineKwargs,
            environment: environment)
        if stopWords != nil, generationKwargs["stopping_criteria"] != nil {
            throw LocalGeneratorError.stopWordsAndCriteria
        }
        var kwargs = pipeline.completed(generationKwargs)
        let sequences = kwargs["stop_sequences"]?.array ?? []
        kwargs["stop_sequences"] = .array(sequences + (stopWords ?? []).map { .string($0) })
        self.generationKwargs = kwargs
        limitIsDefault = generationKwargs["max_new_tokens"] == nil
        template = TemplateOptions(
            chatTemplate: chatTemplate, enableThinking: enableThinking, variables: chatTemplateKwargs)
        self.tools = tools
        self.toolsStrict = toolsStrict
        self.toolParsingFunction = toolParsingFunction ?? .default
        self.streamingCallback = streamingCallback
        self.logger = logger
    }

    /// Loads the model; does nothing where that has been done.
    ///
    /// Throws `ModelLocationError` for a model that is not on this machine, `ChatPromptError` for one without a chat
    /// template, `LocalGeneratorError`, and the errors of checkpoints and templates.
    public func warmUp() async throws {
        try await warm.up { [pipeline, template, logger] in try Loaded(pipeline.load(logger), template) }
    }

    /// Uses an engine that is there already, which several components may share. Throws as `warmUp()` does.
    public func warmUp(with engine: TextEngine) throws { warm.use(try Loaded(engine, template)) }

    /// Lets the model go. Replies that are under way are still given; another `warmUp` loads it again.
    public func shutdown() { warm.coolDown() }

    /// Answers a conversation.
    ///
    /// - Parameters:
    ///   - streamingCallback: takes the replies' chunks as they come; nil stands for the component's own.
    ///   - generationKwargs: options in place of the component's own of the same names.
    ///   - tools: tools in place of the component's own; none at all stand for those.
    ///
    /// Throws `LocalGeneratorError` before `warmUp` and for no messages, `TemplateError`, the engine's errors, what the
    /// callback and the parser throw, and `CancellationError`.
    public func run(
        messages: [ChatMessage], streamingCallback: StreamingCallback? = nil,
        generationKwargs: GenerationKwargs? = nil, tools: (any ToolSource)? = nil
    ) async throws -> ChatReplies {
        try await run(
            messages: messages, streamingCallback: streamingCallback, generationKwargs: generationKwargs, tools: tools,
            toolsStrict: nil)
    }

    /// Answers a conversation: see `ChatGenerator`.
    ///
    /// - Parameter toolsStrict: whether calls are held to the tools' schemas; nil stands for the component's own choice.
    public func run(
        messages: [ChatMessage], streamingCallback: StreamingCallback? = nil,
        generationKwargs: GenerationKwargs? = nil, tools: (any ToolSource)? = nil, toolsStrict: Bool?
    ) async throws -> ChatReplies {
        let callback = streamingCallback ?? self.streamingCallback
        let call = Call(.messages(messages), kwargs: generationKwargs, tools: tools, isStrict: toolsStrict)
        let replies = try await answer(call, callback.map { _ in .callback }) {
            if case .chunk(let chunk) = $0 { try await callback?(chunk) }
        }
        return ChatReplies(replies: replies)
    }

    /// Answers a conversation chunk by chunk: see `ChatGenerator`.
    public func stream(
        _ messages: [ChatMessage], generationKwargs: GenerationKwargs?, tools: (any ToolSource)?
    ) -> ChunkStream {
        stream(messages, generationKwargs: generationKwargs, tools: tools, toolsStrict: nil)
    }

    /// Answers a conversation chunk by chunk: see `ChatGenerator`.
    ///
    /// - Parameter toolsStrict: whether calls are held to the tools' schemas; nil stands for the component's own choice.
    public func stream(
        _ messages: [ChatMessage], generationKwargs: GenerationKwargs? = nil, tools: (any ToolSource)? = nil,
        toolsStrict: Bool?
    ) -> ChunkStream {
        let call = Call(.messages(messages), kwargs: generationKwargs, tools: tools, isStrict: toolsStrict)
        return ChunkStream { sink in
            _ = try await self.answer(call, .stream) { if case .chunk(let chunk) = $0 { sink(chunk) } }
        }
    }

    /// Answers a conversation, with all that happens.
    ///
    /// - Parameters:
    ///   - messages: the messages as the chat template reads them, whatever their keys.
    ///   - tools: the tools that may be called.
    ///   - toolSpecs: the tools as the chat template reads them.
    package func events(
        _ messages: [JSON], generationKwargs: GenerationKwargs? = nil, tools: [Tool] = [], toolSpecs: [JSON] = []
    ) -> LocalEventStream {
        var call = Call(.dictionaries(messages), kwargs: generationKwargs, tools: tools, isStrict: nil)
        call.toolSpecs = toolSpecs
        return LocalEventStream { [call] sink in
            _ = try await self.answer(call, .stream) { sink($0) }
        }
    }

    /// The message of a reply's text: its tool calls where it has any, else the text.
    ///
    /// - Parameters:
    ///   - meta: what is told of the reply; a `finish_reason` of stop becomes tool_calls where there are calls.
    ///   - tools: the tools that may be called; nil where calls are not looked for.
    ///   - prompt: the text that the reply follows; its end may open a thought.
    ///
    /// Throws what the parser throws.
    public func createMessage(
        _ text: String, meta: JSON.Object, parsingCallsOf tools: [Tool]? = nil, after prompt: String = ""
    ) async throws -> ChatMessage {
        guard let tools, let calls = try await parse(text, tools, prompt), !calls.isEmpty else {
            return .assistant(text, meta: meta)
        }
        var meta = GenerationKwargs(meta)
        if meta["finish_reason"] == "stop" { meta["finish_reason"] = "tool_calls" }
        return .assistant(toolCalls: calls, meta: meta.dictionary)
    }

    /// The default parser is told which tools there are.
    private func parse(_ text: String, _ tools: [Tool], _ prompt: String) async throws -> [ToolCall]? {
        guard usesDefaultParser else { return try await toolParsingFunction(text) }
        return DefaultToolParser.calls(in: text, tools: ToolSchemas(tools), prompt: prompt)
    }

    private var usesDefaultParser: Bool { toolParsingFunction.name == ToolParser.default.name }
}

extension HuggingFaceLocalChatGenerator {
    /// What is asked for in one call.
    private struct Call {
        var conversation: Conversation
        var kwargs: GenerationKwargs?
        var tools: (any ToolSource)?
        /// How the template reads the tools; nil is as Haystack gives them.
        var toolSpecs: [JSON]?
        var isStrict: Bool?

        init(_ conversation: Conversation, kwargs: GenerationKwargs?, tools: (any ToolSource)?, isStrict: Bool?) {
            self.conversation = conversation
            self.kwargs = kwargs
            self.tools = tools
            self.isStrict = isStrict
        }
    }

    private enum Conversation {
        case messages([ChatMessage])
        /// As the chat template reads them.
        case dictionaries([JSON])

        /// The messages as the chat template reads them. Throws `MessageError`.
        func dictionaries() throws -> [JSON] {
            switch self {
            case .messages(let messages): try messages.map { try $0.huggingFaceDict() }
            case .dictionaries(let dictionaries): dictionaries
            }
        }
    }

    private func answer(
        _ call: Call, _ style: ChunkWriter.Style?, sink: (LocalEvent) async throws -> Void
    ) async throws -> [ChatMessage] {
        guard let loaded = warm.value else {
            throw LocalGeneratorError.notWarmedUp(component: "HuggingFaceLocalChatGenerator")
        }
        let engine = loaded.engine
        let messages = try call.conversation.dictionaries()
        guard !messages.isEmpty else { throw LocalGeneratorError.noMessages }
        let tools = try [Tool].inForce(call.tools, own: tools)
        let options = try LocalOptions(
            pipeline.options(of: call.kwargs, over: generationKwargs, limitIsDefault: limitIsDefault),
            over: engine.local.generationDefaults, stopWords: [], logger)
        let specs = tools.isEmpty ? [] : call.toolSpecs ?? tools.map { .object($0.toolSpec) }
        let prompt = try loaded.render(messages, specs, options.templateVariables)
        // With a format a call is still possible, which then has to be told from it.
        let isStrict = call.isStrict ?? toolsStrict || options.format != nil
        let format = ReplyFormat(
            options.format, tools: isStrict ? tools : [], template: loaded.prompt.sourceWithTools)
        let answer = LocalAnswer(
            engine, options, prompt: prompt, ids: loaded.prompt.ids(of: prompt), model: pipeline.model,
            constraint: try format.map { try engine.constraint($0, options.config) })
        let streamsCalls = !tools.isEmpty && usesDefaultParser
        let writer = style.map {
            ChunkWriter(
                $0, component: Self.type, replyCount: options.config.returnCount, trimsEnd: options.trimsEnd,
                calls: streamsCalls ? ToolCallStream(tools: ToolSchemas(tools), prompt: prompt) : nil)
        }
        return try await answer.run(
            writer, showingSpecialTokens: style == .callback && tools.isEmpty, parsesCalls: !tools.isEmpty,
            { text, meta in
                try await self.createMessage(
                    text, meta: meta, parsingCallsOf: tools.isEmpty ? nil : tools, after: prompt)
            }, sink: sink)
    }
}

extension HuggingFaceLocalChatGenerator.Loaded {
    init(_ engine: TextEngine, _ options: HuggingFaceLocalChatGenerator.TemplateOptions) throws {
        self.engine = engine
        var variables = options.variables
        if let thinks = options.enableThinking { variables.append("enable_thinking", .bool(thinks)) }
        prompt = try ChatPrompt(
            engine.tokenizer, folder: engine.local.folder, template: options.chatTemplate, variables: variables)
    }

    /// The text of a conversation.
    ///
    /// Templates get tools as Haystack gives them: name, description and parameters alone. Some read only OpenAI's form,
    /// within `function`, and fail without it: they get that. Throws `TemplateError` and `MessageError`.
    func render(_ messages: [JSON], _ specs: [JSON], _ variables: JSON.Object) throws -> String {
        let messages = JSON.array(messages)
        if specs.isEmpty { return try prompt.render(messages, variables: variables) }
        do { return try prompt.render(messages, tools: .array(specs), variables: variables) } catch {
            let wrapped = specs.map { ["type": "function", "function": $0] as JSON }
            guard let text = try? prompt.render(messages, tools: .array(wrapped), variables: variables) else {
                throw error
            }
            return text
        }
    }
}

extension HuggingFaceLocalChatGenerator {
    /// The dictionary that files hold. Parameters that Haystack does not have are written where they differ from their
    /// defaults.
    ///
    /// Throws `ComponentError` for functions without a name and a token given as text.
    public func toDict() throws -> JSON {
        var parameters: JSON.Object = [
            "huggingface_pipeline_kwargs": .object(pipeline.kwargs),
            "generation_kwargs": .object(generationKwargs.dictionary),
            "streaming_callback": try streamingCallback.map { .string(try $0.serializedName) } ?? .null,
            "token": try pipeline.token?.toDict() ?? .null,
            "chat_template": template.chatTemplate.map { .string($0) } ?? .null,
            "tools": try tools?.toDict() ?? .null,
            "tool_parsing_function": .string(try toolParsingFunction.serializedName),
        ]
        if toolsStrict { parameters.append("tools_strict", true) }
        if let thinks = template.enableThinking { parameters.append("enable_thinking", .bool(thinks)) }
        if template.variables.count > 0 { parameters.append("chat_template_kwargs", .object(template.variables)) }
        return ["type": .string(Self.type), "init_parameters": .object(parameters)]
    }

    /// The generator that a dictionary describes. Throws `ComponentError` and `LocalGeneratorError`.
    public static func fromDict(_ data: JSON, registry: FunctionRegistry) throws -> HuggingFaceLocalChatGenerator {
        let parameters = try InitParameters(
            data, of: type,
            known: [
                "model", "task", "device", "token", "chat_template", "generation_kwargs",
                "huggingface_pipeline_kwargs", "stop_words", "streaming_callback", "tools", "tools_strict",
                "tool_parsing_function", "enable_thinking", "chat_template_kwargs",
            ], registry: registry)
        return try HuggingFaceLocalChatGenerator(
            model: parameters.string("model", default: "HuggingFaceH4/zephyr-7b-beta"),
            task: parameters.string("task"), device: parameters.device("device"),
            token: parameters.secret("token", default: .huggingFaceToken),
            chatTemplate: parameters.string("chat_template"),
            generationKwargs: parameters.generationKwargs(),
            huggingfacePipelineKwargs: parameters.object("huggingface_pipeline_kwargs") ?? [:],
            stopWords: parameters.strings("stop_words"),
            streamingCallback: parameters.function("streaming_callback"), tools: parameters.tools(),
            toolsStrict: parameters.bool("tools_strict", default: false),
            toolParsingFunction: parameters.function("tool_parsing_function"),
            enableThinking: parameters.value("enable_thinking")?.bool,
            chatTemplateKwargs: parameters.object("chat_template_kwargs") ?? [:])
    }
}
