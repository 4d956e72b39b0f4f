import Testing

@testable import HayGeneration

@Suite("Stop strings")
struct StopStringTests {
    private func run(_ stops: [String], _ pieces: [String]) -> (shown: [String], found: Bool) {
        var search = StopStrings(stops)
        var shown: [String] = []
        for piece in pieces {
            let (text, found) = search.append(piece)
            shown.append(text)
            if found != nil { return (shown, true) }
        }
        return (shown + [search.finish()], false)
    }

    @Test("a stop text is found wherever it is cut, and no part of it is shown")
    func cuts() {
        let result = run(["END"], ["one E", "N", "D two"])
        #expect(result.shown == ["one ", "", ""] && result.found)
        let within = run(["END"], ["one END two"])
        #expect(within.shown == ["one "] && within.found)
    }

    @Test("what only began like a stop text is shown after all")
    func falseStart() {
        let result = run(["END"], ["EN", "EN", "!"])
        #expect(result.shown == ["", "EN", "EN!", ""] && !result.found)
        #expect(run(["END"], ["x E"]).shown == ["x ", "E"])
    }

    @Test("the earliest of several wins, overlaps included")
    func several() {
        #expect(run(["bc", "ab"], ["xabc"]).shown == ["x"])
        #expect(run(["aab"], ["a", "a", "a", "b"]).shown == ["", "", "a", ""])
    }

    @Test("characters are never split")
    func unicode() {
        let result = run(["é!"], ["caf", "é", "?"])
        #expect(result.shown == ["caf", "", "é?", ""])
    }

    @Test("without stop texts nothing is held back")
    func none() { #expect(run([], ["a", "b"]).shown == ["a", "b", ""]) }
}
