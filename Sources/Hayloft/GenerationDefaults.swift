import HayGeneration
import HayJSON
import HayNN

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The generation options that a checkpoint brings along, as transformers reads them.
///
/// `generation_config.json` stands alone where it is there: `config.json`, where older checkpoints have these options, then
/// says nothing of end tokens, lengths and sampling. A file that is no JSON object counts as absent.
public struct GenerationDefaults: Sendable {
    /// The options.
    public let config: GenerationConfig
    /// Options that would change the result and are not supported.
    public let unsupported: [String]
    /// What someone who uses the checkpoint should know, in a sentence.
    public let warning: String?

    /// The greatest length that a file may set for an encoder-decoder model, whose relative positions have no end: room
    /// in the cache is reserved for the whole of a reply, and files name lengths that no memory holds.
    private static let greatestLength = 8192

    /// Reads the options of a folder.
    public init(folder: String, _ model: ModelConfig, isEncoderDecoder: Bool) {
        let path = "\(folder)/generation_config.json"
        var file: ModelConfig?, fault: String?
        do { file = access(path, F_OK) == 0 ? try ModelConfig(file: path) : nil } catch {
            fault = "\(error); config.json counts instead"
        }
        let source = file ?? model
        var config = GenerationConfig()
        let unsupported = config.setDefaults(source.members, of: source.source)
        if file != nil, isEncoderDecoder, config.decoderStartTokenID == nil {
            // An encoder-decoder model's answer starts with its begin token where no start token is named.
            config.decoderStartTokenID = try? source.tokenIDs("bos_token_id").first
        }
        if isEncoderDecoder {
            config.maxNewTokens = config.maxNewTokens.map { min($0, GenerationDefaults.greatestLength) }
            config.maxLength = config.maxLength.map { min($0, GenerationDefaults.greatestLength) }
        }
        self.config = config
        self.unsupported = file != nil ? unsupported.sorted() : []
        let endTokens = file != nil && config.eosTokenIDs.isEmpty ? (try? model.tokenIDs("eos_token_id")) ?? [] : []
        warning =
            endTokens.isEmpty
            ? fault
            : "\(path) names no end token, so replies go on to their greatest length; 'eos_token_id' in config.json, "
                + "\(endTokens.map(String.init).joined(separator: ", ")), counts only without this file"
    }
}
