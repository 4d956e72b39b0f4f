import HayComponents
import HayJSON
import Testing

@Suite("Init parameters")
struct InitParametersTests {
    func read(_ members: JSON, of type: String = "tests.Part") throws -> InitParameters {
        try InitParameters(
            ["type": .string(type), "init_parameters": members], of: "tests.Part", known: ["a", "b"],
            registry: FunctionRegistry())
    }

    @Test("what is absent has its default; null is no value")
    func defaults() throws {
        let parameters = try read(["a": .null])
        #expect(try parameters.string("b", default: "x") == "x")
        #expect(try parameters.nullableString("b", default: "x") == "x")
        #expect(try parameters.nullableString("a", default: "x") == nil)
        #expect(try parameters.bool("b", default: true))
        #expect(try parameters.int("a") == nil && parameters.double("b") == nil && parameters.object("a") == nil)
        #expect(try parameters.secret("a", default: .environment("A")) == nil)
        #expect(try parameters.secret("b", default: .environment("A")) == .environment("A"))
        #expect(try parameters.tools("a") == nil && parameters.device("b") == nil && parameters.strings("a") == nil)
        #expect(parameters.has("a") && !parameters.has("b"))
    }

    @Test("values are taken as what they are")
    func values() throws {
        let parameters = try read(["a": 2, "b": ["x"]])
        #expect(try parameters.int("a") == 2 && parameters.double("a") == 2)
        #expect(try parameters.strings("b") == ["x"])
        #expect(try read(["a": ["type": "single", "device": "cpu"]]).device("a") == .single(.cpu))
    }

    @Test("errors name the component and the parameter")
    func errors() throws {
        func message(_ body: () throws -> Void) -> String {
            do {
                try body()
                return ""
            } catch {
                return "\(error)"
            }
        }
        #expect(message { _ = try read(["a": 1]).string("a") } == "Part's 'a' must be a string, found an integer")
        #expect(
            message { _ = try read(["a": .null]).bool("a", default: true) }
                == "Part's 'a' must be a boolean, found null")
        #expect(message { _ = try read([:]).requiredString("a") } == "Part has no 'a'")
        #expect(message { _ = try read(["c": 1]) } == "Part has no 'c'; known are a, b")
        #expect(message { _ = try read([:], of: "x.Y") } == "Class 'x.Y' can't be deserialized as 'Part'")
        #expect(message { _ = try read(1) } == "Part must be a dictionary, found an integer")
        let data: JSON = ["type": "tests.Part"]
        #expect(
            message { _ = try InitParameters(data, of: "tests.Part", known: [], registry: FunctionRegistry()) }
                == "Part has no 'init_parameters'")
        #expect(
            message { _ = try InitParameters([:], of: "tests.Part", known: [], registry: FunctionRegistry()) }
                == "Missing 'type' in serialization data")
    }
}
