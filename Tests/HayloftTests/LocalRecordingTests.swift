import HayComponents
import HayGeneration
import HayJSON
import HayTensor
import HayTokenizer
import HaystackRecordings
import TestSupport
import Testing

@testable import Hayloft

/// A recorded call of a local generator, made again on a scripted engine.
struct LocalCall {
    let recorded: RecordedCase
    let notation = Notation()
    let warnings = CollectedWarnings()
    private let folder: TemporaryFolder

    init(_ recorded: RecordedCase) throws {
        self.recorded = recorded
        folder = try LocalCall.checkpoint(isEncoderDecoder: recorded["init"]?["task"] == "text2text-generation")
    }

    var isStreamed: Bool { recorded["chunks"] != nil }
    var arguments: RecordedArguments { RecordedArguments(recorded["call"]?["args"], notation) }
    var options: RecordedArguments { RecordedArguments(recorded["init"], notation) }
    var script: [String] { recorded["engine"]?["script"]?.array?.compactMap(\.string) ?? [] }

    /// The options of the call over those of the component.
    var kwargs: GenerationKwargs {
        options.generationKwargs
            .overlaid(by: arguments.generationKwargs)
    }

    /// The stop words in force, as the reference page tells where they come from.
    var stopWords: [String] {
        let own = kwargs["stop_sequences"]?.array ?? []
        let words = arguments.object("generation_kwargs")["stop_sequences"] == nil ? options.strings("stop_words") : nil
        let all = own + (words ?? []).map { .string($0) } + (kwargs["stop_words"]?.array ?? [])
        return all.allSatisfy { $0.string != nil } ? all.compactMap(\.string) : []
    }

    /// What a reply says: the script up to the first stop word or to the limit. With stop words white space at the end goes.
    func expectedText(_ script: String) -> String {
        let limit = kwargs["max_new_tokens"]?.int ?? 512
        var text = script
        for special in ["<|im_start|>", "<|im_end|>"] { text = text.replacing(special, with: "") }
        text = String(decoding: text.utf8.prefix(limit), as: UTF8.self)
        let cut = stopWords.compactMap { text.firstRange(of: $0)?.lowerBound }.min() ?? text.endIndex
        text = String(text[..<cut])
        return stopWords.isEmpty ? text : text.trimmedEnd
    }

    /// An engine that says the script.
    func engine() throws -> TextEngine {
        let local = try model(folder.path, threads: 1)
        let tokenizer = try local.tokenizer.get()
        let scripts = script.map { tokenizer.encode($0) }
        let model = ScriptedModel(
            scripts, endToken: 0, vocabularySize: tokenizer.vocabularySize,
            isEncoderDecoder: local.model.isEncoderDecoder)
        return TextEngine(local, tokenizer, Engine(model, on: local.backend))
    }

    /// Seeds of which one draws the first tokens in the order of the scripts.
    var seeds: [Int] { script.count > 1 ? Array(0 ..< 40) : [0] }

    /// A small checkpoint with the recordings' tokenizer and template.
    private static func checkpoint(isEncoderDecoder: Bool) throws -> TemporaryFolder {
        let folder = TemporaryFolder()
        let source = "\(bundled)/\(isEncoderDecoder ? "tiny-flan-t5" : "tiny-zephyr")"
        let local = "\(Recordings.folder ?? "")/local"
        var config = GenerationKwargs(try Fixtures.json("\(source)/config.json").object ?? [:])
        config["eos_token_id"] = 0
        folder.write(JSON.object(config.dictionary).description, to: "config.json")
        folder.write(try bytes("\(source)/model.safetensors"), to: "model.safetensors")
        folder.write(try bytes("\(local)/byte_tokenizer.json"), to: "tokenizer.json")
        let template = String(decoding: try bytes("\(local)/chat_template.jinja"), as: UTF8.self)
        folder.write(
            JSON.object(["chat_template": .string(template), "eos_token": "<|endoftext|>"]).description,
            to: "tokenizer_config.json")
        return folder
    }

