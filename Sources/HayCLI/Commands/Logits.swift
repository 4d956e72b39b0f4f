import ArgumentParser
import HayGeneration
import HayWeights
import Hayloft

/// `hayloft logits`: what the model thinks of every next token.
struct Logits: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compute the logits at every position of a text.",
        discussion: """
            Prints the five likeliest ids after the last position, and writes the tensor 'logits' [1, T, V] in f32 with
            --output. For encoder-decoder models the ids are the source and --decoder-input-ids the text.

              hayloft logits --model ./TinyLlama-1.1B --prompt "The sky is" --output logits.safetensors
            """)

    @OptionGroup var options: ModelOptions
    @OptionGroup var compute: ComputeOptions

    @Option(help: ArgumentHelp("The text.", valueName: "text"))
    var prompt: String?

    @Option(help: ArgumentHelp("The text as token ids.", valueName: "1,2,3"))
    var inputIds: IDList?

    @Option(help: ArgumentHelp("The decoder's ids, its start token included.", valueName: "0,1,2"))
    var decoderInputIds: IDList?

    @Option(help: ArgumentHelp("The file to write.", valueName: "file.safetensors"))
    var output: String?

    func validate() throws {
        if (prompt == nil) == (inputIds == nil) { throw ValidationError("give either --prompt or --input-ids") }
    }

    func run() throws {
        let backend = compute.makeBackend()
        let local = try compute.open(options.folder(bundled: "tiny-flan-t5"), on: backend, options.output)
        let ids = try inputIds?.ids ?? local.tokenizer.get().encode(prompt ?? "")
        if decoderInputIds != nil, !local.model.isEncoderDecoder {
            throw CommandError("--decoder-input-ids is for encoder-decoder models; this one has no encoder")
        }
        let start = local.generationDefaults.decoderStartTokenID.map { [$0] }
        let logits = try local.model.allLogits(
            prompt: ids, decoderPrompt: decoderInputIds?.ids ?? start ?? [], on: backend)
        let vocabularySize = local.model.vocabularySize
        let positions = logits.count / vocabularySize
        if let place = logits.firstIndex(where: { !$0.isFinite }) {
            throw GenerationError.notFinite(position: place / vocabularySize)
        }
        let last = Array(logits.suffix(vocabularySize))
        for id in last.indices.sorted(by: { (last[$0], $1) > (last[$1], $0) }).prefix(5) {
            let token = (try? local.tokenizer.get().token(of: Int32(id))) ?? nil
            print("\(id)\t\(last[id])\t\(token.map { "\"\($0)\"" } ?? "")")
        }
        if let output {
            try SafetensorsWriter.write([("logits", [1, positions, vocabularySize], logits)], to: output)
            options.say("hayloft: wrote logits [1, \(positions), \(vocabularySize)] to \(output)")
        }
    }
}

/// Whole numbers separated by commas.
struct IDList: ExpressibleByArgument {
    let ids: [Int32]

    init(ids: [Int32]) { self.ids = ids }

    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
        let ids = parts.compactMap { Int32($0.filter { $0 != " " }) }
        guard ids.count == parts.count else { return nil }
        self.ids = ids
    }

    var defaultValueDescription: String { ids.map(String.init).joined(separator: ",") }
}
