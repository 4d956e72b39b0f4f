/// The interfaces that Hugging Face's models are asked through.
public enum HuggingFaceAPIType: String, Sendable, CaseIterable {
    /// A server of one's own.
    case textGenerationInference = "text_generation_inference"
    /// A paid endpoint.
    case inferenceEndpoints = "inference_endpoints"
    /// The shared servers of providers.
    case serverlessInferenceAPI = "serverless_inference_api"

    /// The interface of a name.
    ///
    /// Throws `ProviderError`.
    public init(parsing name: String) throws {
        guard let type = HuggingFaceAPIType(rawValue: name) else { throw ProviderError.unknownAPIType(name: name) }
        self = type
    }
}