    private static func bytes(_ path: String) throws -> [UInt8] {
        try #require(Fixtures.bytes(path), "\(path) is not there")
    }
}

extension JSON {
    /// A message's text without the part that the original counts and we do not: see `LocalRecordingTests`.
    func replacing(_ key: String, with value: JSON) -> JSON {
        guard let object else { return self }
        return .object(JSON.Object(object.map { ($0, $0 == key ? value : $1.replacing(key, with: value)) }))
    }
}

@Suite("Recorded calls of the local generators", .enabled(if: Recordings.areThere, "there are no recordings"))
struct LocalRecordingTests {
    @Test("plain replies are as recorded", arguments: Recordings.calls("local/HuggingFaceLocalGenerator"))
    func plain(recorded: RecordedCase) async throws {
        let call = try LocalCall(recorded)
        let prompt = call.arguments.string("prompt") ?? ""
        let engine = try call.engine()
        let count = call.kwargs["num_return_sequences"]?.int ?? 1
        let full = call.kwargs["return_full_text"]?.bool == true
        let texts = call.script.prefix(count).map { (full ? prompt : "") + call.expectedText($0) }
        for seed in call.seeds {
            do {
                let generator = try RecordedLocalComponents.plain(call.options, logger: call.warnings.logger)
                if recorded["call"]?["warm_up"]?.bool == true { generator.warmUp(with: engine) }
                var kwargs = call.arguments.generationKwargs
                kwargs["seed"] = .int(seed)
                let replies = try await generator.run(
                    prompt: prompt, streamingCallback: call.arguments.callback(), generationKwargs: kwargs)
                if replies.replies != texts, !prompt.isEmpty, seed + 1 < call.seeds.count { continue }
                check(replies.replies, texts, call)
                checkChunks(call, component: HuggingFaceLocalGenerator.type)
                return
            } catch let error as any ClassifiedError {
                return check(error, call)
            }
        }
    }

    @Test("chat replies are as recorded", arguments: Recordings.calls("local/HuggingFaceLocalChatGenerator"))
    func chat(recorded: RecordedCase) async throws {
        let call = try LocalCall(recorded)
        let engine = try call.engine()
        for seed in call.seeds {
            do {
                let generator = try RecordedLocalComponents.chat(call.options, logger: call.warnings.logger)
                if recorded["call"]?["warm_up"]?.bool == true { try generator.warmUp(with: engine) }
                var kwargs = call.arguments.generationKwargs
                kwargs["seed"] = .int(seed)
                let replies = try await generator.run(
                    messages: call.arguments.messages(),
                    streamingCallback: call.arguments.callback(), generationKwargs: kwargs,
                    tools: call.arguments.tools())
                let dictionaries = replies.replies.map { $0.toDict() }
                let inOrder = zip(dictionaries, expectedMessages(call, found: dictionaries)).allSatisfy {
                    $0.difference(from: $1) == nil
                }
                if !inOrder, seed + 1 < call.seeds.count { continue }
                check(dictionaries, call)
                checkChunks(call, component: HuggingFaceLocalChatGenerator.type)
                return
            } catch let error as any ClassifiedError {
                return check(error, call)
            }
        }
    }

    /// What was recorded, or what a rule says where the original is at fault: it then tells of a `quirk`, or stop words of
    /// different length were padded, or replies were as many as stop words.
    private func check(_ replies: [String], _ texts: [String], _ call: LocalCall) {
        let recorded = call.recorded.result?["replies"]?.array?.compactMap(\.string)
        let isFaulty = call.recorded["quirk"] != nil || call.stopWords.count > 1 || recorded == nil || isClamped(call)
        #expect(replies == (isFaulty ? texts : recorded ?? []))
    }

