import HayComponents
import HayJSON
import Testing

@Suite("Secrets")
struct SecretTests {
    @Test("no way of printing a secret shows its text")
    func redaction() throws {
        let secret = try Secret.token("sesame")
        struct Holder { let secret: Secret }
        var dumped = ""
        dump(Holder(secret: secret), to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), "\(Holder(secret: secret))", dumped] {
            #expect(!text.contains("sesame"))
        }
        #expect("\(secret)" == "Secret(a token)")
        #expect("\(Secret.environment("A", "B"))" == "Secret(A, B)")
        #expect(try secret.resolve(in: [:]) == "sesame")
    }

    @Test("the first variable that is set counts, even when it is set to nothing")
    func environment() throws {
        let secret = Secret.environment("A", "B")
        #expect(try secret.resolve(in: ["B": "b"]) == "b")
        #expect(try secret.resolve(in: ["A": "", "B": "b"]) == "")
        #expect(throws: ComponentError.unsetVariables(names: ["A", "B"])) { try secret.resolve(in: [:]) }
        #expect(try Secret.environment("A", isStrict: false).resolve(in: [:]) == nil)
    }

    @Test("secrets are read with all that belongs to them")
    func reading() throws {
        let secret = try Secret.environment(["A", "B"], isStrict: false)
        #expect(try Secret.fromDict(secret.toDict()) == secret)
        let missing = ComponentError.missingKey(key: "strict", place: "The secret")
        #expect(throws: missing) { try Secret.fromDict(["type": "env_var", "env_vars": ["A"]]) }
        #expect(missing.description == "The secret has no 'strict'")
        #expect(
            throws: ComponentError.wrongValue(
                place: "The secret's 'env_vars'", expected: "a list of strings", found: "an array")
        ) { try Secret.fromDict(["type": "env_var", "env_vars": [1], "strict": true]) }
    }
}
