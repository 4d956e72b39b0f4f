import HayComponents
import HayJSON
import HayProviders
import HaystackRecordings
import Testing

@Suite("Recorded inits of remote components", .enabled(if: Recordings.areThere, "there are no recordings"))
struct InitRecordingTests {
    static let calls = RecordedComponents.types.keys.sorted().flatMap { Recordings.calls("wire/\($0)") }

    @Test("a component can be made where it could, and ends in the error that was recorded", arguments: calls)
    func inits(recorded: RecordedCase) throws {
        let error = recorded.error.flatMap { $0.stage == "init" ? $0 : nil }
        // The hub is asked by what sends requests, not when a component is made.
        let asksTheHub = recorded["exchanges"]?.array?.isEmpty == false
        // A token provider is enough, though Haystack wants one of the secrets to be there as well.
        let hasProvider = recorded["init"]?["azure_ad_token_provider"].map { !$0.isNull } ?? false
        do {
            _ = try RecordedComponents.make(recorded)
            #expect(error == nil || asksTheHub || hasProvider)
        } catch let thrown as any ClassifiedError {
            #expect(try #require(error, "\(thrown)").difference(from: thrown) == nil)
        }
    }

    @Test("settings are what was recorded", arguments: Recordings.cases("data/client_settings"))
    func settings(recorded: RecordedCase) throws {
        let component = try RecordedComponents.make(recorded)
        let settings = try #require(component.clientSettings)
        let found: JSON = [
            "timeout": .double(settings.timeout), "max_retries": .int(settings.maxRetries),
            "base_url": .string(settings.baseURL),
            "organization": settings.organization.map(JSON.string) ?? .null,
        ]
        // An address without a path is the same with a slash at its end.
        var expected = recorded.result?.object ?? [:]
        if let url = expected["base_url"]?.string, !url.hasSuffix("/") {
            expected = expected.overlaid(by: ["base_url": .string(url + "/")])
        }
        #expect(found.difference(from: .object(expected)) == nil)
    }

    @Test("names of interfaces and addresses are read as recorded", arguments: Recordings.cases("data/enums_and_urls"))
    func names(recorded: RecordedCase) throws {
        if recorded["check"] == "is_valid_http_url" {
            let url = try #require(recorded["url"]?.string)
            #expect(JSON.bool(ServerAddress.isHTTP(url)) == recorded.result)
        }
        guard recorded["enum"] == "HFGenerationAPIType", let name = recorded["from_str"]?.string else { return }
        #expect(recorded.members.difference { .string(try HuggingFaceAPIType(parsing: name).rawValue) } == nil)
    }

    /// Haystack changes what callers pass, in the ways that these recordings show; here values stay what they were.
    @Test("no component changes what it is made with", arguments: Recordings.cases("data/argument_mutation_quirks"))
    func values(recorded: RecordedCase) throws {
        let options: GenerationKwargs = ["stop": ["A"], "stop_sequences": ["A"]]
        let parameters: JSON.Object = ["url": "https://example.com"]
        let tool = try Notation().tool([
            "$tool": ["name": "add", "description": "", "parameters": ["type": "object"], "function": "add"]
        ])
        let tools = [tool]
        let component = try HuggingFaceAPIChatGenerator(
            apiType: .textGenerationInference, apiParams: parameters, generationKwargs: options, stopWords: ["B"],
            tools: tools, environment: [:])
        #expect(component.generationKwargs["stop"] == ["A", "B"])
        _ = try OpenAIChatGenerator(tools: tools, toolsStrict: true, environment: ["OPENAI_API_KEY": "key"]).toDict()
        #expect(options == ["stop": ["A"], "stop_sequences": ["A"]])
        #expect(parameters == ["url": "https://example.com"])
        #expect(tools[0].parameters == ["type": "object"])
        #expect(recorded.result != nil)
    }
}

extension RemoteComponent {
    fileprivate var clientSettings: ClientSettings? {
        switch self {
        case let component as OpenAIGenerator: component.settings
        case let component as OpenAIChatGenerator: component.settings
        case let component as DALLEImageGenerator: component.settings
        case let component as AzureOpenAIGenerator: component.connection.settings
        case let component as AzureOpenAIChatGenerator: component.connection.settings
        default: nil
        }
    }
}