    private func check(_ dictionaries: [JSON], _ call: LocalCall) {
        let expected = expectedMessages(call, found: dictionaries)
        #expect(dictionaries.count == expected.count)
        for (found, expected) in zip(dictionaries, expected) { #expect(found.difference(from: expected) == nil) }
        #expect(Set(call.warnings.all).isSubset(of: Set(recordedWarnings(call))))
        if !isClamped(call) { #expect(call.warnings.all.count == recordedWarnings(call).count) }
    }

    private func recordedWarnings(_ call: LocalCall) -> [String] {
        call.recorded["warnings"]?.array?.compactMap {
            $0["message"]?.string?.replacing("'", with: "\"")
        } ?? []
    }

    /// Several replies are not streamed by the original: it gives one, or fails.
    private func isClamped(_ call: LocalCall) -> Bool {
        let streams = call.options.has("streaming_callback") || call.arguments.has("streaming_callback")
        return streams && (call.kwargs["num_return_sequences"]?.int ?? 1) > 1
    }
}

extension LocalRecordingTests {
    /// The recorded messages. Ours counts the tokens of a reply, where the original counts its text anew, prompt included;
    /// and where the original refuses what we do, the script says what comes.
    private func expectedMessages(_ call: LocalCall, found: [JSON]) -> [JSON] {
        let recorded = call.recorded.result?["replies"]?.array ?? []
        let count = call.kwargs["num_return_sequences"]?.int ?? 1
        let promptTokens =
            recorded.first?["meta"]?["usage"]?["prompt_tokens"]?.int
            ?? found.first?["meta"]?["usage"]?["prompt_tokens"]?.int ?? 0
        let isFaulty = call.recorded["quirk"] != nil && call.stopWords.count > 1
        if !isFaulty, !recorded.isEmpty, !isClamped(call) {
            guard call.kwargs["return_full_text"]?.bool == true else { return recorded }
            return recorded.map { message in
                let tokens = message["meta"]?["usage"]?["completion_tokens"]?.int ?? 0
                return message.replacing("completion_tokens", with: .int(tokens - promptTokens))
                    .replacing("total_tokens", with: .int(tokens))
            }
        }
        return call.script.prefix(count).enumerated().map { index, script in
            let text = call.expectedText(script)
            let tokens = text.utf8.count
            let isCut = tokens == call.kwargs["max_new_tokens"]?.int
            return [
                "role": "assistant", "name": .null, "content": [["text": .string(text)]],
                "meta": [
                    "finish_reason": isCut ? "length" : "stop", "index": .int(index), "model": "acme/scripted",
                    "usage": [
                        "completion_tokens": .int(tokens), "prompt_tokens": .int(promptTokens),
                        "total_tokens": .int(tokens + promptTokens),
                    ],
                ],
            ]
        }
    }

    /// Chunks are compared by what they say together, where they begin and which block they are of. Empty ones are left out
    /// here; a call of `run_async` counts as one of `run`.
    private func checkChunks(_ call: LocalCall, component: String) {
        guard let recorded = call.recorded["chunks"]?.array, call.recorded.error == nil, !isClamped(call) else {
            return
        }
        let chunks = call.notation.chunks.all
        #expect(chunks.allSatisfy { $0.componentInfo == ComponentInfo(type: component) })
        #expect(chunks.map(\.start) == chunks.indices.map { $0 == 0 } || chunks.contains { $0.toolCalls != nil })
        guard !chunks.contains(where: { $0.toolCalls != nil }) else { return }
        #expect(chunks.map(\.content).joined() == recorded.compactMap { $0["content"]?.string }.joined())
        #expect(chunks.allSatisfy { $0.index == 0 && $0.meta.count == 0 && $0.finishReason == nil })
    }

    /// Errors that are none here: tools go together with streaming, and callbacks may be of either kind.
    private func check(_ error: any ClassifiedError, _ call: LocalCall) {
        guard let recorded = call.recorded.error else {
            Issue.record("\(error)")
            return
        }
        #expect(recorded.difference(from: error) == nil)
    }
}
