import HayComponents
import HayJSON
import Hayloft
import Testing

@Suite("Pipeline files with local generators")
struct LocalPipelineFileTests {
    /// As Haystack 2.18 writes it.
    static let file = """
        components:
          chat:
            init_parameters:
              chat_template: null
              generation_kwargs:
                max_new_tokens: 64
                return_full_text: false
                stop_sequences:
                - 'Observation:'
              huggingface_pipeline_kwargs:
                device: cpu
                model: HuggingFaceH4/zephyr-7b-beta
                task: text-generation
              streaming_callback: haystack.components.generators.utils.print_streaming_chunk
              token:
                env_vars:
                - HF_API_TOKEN
                - HF_TOKEN
                strict: false
                type: env_var
              tool_parsing_function: haystack.components.generators.chat.hugging_face_local.default_tool_parser
              tools: null
            type: haystack.components.generators.chat.hugging_face_local.HuggingFaceLocalChatGenerator
          prompt_builder:
            init_parameters:
              required_variables: null
              template: 'Answer: {{ question }}'
              variables: null
            type: haystack.components.builders.prompt_builder.PromptBuilder
        connection_type_validation: true
        connections:
        - receiver: chat.messages
          sender: prompt_builder.prompt
        max_runs_per_component: 100
        metadata: {}

        """

    @Test("a component is taken out of a pipeline file, and put into one with everything else as it was")
    func both() throws {
        var document = try PipelineDocument(yaml: Self.file)
        let generator = try document.component(
            "chat", as: HuggingFaceLocalChatGenerator.self, registry: FunctionRegistry())
        #expect(generator.generationKwargs["stop_sequences"] == ["Observation:"])
        #expect(generator.streamingCallback?.name == StreamingCallback.printChunk.name)
        let plain = try HuggingFaceLocalGenerator(model: "google/flan-t5-base", task: "text2text-generation")
        try document.set(plain, as: "answer")
        try document.set(generator, as: "chat")
        let again = try PipelineDocument(yaml: document.yaml())
        #expect(
            try again.component("answer", as: HuggingFaceLocalGenerator.self, registry: FunctionRegistry()).toDict()
                == plain.toDict())
        #expect(again.connections == (try PipelineDocument(yaml: Self.file).connections))
        #expect(again.type(of: "prompt_builder") == "haystack.components.builders.prompt_builder.PromptBuilder")
        let chat = try again.component("chat", as: HuggingFaceLocalChatGenerator.self, registry: FunctionRegistry())
        #expect(try chat.toDict() == generator.toDict())
    }
}
