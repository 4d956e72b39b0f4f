import HayComponents
import HayJSON
import Testing

@Suite("Function registry")
struct FunctionRegistryTests {
    @Test("functions are found by name and kind")
    func lookup() async throws {
        var registry = FunctionRegistry()
        try registry.add(ToolFunction("app.run") { _ in 1 })
        try registry.add(OutputHandler("app.run") { _ in 2 })
        let function: ToolFunction = try registry.function(named: "app.run")
        let handler: OutputHandler = try registry.function(named: "app.run")
        #expect(try await function([:]) == 1)
        #expect(try await handler(.null) == 2)
        try registry.add(ToolFunction("app.run") { _ in 3 })
        #expect(try await registry.function(named: "app.run", as: ToolFunction.self)([:]) == 3)
    }

    @Test("a name that is not known is an error with the names that are like it")
    func unknown() throws {
        var registry = FunctionRegistry()
        for name in ["app.weather", "app.callbacks.print", "other.weather"] {
            try registry.add(ToolFunction(name) { _ in .null })
        }
        func message(_ name: String) -> String {
            do {
                return try registry.function(named: name, as: ToolFunction.self).name ?? ""
            } catch {
                return "\(error)"
            }
        }
        #expect(
            message("app.wether")
                == "No tool function named 'app.wether' is registered; did you mean 'app.weather'?")
        #expect(
            message("weather")
                == "No tool function named 'weather' is registered; did you mean 'app.weather' or 'other.weather'?")
        #expect(message("nothing.like.it") == "No tool function named 'nothing.like.it' is registered.")
        #expect(message(String(repeating: "x", count: 1_000_000)).hasSuffix("x' is registered."))
        #expect(throws: ComponentError.self) { try registry.function(named: "app.weather", as: OutputHandler.self) }
    }

    @Test("only functions with a name can be registered")
    func unnamed() {
        var registry = FunctionRegistry()
        #expect(throws: ComponentError.unnamedFunction(kind: "streaming callback")) {
            try registry.add(StreamingCallback { _ in })
        }
        #expect(throws: ComponentError.unnamedFunction(kind: "token provider")) {
            try registry.add(TokenProvider("") { "" })
        }
    }
}
