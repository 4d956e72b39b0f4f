import HayComponents
import HayGeneration
import HayJSON
import Logging

/// Continues or answers prompts with a model on this machine.
///
/// ```swift
/// let generator = try HuggingFaceLocalGenerator(model: "google/flan-t5-base")
/// try await generator.warmUp()
/// for try await chunk in generator.stream("Translate to German: a red house") { print(chunk.content, terminator: "") }
/// ```
///
/// Parameters, replies and the form in files are those of Haystack 2's component of this name. On purpose it differs in
/// these points:
/// - A stop word ends a reply however it is cut into tokens, each reply by itself, and never reaches the stream.
/// - There is one reply for each that was asked for, whatever the number of stop words.
/// - Several replies can be streamed; each chunk's `meta` then has the `index` of its reply.
/// - The likeliest token is taken unless options of drawing are given; beams are followed only when asked for.
/// - The task is found in the model's own files; nothing goes to the network.
public final class HuggingFaceLocalGenerator: TextGenerator {
    /// The component's type, as files name it.
    public static let type = "haystack.components.generators.hugging_face_local.HuggingFaceLocalGenerator"

    /// The options of every call, defaults included.
    public let generationKwargs: GenerationKwargs
    /// The words that end replies and are no part of them.
    public let stopWords: [String]?
    /// Takes the chunks of every call that does not name another.
    public let streamingCallback: StreamingCallback?
    private let pipeline: LocalPipeline
    /// Whether nothing was said of the most new tokens.
    private let limitIsDefault: Bool
    private let logger: Logger
    private let warm = Warm<TextEngine>()

    /// A generator that is yet to be warmed up.
    ///
    /// - Parameters:
    ///   - model: a folder in Hugging Face layout, or a Hub name in the local cache.
    ///   - task: `text-generation` or `text2text-generation`; nil finds it in the model's files.
    ///   - device: what it runs on; nil is the processor.
    ///   - token: gives access to models that have to be fetched.
    ///   - generationKwargs: options of every call, under Hugging Face's names; `response_format` constrains replies to a JSON
    ///     schema. `max_new_tokens` is 512 unless it or the checkpoint sets a limit.
    ///   - huggingfacePipelineKwargs: how the model is loaded: `torch_dtype`, `revision`, `device_map` and what the other
    ///     parameters say. Options without a meaning here are an error when the model is loaded.
    ///   - stopWords: the words that end replies.
    ///   - streamingCallback: takes the chunks of replies as they come.
    ///   - environment: where variables such as `HF_HOME` are looked up; nil is this process's environment.
    ///   - logger: takes warnings.
    ///
    /// Throws `LocalGeneratorError` and `ComponentError`.
    public init(
        model: String = "google/flan-t5-base", task: String? = nil, device: ComponentDevice? = nil,
        token: Secret? = .huggingFaceToken, generationKwargs: GenerationKwargs = [:],
        huggingfacePipelineKwargs: JSON.Object = [:], stopWords: [String]? = nil,
        streamingCallback: StreamingCallback? = nil, environment: [String: String]? = nil,
        logger: Logger = Logger(label: "haystack.components.generators.hugging_face_local")
    ) throws {
        pipeline = try LocalPipeline(
            model: model, task: task, device: device, token: token, kwargs: huggingfacePipelineKwargs,
            environment: environment)
        if stopWords != nil, generationKwargs["stopping_criteria"] != nil {
            throw LocalGeneratorError.stopWordsAndCriteria
        }
        self.generationKwargs = pipeline.completed(generationKwargs)
        limitIsDefault = generationKwargs["max_new_tokens"] == nil
        self.stopWords = stopWords
        self.streamingCallback = streamingCallback
        self.logger = logger
    }

    /// Loads the model; does nothing where that has been done.
    ///
    /// Throws `ModelLocationError` for a model that is not on this machine, `LocalGeneratorError`, and the errors of
    /// checkpoints.
    public func warmUp() async throws {
        try await warm.up { [pipeline, logger] in try pipeline.load(logger) }
    }

    /// Uses an engine that is there already, which several components may share.
    public func warmUp(with engine: TextEngine) { warm.use(engine) }

