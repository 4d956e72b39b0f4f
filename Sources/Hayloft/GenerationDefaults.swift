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
/// says nothing of end tokens, lengths and sampling.
public struct GenerationDefaults: Sendable {
    /// The options.
    public let config: GenerationConfig
    /// Options that would change the result and are not supported.
    public let unsupported: [String]
    /// What someone who uses the checkpoint should know, in a sentence.
    public let warning: String?

    /// Reads the options of a folder. Throws `FileError` or `ConfigError` for a file that is no JSON object.
    public init(folder: String, _ model: ModelConfig, isEncoderDecoder: Bool) throws {
        let path = "\(folder)/generation_config.json"
        let hasFile = access(path, F_OK) == 0
        let source = hasFile ? try ModelConfig(file: path) : model
        var config = GenerationConfig()
        let unsupported = config.setDefaults(source.members, of: source.source)
        if hasFile, isEncoderDecoder, config.decoderStartTokenID == nil {
            // An encoder-decoder model's answer starts with its begin token where no start token is named.
            config.decoderStartTokenID = try? source.tokenIDs("bos_token_id").first
        }
        self.config = config
        self.unsupported = hasFile ? unsupported.sorted() : []
        let endTokens = hasFile && config.eosTokenIDs.isEmpty ? (try? model.tokenIDs("eos_token_id")) ?? [] : []
        warning =
            endTokens.isEmpty
            ? nil
            : "\(path) names no end token, so replies go on to their greatest length; 'eos_token_id' in config.json, "
                + "\(endTokens.map(String.init).joined(separator: ", ")), counts only without this file"
    }
}
