import HayComponents
import HayJSON
import TestSupport
import Testing

/// Schemas of which the original says whether they are any, made by `compare_haystack.py`.
@Suite("Schemas that Haystack takes")
struct SchemaFileTests {
    static let file = Fixtures.bytes("\(Fixtures.folder ?? "")/schemas/cases.json")

    @Test(
        "a tool can be made of a schema just when Haystack makes one",
        .enabled(if: file != nil, "there are no schemas among the fixtures"))
    func schemas() throws {
        let file = try #require(Self.file)
        let cases = try #require(try JSON.parse(file).array)
        for recorded in cases {
            let parameters = recorded["schema"] ?? .null
            let tool = try? Tool(
                name: "a", description: "", parameters: parameters, function: ToolFunction { _ in .null })
            #expect(JSON.bool(tool != nil) == recorded["is_schema"], "\(parameters)")
        }
    }
}