    /// Answers a prompt; an empty one has no replies.
    ///
    /// - Parameters:
    ///   - streamingCallback: takes the replies' chunks as they come; nil stands for the component's own.
    ///   - generationKwargs: options in place of the component's own of the same names.
    ///
    /// Throws `LocalGeneratorError` before `warmUp`, the engine's errors, what the callback throws, and
    /// `CancellationError`.
    public func run(
        prompt: String, streamingCallback: StreamingCallback? = nil, generationKwargs: GenerationKwargs? = nil
    ) async throws -> TextReplies {
        let engine = try warmEngine()
        guard !prompt.isEmpty else { return TextReplies(replies: []) }
        let callback = streamingCallback ?? self.streamingCallback
        return try await answer(engine, prompt, generationKwargs, callback.map { _ in .callback }) {
            if case .chunk(let chunk) = $0 { try await callback?(chunk) }
        }
    }

    /// Answers a prompt chunk by chunk: see `TextGenerator`.
    public func stream(_ prompt: String, generationKwargs: GenerationKwargs?) -> ChunkStream {
        ChunkStream { sink in
            let engine = try self.warmEngine()
            guard !prompt.isEmpty else { return }
            _ = try await self.answer(engine, prompt, generationKwargs, .stream) {
                if case .chunk(let chunk) = $0 { sink(chunk) }
            }
        }
    }

    /// Answers a prompt, an empty one too, with all that happens.
    package func events(_ prompt: String, generationKwargs: GenerationKwargs? = nil) -> LocalEventStream {
        LocalEventStream { sink in
            _ = try await self.answer(self.warmEngine(), prompt, generationKwargs, .stream) { sink($0) }
        }
    }

    private func warmEngine() throws -> TextEngine {
        guard let engine = warm.value else {
            throw LocalGeneratorError.notWarmedUp(component: "HuggingFaceLocalGenerator")
        }
        return engine
    }

    private func answer(
        _ engine: TextEngine, _ prompt: String, _ kwargs: GenerationKwargs?, _ style: ChunkWriter.Style?,
        sink: (LocalEvent) async throws -> Void
    ) async throws -> TextReplies {
        let options = try LocalOptions(
            pipeline.options(of: kwargs, over: generationKwargs, limitIsDefault: limitIsDefault),
            over: engine.local.generationDefaults, stopWords: stopWords ?? [], logger)
        let ids = engine.tokenizer.encode(prompt)
        if let warning = engine.warning(forSourceOf: ids.count) { logger.warning("\(warning)") }
        let answer = LocalAnswer(
            engine, options, prompt: prompt, ids: ids, model: pipeline.model,
            constraint: try options.format.map { try engine.constraint($0, options.config) })
        let writer = style.map {
            ChunkWriter(
                $0, component: Self.type, replyCount: options.config.returnCount, trimsEnd: options.trimsEnd, calls: nil
            )
        }
        let messages = try await answer.run(
            writer, showingSpecialTokens: style == .callback, { text, meta in .assistant(text, meta: meta) }, sink: sink
        )
        return TextReplies(replies: messages.map { $0.text ?? "" }, meta: messages.map(\.meta))
    }
}

extension HuggingFaceLocalGenerator {
    /// The dictionary that files hold. Throws `ComponentError` for a callback without a name and a token given as text.
    public func toDict() throws -> JSON {
        [
            "type": .string(Self.type),
            "init_parameters": [
                "huggingface_pipeline_kwargs": .object(pipeline.kwargs),
                "generation_kwargs": .object(generationKwargs.dictionary),
                "streaming_callback": try streamingCallback.map { .string(try $0.serializedName) } ?? .null,
                "stop_words": stopWords.map { .array($0.map { .string($0) }) } ?? .null,
                "token": try pipeline.token?.toDict() ?? .null,
            ],
        ]
    }

    /// The generator that a dictionary describes. Throws `ComponentError` and `LocalGeneratorError`.
    public static func fromDict(_ data: JSON, registry: FunctionRegistry) throws -> HuggingFaceLocalGenerator {
        let parameters = try InitParameters(
            data, of: type,
            known: [
                "model", "task", "device", "token", "generation_kwargs", "huggingface_pipeline_kwargs", "stop_words",
                "streaming_callback",
            ], registry: registry)
        return try HuggingFaceLocalGenerator(
            model: parameters.string("model", default: "google/flan-t5-base"), task: parameters.string("task"),
            device: parameters.device("device"), token: parameters.secret("token", default: .huggingFaceToken),
            generationKwargs: parameters.generationKwargs(),
            huggingfacePipelineKwargs: parameters.object("huggingface_pipeline_kwargs") ?? [:],
            stopWords: parameters.strings("stop_words"),
            streamingCallback: parameters.function("streaming_callback"))
    }
}

extension Secret {
    /// The token of the Hugging Face Hub: `HF_API_TOKEN`, else `HF_TOKEN`, else none.
    public static var huggingFaceToken: Secret { .environment("HF_API_TOKEN", "HF_TOKEN", isStrict: false) }
}
