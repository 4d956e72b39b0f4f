import HayComponents
import HayJSON
import Testing

@Suite("Members of dictionaries")
struct MembersTests {
    @Test("are set in their place, and taken out wherever they stand")
    func setting() {
        var members: JSON.Object = ["a": 1, "b": 2, "a": 3]
        members.set("a", to: 4)
        #expect(members == ["a": 1, "b": 2, "a": 4])
        members.set("c", to: .null)
        #expect(members == ["a": 1, "b": 2, "a": 4, "c": .null])
        members.remove("a")
        members.remove("d")
        #expect(members == ["b": 2, "c": .null])
    }

    @Test("take the place of those of the same name, and come after the others")
    func overlaying() {
        let own: JSON.Object = ["a": 1, "b": ["x": 1], "a": 2]
        #expect(own.overlaid(by: ["c": 3, "b": ["y": 2]]) == ["a": 2, "b": ["y": 2], "c": 3])
        #expect(own.overlaid(by: [:]) == ["a": 2, "b": ["x": 1]])
    }

    @Test("are options of generation, each name once")
    func options() {
        var options = GenerationKwargs(["top_k": 1, "seed": 2, "top_k": 3])
        #expect(options.dictionary == ["top_k": 3, "seed": 2])
        options["seed"] = .null
        options["stop"] = ["a"]
        #expect(options.overlaid(by: ["top_k": 4]).dictionary == ["top_k": 4, "seed": .null, "stop": ["a"]])
        #expect(options.overlaid(by: nil) == options)
        #expect(options.remove("top_k") == 3 && options["top_k"] == nil)
        options["seed"] = nil
        #expect(options == ["stop": ["a"]])
    }

    @Test("however many there are, are read in time in proportion to their number")
    func many() throws {
        let members = JSON.Object((0 ..< 100_000).map { ("member \($0)", JSON.string("cpu")) })
        let options = GenerationKwargs(members)
        let time = try ContinuousClock().measure {
            for map in [try DeviceMap.fromDict(.object(members)), try .fromHuggingFace(.object(members))] {
                #expect(map.count == members.count)
            }
            #expect(GenerationKwargs(members).overlaid(by: options) == options)
        }
        // A debug build takes a second or two; looking each of them up would take many minutes.
        #expect(time < .seconds(60))
    }
}
