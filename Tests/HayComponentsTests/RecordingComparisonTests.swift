import HayComponents
import HayJSON
import HaystackRecordings
import Testing

@Suite("Comparing with recordings")
struct RecordingComparisonTests {
    @Test("tells where values differ, but for the order of keys and how numbers are written")
    func values() {
        let value: JSON = ["a": [1, ["b": 2.0]], "c": .double(.nan)]
        #expect(value.difference(from: ["c": .double(.nan), "a": [1.0, ["b": 2]]]) == nil)
        #expect(value.difference(from: ["a": [1, ["b": 3]], "c": .double(.nan)]) == "$.a[1].b is 2.0, expected 3")
        #expect(value.difference(from: ["a": [1]]) == "$.a has 2 elements, expected 1")
        #expect(JSON.object(["a": 1]).difference(from: [:]) == "$.a is too much: 1")
        #expect(JSON.object([:]).difference(from: ["a": 1]) == "$.a is missing")
        // Both are 2^53 as doubles.
        #expect(JSON.int(9_007_199_254_740_993).difference(from: 9_007_199_254_740_992) != nil)
    }

    @Test("tells which outcome was recorded instead")
    func outcomes() {
        let succeeded: JSON = ["result": ["a": 1]]
        let failed: JSON = ["error": ["kind": "value_error", "message": "Unknown secret type 'x'."]]
        func fail() throws -> JSON { throw ComponentError.unknownSecretType(name: "x") }
        #expect(succeeded.difference { ["a": 1] } == nil)
        #expect(succeeded.difference { ["a": 2] } == "$.a is 2, expected 1")
        #expect(succeeded.difference({ _ in .null }) { ["a": 2] } == nil)
        #expect(succeeded.difference { try fail() } == "the error 'Unknown secret type 'x'' instead of a result")
        #expect(failed.difference { try fail() } == nil)
        #expect(failed.difference { throw ComponentError.emptyToken } != nil)
        #expect(failed.difference { throw ComponentError.missingType } != nil)
        #expect(failed.difference { 1 }?.hasPrefix("1 instead of the error") == true)
    }
}
