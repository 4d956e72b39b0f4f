import HayJSON
import HayTemplate
import TestSupport
import Testing

@Suite("Random templates")
struct RandomTests {
    /// `compare_random.py --write` made the cases: templates of `random_templates.py` with what Jinja2 3.1.6 makes of
    /// them, set up as transformers 5.23 sets it up.
    @Test("random templates render as with Jinja2, and fail where they fail there")
    func random() throws {
        let cases = try Fixtures.json(Fixtures.packageFolder + "/Tests/HayTemplateTests/random_cases.json").array ?? []
        #expect(cases.count > 400)
        for item in cases {
            let outcome = Outcome {
                try Template(item["template"]?.string ?? "").render(
                    item["context"]?.object ?? .init(), now: ClockTime("2024-07-26T09:30:15"))
            }
            #expect(outcome.matches(item), "\(item["template"]!): \(outcome), expected \(item)")
        }
    }
}
