import Testing

@Suite("Statements")
struct StatementsTests {
    @Test("for gives the state of the loop")
    func forGivesTheState() throws {
        try expect([
            (
                "{% for i in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }} {% endfor %}",
                "1032TrueFalse3 2121FalseFalse3 3210FalseTrue3 "
            ),
            ("{% for i in l %}{{ loop.previtem }}-{{ loop.nextitem }} {% endfor %}", "-1 3-2 1- "),
            ("{% for i in [1, 1, 2] %}{{ loop.changed(i) }} {% endfor %}", "True False True "),
            ("{% for i in l %}{{ loop.cycle('a', 'b') }}{% endfor %}", "aba"),
            ("{% for i in l if i > 1 %}{{ loop.index }}{{ i }}{{ loop.length }} {% endfor %}", "132 222 "),
        ])
    }

    @Test("for unpacks, filters, breaks, continues and has an else")
    func forUnpacksFiltersBreaks() throws {
        try expect([
            ("{% for k, v in d.items() %}{{ k }}={{ v }} {% endfor %}", "b=1 a=2 "),
            ("{% for c in 'äb' %}<{{ c }}>{% endfor %}", "<ä><b>"),
            ("{% for i in [] %}a{% else %}b{% endfor %}", "b"),
            ("{% for i in l %}{% if i == 1 %}{% continue %}{% endif %}{{ i }}{% endfor %}", "32"),
            ("{% for i in l %}{% if i == 1 %}{% break %}{% endif %}{{ i }}{% else %}E{% endfor %}", "3"),
            ("{% for i in l %}{% break %}{% else %}E{% endfor %}", "E"),
        ])
    }

    @Test("recursive loops call themselves")
    func recursiveLoopsCallThemselves() throws {
        try expect([
            (
                "{% for i in [{'n': 1, 'c': [{'n': 2}]}] recursive %}{{ loop.depth }}{{ i.n }}{% if i.c %}({{ loop(i.c) }}){% endif %}{% endfor %}",
                "11(22)"
            )
        ])
    }

    @Test("a loop's condition is looked at when an element's turn comes")
    func aLoopsConditionIs() throws {
        try expect([
            (
                "{% set ns = namespace(n=0) %}{% for i in [1, 2, 3] if i > ns.n %}{% set ns.n = 2 %}{{ i }}{% endfor %}",
                "13"
            )
        ])
    }

    @Test("an assignment ends with its scope")
    func anAssignmentEndsWith() throws {
        try expect([
            ("{% for i in l %}{{ x }}{% set x = i %}{{ x }} {% endfor %}{{ x }}", "53 51 52 5"),
            ("{% if true %}{% set x = 1 %}{% endif %}{{ x }}", "1"),
            ("{% with x = 1, y = x %}{{ x }}{{ y }}{% endwith %}{{ x }}", "155"),
            ("{% macro m() %}{% set x = 1 %}{{ x }}{% endmacro %}{{ m() }}{{ x }}", "15"),
            ("{% for i in l %}{{ x }}{% endfor %}{% set x = 9 %}", ""),
            ("{% set x %}<{{ x }}>{% endset %}{{ x }}", "<>"),
        ])
    }

    @Test("set assigns values, blocks, tuples and namespaces")
    func setAssignsValuesBlocks() throws {
        try expect([
            ("{% set a, b = 1, 2 %}{{ a }}{{ b }}", "12"),
            ("{% set a %}b{{ x }}{% endset %}{{ a }}", "b5"),
            ("{% set a | upper | replace('B', 'c') %}abc{% endset %}{{ a }}", "AcC"),
            ("{% set ns = namespace(a=1) %}{% for i in l %}{% set ns.a = ns.a + i %}{% endfor %}{{ ns.a }}", "7"),
            ("{% set ns = namespace(a=1, b=2) %}{% set ns.a, ns.b = ns.b, ns.a %}{{ ns.a }}{{ ns.b }}", "21"),
        ])
    }

    @Test("macros take defaults, keywords and the rest")
    func macrosTakeDefaultsKeywords() throws {
        try expect([
            (
                "{% macro m(a, b=2) %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }} {{ m(b=1, a=3) }} {{ m(*[4, 5]) }} {{ m(**{'a': 6}) }}",
                "12 31 45 62"
            ),
            ("{% macro m(a) %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, c=3) }}", "(2,){'c': 3}"),
            ("{% macro m(a) %}<{{ a }}>{% endmacro %}{{ m() }}", "<>"),
            ("{% macro f(n) %}{{ n }}{% if n %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3) }}", "3210"),
            ("{% macro f() %}{{ g() }}{% endmacro %}{% macro g() %}G{% endmacro %}{{ f() }}", "G"),
            ("{% macro m() %}{{ x }}{% endmacro %}{% set x = 7 %}{{ m() }}", "7"),
        ])
    }

    @Test("a call block is the caller of its macro")
    func aCallBlockIs() throws {
        try expect([
            ("{% macro m() %}[{{ caller(1) }}]{% endmacro %}{% call(a, b=2) m() %}{{ a }}{{ b }}{% endcall %}", "[12]"),
            ("{% macro m() %}{{ caller is defined }}{% endmacro %}{{ m() }}", "False"),
        ])
    }

    @Test("filter, generation, raw and comment blocks")
    func filterGenerationRawAnd() throws {
        try expect([
            ("{% filter upper %}a{{ s }}{% endfilter %}", "AWÖRLD"),
            ("{% generation %}a{{ x }}{% endgeneration %}", "a5"),
            ("{% raw %}{{ x }}{% if %}{% endraw %}", "{{ x }}{% if %}"),
            ("a{# {{ x }} #}b", "ab"),
            ("{% print x, 1 %}", "51"),
        ])
    }
}
