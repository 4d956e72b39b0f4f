import Testing

@Suite("White space around tags")
struct WhitespaceTests {
    @Test("blocks take the space before them on their line and the newline after")
    func blocksTakeTheSpace() throws {
        try expect([
            ("a\n  {% if x %}\n  b\n  {% endif %}\nc", "a\n  b\nc"),
            ("a {% if x %}\nb{% endif %}", "a b"),
            ("  {{ x }}\n", "  5"),
            ("\n\n{% set a = 1 %}\n\n", "\n\n"),
            ("a\n  {# c #}\nb", "a\nb"),
            ("{{ x }}\n\n", "5\n"),
            ("a\r\nb\rc", "a\nb\nc"),
        ])
    }

    @Test("a minus takes all space, a plus keeps it")
    func aMinusTakesAll() throws {
        try expect([
            ("a \n {%- if x -%} \n b {%- endif %} c", "ab c"),
            ("a \n {{- x -}} \n b", "a5b"),
            ("  {%+ if x %}\na{% endif %}", "  a"),
            ("{% if x +%}\na{% endif %}", "\na"),
            ("a {#- c -#} b", "ab"),
            ("a \u{A0}{%- if x %}b{% endif -%}\u{3000}c", "abc"),
            ("a {%- raw -%} b {%- endraw -%} c", "abc"),
        ])
    }
}
