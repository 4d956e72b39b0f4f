import Testing

@Suite("Expressions")
struct ExpressionsTests {
    @Test("operators have Python's precedence")
    func operatorsHavePythonsPrecedence() throws {
        try expect([
            ("{{ 1 + 2 * 3 }}", "7"),
            ("{{ (1 + 2) * 3 }}", "9"),
            ("{{ 2 ** 3 ** 2 }}", "64"),
            ("{{ -2 ** 2 }}", "4"),
            ("{{ -x|abs }}", "5"),
            ("{{ 'a' ~ 1 ~ 2 * 3 }}", "a16"),
            ("{{ not 1 in [1] }}", "False"),
            ("{{ 1 < 2 < 3 }}", "True"),
            ("{{ 3 > 2 < 1 }}", "False"),
            ("{{ true or false and false }}", "True"),
            ("{{ x == 5 and 'a' ~ 'b' in 'cab' }}", "True"),
        ])
    }

    @Test("numbers calculate and print as Python's")
    func numbersCalculateAndPrint() throws {
        try expect([
            ("{{ 7 // 2 }} {{ -7 // 2 }} {{ 7 // -2 }}", "3 -4 -4"),
            ("{{ 7 % 3 }} {{ -7 % 3 }} {{ 7 % -3 }}", "1 2 -2"),
            ("{{ 7.5 // 2 }} {{ -7.5 % 2 }}", "3.0 0.5"),
            ("{{ 4 / 2 }} {{ 1 / 3 }}", "2.0 0.3333333333333333"),
            ("{{ 2 ** 10 }} {{ 2 ** -1 }} {{ 2 ** 0.5 }}", "1024 0.5 1.4142135623730951"),
            ("{{ 0.1 + 0.2 }}", "0.30000000000000004"),
            (
                "{{ 1e15 }} {{ 1e16 }} {{ 0.0001 }} {{ 0.00001 }} {{ -0.0 }}",
                "1000000000000000.0 1e+16 0.0001 1e-05 -0.0"
            ),
            ("{{ 12345678901234567.0 }}", "1.2345678901234568e+16"),
            ("{{ true + 1 }} {{ 1 == 1.0 == true }}", "2 True"),
            ("{{ 0x1F }} {{ 0b101 }} {{ 0o17 }} {{ 1_000 }} {{ 1_0.5e1 }}", "31 5 15 1000 105.0"),
        ])
    }

    @Test("literals print as Python prints them")
    func literalsPrintAsPython() throws {
        try expect([
            ("{{ [1, 2.0, 'a', none, true] }}", "[1, 2.0, 'a', None, True]"),
            ("{{ (1,) }} {{ () }} {{ 1, 2 }}", "(1,) () (1, 2)"),
            ("{{ {'a': 1, 2: [3]} }}", "{'a': 1, 2: [3]}"),
            ("{{ [\"it's\", 'say \"hi\"'] }}", "[\"it's\", 'say \"hi\"']"),
            ("{{ ['\\n\\t\\\\', 'é', '\\x00'] }}", "['\\n\\t\\\\', 'é', '\\x00']"),
            ("{{ {1: 'a', true: 'b', 1.0: 'c'} }}", "{1: 'c'}"),
            ("{{ 'a' 'b' \"c\" }}", "abc"),
            ("{{ '\\x41\\u00e9\\101\\z' }}", "AéA\\z"),
        ])
    }

    @Test("subscripts and slices count from both ends")
    func subscriptsAndSlicesCount() throws {
        try expect([
            ("{{ l[0] }} {{ l[-1] }} {{ l.1 }}", "3 2 1"),
            ("{{ l[1:] }} {{ l[:-1] }} {{ l[::-1] }} {{ l[5:] }}", "[1, 2] [3, 1] [2, 1, 3] []"),
            ("{{ s[1] }} {{ s[-2:] }} {{ s[::2] }} {{ s[::-1] }}", "ö ld Wrd dlröW"),
            ("{{ (1, 2, 3)[1:] }}", "(2, 3)"),
            ("{{ d.a }} {{ d['b'] }} {{ d.zz }}|{{ l[9] }}", "2 1 |"),
            ("{{ {(1, 2): 3}[1, 2] }}", "3"),
        ])
    }

    @Test("a method comes before a key after a dot, after it in brackets")
    func aMethodComesBefore() throws {
        try expect([
            ("{{ {'items': 1}['items'] }}", "1"),
            ("{{ {'items': 1}.items()|list }}", "[('items', 1)]"),
            ("{{ {}['get']('a', 2) }}", "2"),
        ])
    }

    @Test("an inline if without else is undefined")
    func anInlineIfWithout() throws {
        try expect([
            ("<{{ 1 if false }}>", "<>"),
            ("{{ (1 if false) is defined }}", "False"),
            ("{{ 'a' if x else 'b' }}", "a"),
            ("{{ 'a' if 0 else 'b' if 0 else 'c' }}", "c"),
        ])
    }

    @Test("undefined values print nothing, loop over nothing and are false")
    func undefinedValuesPrintNothing() throws {
        try expect([
            ("<{{ zz }}>", "<>"),
            ("{% for a in zz %}a{% else %}none{% endfor %}", "none"),
            ("{{ 'a' if zz else 'b' }}", "b"),
            ("{{ zz|length }}{{ zz|list }}", "0[]"),
            ("{{ zz == yy }} {{ zz == none }}", "True False"),
            ("{{ zz ~ 'a' }}", "a"),
        ])
    }
}
