import HayJSON
import HayTemplate
import Testing

@Suite("Limits")
struct LimitTests {
    @Test("a template that does not end is ended")
    func limits() {
        var limits = RenderLimits()
        limits.steps = 1000
        limits.depth = 100
        limits.outputSize = 1000
        limits.createdSize = 10_000
        let cases: [(String, String)] = [
            ("{% for i in range(9999) %}{% endfor %}", "the template took more than 1000 steps"),
            ("{% set x = ''.maketrans('a', 'b', 'a' * 2000) %}", "the template took more than 1000 steps"),
            ("{{ 'a' * 2000 }}", "the text rendered is longer than 1000 bytes"),
            ("{{ 'a' * 20000 }}", "the template made more than 10000 bytes of values"),
            ("{{ 'a' * 9223372036854775807 * 9 }}", "the template made more than 10000 bytes of values"),
            ("{{ [1] * 9223372036854775807 }}", "the template made more than 10000 bytes of values"),
            ("{{ 'a'.center(9223372036854775807) }}", "the template made more than 10000 bytes of values"),
            ("{{ '%.99999999999999d' % 1 }}", "the template made more than 10000 bytes of values"),
            ("{{ '{:01152921504606846976,}'.format(1) }}", "the template made more than 10000 bytes of values"),
            ("{{ [1]|batch(1152921504606846977, 0)|list }}", "the template made more than 10000 bytes of values"),
            ("{{ '%99999d' % 1 }}", "the template made more than 10000 bytes of values"),
            ("{{ '{:>99999}'.format(1) }}", "the template made more than 10000 bytes of values"),
            ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "evaluation is nested deeper than 100"),
            ("{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}", "evaluation is nested deeper than 100"),
            ("{{ range(1000000) }}", "the range has 1000000 elements, more than 100000"),
        ]
        for (template, message) in cases {
            #expect(Outcome { try render(template, limits: limits) } == .error(.limit, message), "\(template)")
        }
    }

    @Test("work on bytes and tables counts, as much as on text")
    func bytes() {
        var limits = RenderLimits()
        limits.steps = 10_000
        let setup =
            "{% set s = 'a' * 100000 %}{% set b = s.encode() %}{% set t = b + b %}{% set d = dict.fromkeys(range(1500)) %}"
        for expression in [
            "97 in b", "b in t", "b == t", "b != t", "b < t", "b >= t", "t in [b]", "b.find(98)", "b.count(t)",
            "b.rfind(t)",
            "b.replace(t, b)", "'x' in s", "''.maketrans(d)", "b.maketrans(b, b)",
        ] {
            func outcome(_ count: Int) -> Outcome {
                Outcome {
                    try render(
                        "\(setup){% for i in range(\(count)) %}{% set x = \(expression) %}{% endfor %}", limits: limits)
                }
            }
            #expect(outcome(2) == .text(""), "\(expression)")
            #expect(outcome(9) == .error(.limit, "the template took more than 10000 steps"), "\(expression)")
        }
    }

    @Test("a long part is sought in time that the lengths add to")
    func search() throws {
        let template =
            "{% set b = ('a' * 400000).encode() %}{% set p = b[:200000] + 'b'.encode() + b[:100] %}"
            + "{{ p in b }} {{ b.find(p) }} {{ b.rfind(p) }} {{ b.count(p) }} {{ b.replace(p, p) == b }}"
        var text = ""
        let time = try ContinuousClock().measure { text = try render(template) }
        #expect(text == "False -1 -1 0 True")
        #expect(time < .seconds(5), "\(time)")
    }

    @Test("the default depth fits the stack")
    func depth() {
        for template in [
            "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
            "{% macro m(x) %}{{ [(m([x]) ~ 1)|upper, 2]|first }}{% endmacro %}{{ m(1) }}",
            "{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}",
        ] {
            #expect(Outcome { try render(template) } == .error(.limit, "evaluation is nested deeper than 1000"))
        }
    }

    @Test("values that hold each other again and again are refused")
    func nesting() {
        let templates = [
            "{% set ns = namespace(x=[]) %}{% for i in range(999) %}{% set ns.x = [ns.x] %}{% endfor %}",
            "{% set ns = namespace(x=[]) %}{% for i in range(99) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}",
        ]
        for template in templates {
            #expect(
                Outcome { try render(template) } == .error(.limit, "a value is nested too deeply or holds too much"))
        }
        #expect(
            Outcome { try render("{% set ns = namespace() %}{% set ns.x = ns %}{{ ns }}") }
                == .error(.limit, "a value is nested deeper than 800"))
    }

    @Test("long chains of things that hold the one before are let go without overflowing the stack")
    func chains() throws {
        let start = "{% set ns = namespace(x=none) %}"
        let chains = [
            "{% for i in range(9999) %}{% set ns.x = namespace(y=ns.x) %}{% endfor %}",
            "{% macro a(p) %}{% macro b() %}{{ p }}{% endmacro %}{% set ns.x = b %}{% endmacro %}"
                + "{% for i in range(9999) %}{{ a(ns.x) }}{% endfor %}",
            "{% macro a(p) %}{% for i in [1] %}{% set ns.x = loop %}{% endfor %}{{ loop }}{% endmacro %}"
                + "{% for i in range(9999) %}{% set q = a(ns.x) %}{% endfor %}",
        ]
        for chain in chains { #expect(try render(start + chain + "ok") == "ok") }
    }

    @Test("a template nested too deeply is a syntax error")
    func deepSyntax() {
        func nested(_ open: String, _ middle: String, _ close: String) -> String {
            String(repeating: open, count: 5000) + middle + String(repeating: close, count: 5000)
        }
        let templates = [
            "{{ \(nested("(", "1", ")")) }}", "{{ \(nested("[", "1", "]")) }}", "{{ \(nested("not ", "1", "")) }}",
            "{{ \(nested("-", "1", "")) }}", "{{ \(nested("", "1", "*1")) }}", "{{ \(nested("", "x", ".a")) }}",
            "{{ \(nested("", "x", "|e")) }}", "{{ \(nested("", "1", " if 1 else 1")) }}",
            nested("{% if 1 %}", "", "{% endif %}"), "{% set \(nested("(", "a", ")")) = 1 %}",
        ]
        for template in templates {
            guard case .error(.syntax, let message) = Outcome({ try render(template) }) else {
                Issue.record("\(template.prefix(20)) is read")
                continue
            }
            #expect(message.contains("nested deeper than"))
        }
        #expect(Outcome { try render("{{ 1\(nested("", "", "+1")) }}") } == .text("5001"))
    }

    @Test("integers that do not fit 64 bits are errors")
    func overflow() {
        let message = "an integer does not fit 64 bits"
        let low = "(-9223372036854775807 - 1)"
        for expression in [
            "9223372036854775807 + 1", "\(low) - 1", "9223372036854775807 * 2", "-\(low)", "\(low) // -1", "\(low)|abs",
            "2 ** 63", "1e30|int", "9223372036854775807|round(-1)",
        ] {
            #expect(Outcome { try render("{{ \(expression) }}") } == .error(.arithmetic, message), "\(expression)")
        }
        #expect(Outcome { try render("{{ \(low) % -1 }}") } == .text("0"))
    }

    @Test("integers of the context that do not fit 64 bits are shown, tested and compared, but not calculated with")
    func largeIntegers() throws {
        let context = JSON.Object([("x", try JSON.parse("[18446744073709551615, -100000000000000000000]"))])
        let template =
            "{{ x[0] }} {{ x|tojson }} {{ x[1] is integer }} {{ x[0] == x[0] }} {{ x[0] == 1 }} {{ x[1]|float }}"
        #expect(
            try Template(template).render(context)
                == "18446744073709551615 [18446744073709551615, -100000000000000000000] True True False -1e+20")
        for expression in ["x[0] + 1", "-x[0]", "x[0] < 1", "x[0]|abs", "x[0]|round", "'{:d}'.format(x[0])"] {
            let outcome = Outcome { try Template("{{ \(expression) }}").render(context) }
            #expect(outcome == .error(.arithmetic, "an integer does not fit 64 bits"), "\(expression)")
        }
    }

    @Test("nothing repeated often takes no time")
    func repeatedNothing() throws {
        #expect(
            try render("{{ [] * 9223372036854775807 }}{{ '' * 9223372036854775807 }}{{ () * 9999999999 }}") == "[]()")
    }
}
