import Testing

@Suite("Methods of strings, dicts and lists")
struct StringMethodsTests {
    @Test("strings are changed as Python changes them")
    func stringsAreChangedAs() throws {
        try expect([
            ("{{ 'heLLo wOrld'.title() }} {{ 'heLLo'.capitalize() }} {{ 'aB'.swapcase() }}", "Hello World Hello Ab"),
            ("{{ 'straße'.upper() }} {{ 'ÀÉ'.lower() }} {{ 'ΑΣ'.lower() }}", "STRASSE àé ας"),
            (
                "{{ '  a '.strip() }}|{{ 'xxaxx'.strip('x') }}|{{ 'xxa'.lstrip('x') }}|{{ ' a '.rstrip() }}|",
                "a|a|a| a|"
            ),
            ("{{ 'aaa'.replace('a', 'b', 2) }} {{ 'ab'.replace('', '-') }}", "bba -a-b-"),
            (
                "{{ 'ab'.center(5, '*') }} {{ 'ab'.center(7) }}| {{ 'a'.ljust(3) }}| {{ 'a'.rjust(3) }} {{ '-4'.zfill(4) }}",
                "**ab*    ab  | a  |   a -004"
            ),
            ("{{ 'unhappy'.removeprefix('un') }} {{ 'a.py'.removesuffix('.py') }}", "happy a"),
        ])
    }

    @Test("strings are cut and joined as Python does")
    func stringsAreCutAnd() throws {
        try expect([
            (
                "{{ ' a  b '.split() }} {{ 'a,b,,c'.split(',') }} {{ 'a,b,c'.split(',', 1) }} {{ 'a,b,c'.rsplit(',', 1) }}",
                "['a', 'b'] ['a', 'b', '', 'c'] ['a', 'b,c'] ['a,b', 'c']"
            ),
            ("{{ ' a b c '.split(none, 1) }} {{ ' a b c '.rsplit(none, 1) }}", "['a', 'b c '] [' a b', 'c']"),
            (
                "{{ 'a=b=c'.partition('=') }} {{ 'a=b=c'.rpartition('=') }} {{ 'a'.partition('=') }}",
                "('a', '=', 'b=c') ('a=b', '=', 'c') ('a', '', '')"
            ),
            ("{{ 'a\\nb\\r\\nc\\n'.splitlines() }} {{ 'a\\nb'.splitlines(true) }}", "['a', 'b', 'c'] ['a\\n', 'b']"),
            ("{{ '-'.join(['a', 'b']) }} {{ ', '.join(d) }}", "a-b b, a"),
        ])
    }

    @Test("strings are searched by code points")
    func stringsAreSearchedBy() throws {
        try expect([
            (
                "{{ 'éaéa'.find('a') }} {{ 'éaéa'.rfind('a') }} {{ 'abc'.find('z') }} {{ 'aaa'.count('a') }} {{ 'abc'.index('c', 1) }}",
                "1 3 -1 3 2"
            ),
            (
                "{{ 'abc'.startswith('b', 1) }} {{ 'abc'.endswith(('x', 'c')) }} {{ 'abc'.startswith('') }}",
                "True True True"
            ),
            ("{{ 'e\\u0301' == 'é' }} {{ 'e\\u0301'|length }} {{ '😀é'|length }}", "False 2 2"),
            ("{{ 'z' < 'é' }} {{ 'B' < 'a' }}", "True True"),
            (
                "{{ '12'.isdigit() }} {{ 'ab1'.isalnum() }} {{ 'a b'.isalpha() }} {{ ' '.isspace() }} {{ 'Ab'.istitle() }} {{ 'AB'.isupper() }}",
                "True True False True True True"
            ),
        ])
    }

    @Test("format fills fields")
    func formatFillsFields() throws {
        try expect([
            ("{{ '{} {}'.format(1, 'a') }} {{ '{1}{0}'.format(1, 2) }} {{ '{a}'.format(a=3) }}", "1 a 21 3"),
            ("{{ '{0[k]} {0.k} {1[0]}'.format({'k': 1}, [2]) }}", "1 1 2"),
            ("{{ '{:>5}|{:<5}|{:^5}|{:*^5}'.format('a', 'b', 'c', 'd') }}", "    a|b    |  c  |**d**"),
            (
                "{{ '{:05d} {:+d} {:x} {:#b} {:,} {:.2f} {:e} {:g} {:.1%}'.format(42, 1, 255, 5, 1234567, 3.14159, 12345.678, 0.0001, 0.256) }}",
                "00042 +1 ff 0b101 1,234,567 3.14 1.234568e+04 0.0001 25.6%"
            ),
            ("{{ '{!r} {{}} {:{w}}|'.format('a', 'b', w=3) }}", "'a' {} b  |"),
        ])
    }

    @Test("percent fills fields")
    func percentFillsFields() throws {
        try expect([
            ("{{ '%s-%d-%5.2f|%-4s|%04d|%x|%%' % ('a', 3, 2.345, 'b', 7, 255) }}", "a-3- 2.35|b   |0007|ff|%"),
            ("{{ '%(a)s %(b)r' % {'a': 1, 'b': 'x'} }}", "1 'x'"),
            ("{{ '%s' % [1] }} {{ '%e %g' % (12345.678, 1e-10) }}", "[1] 1.234568e+04 1e-10"),
        ])
    }

    @Test("dicts and lists have their reading methods")
    func dictsAndListsHave() throws {
        try expect([
            (
                "{{ d.keys() }} {{ d.values() }} {{ d.items() }}",
                "dict_keys(['b', 'a']) dict_values([1, 2]) dict_items([('b', 1), ('a', 2)])"
            ),
            ("{{ d.get('a') }} {{ d.get('z') }} {{ d.get('z', 1) }}", "2 None 1"),
            ("{{ l.index(1) }} {{ l.count(2) }} {{ (1, 2).index(2) }}", "1 1 1"),
            ("{% for k in d %}{{ k }}{% endfor %} {{ 'a' in d }} {{ 2 in d.values() }}", "ba True True"),
        ])
    }
}
