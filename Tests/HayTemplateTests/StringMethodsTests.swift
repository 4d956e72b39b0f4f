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

    @Test("strings are encoded to bytes and bytes decoded to strings")
    func bytes() throws {
        try expect([
            ("{{ 'aé\n'.encode() }} {{ \"it's\".encode('ascii') }}", #"b'a\xc3\xa9\n' b"it's""#),
            (
                "{{ 'é'.encode('utf-8')|length }} {{ 'é'.encode('latin-1').hex() }} {{ 'ab'.encode('utf-16').hex(' ', 2) }}",
                "2 e9 fffe 6100 6200"
            ),
            ("{{ 'aé'.encode('ascii', 'replace') }} {{ 'é'.encode('ascii', 'xmlcharrefreplace') }}", "b'a?' b'&#233;'"),
            (
                "{% set b = 'abc'.encode() %}{{ b[0] }} {{ b[-1:] }} {{ b|list }} {{ 98 in b }} {{ 'bc'.encode() in b }}",
                "97 b'c' [97, 98, 99] True True"
            ),
            (
                "{{ 'a'.encode() + 'b'.encode() * 2 }} {{ 'a'.encode() == 'a' }} {{ 'a'.encode() < 'b'.encode() }}",
                "b'abb' False True"
            ),
            ("{{ 'é'.encode().decode() }} {{ 'é'.encode('latin-1').decode('utf-8', 'replace') }}", "é \u{FFFD}"),
            (
                "{{ 'a,b'.encode().split(','.encode()) }} {{ 'É'.encode().lower() }} {{ 'aB'.encode().upper() }}",
                "[b'a', b'b'] b'\\xc3\\x89' b'AB'"
            ),
            (
                "{{ ''.encode().fromhex('6a 6B') }} {{ 'abc'.encode().find(99) }} {{ {'a'.encode(): 1}['a'.encode()] }}",
                "b'jk' 2 1"
            ),
        ])
        expectErrors([
            ("{{ 'é'.encode('ascii') }}", .value, "the character U+e9 cannot be encoded with 'ascii'"),
            ("{{ 'é'.encode('latin-1').decode() }}", .value, "the bytes cannot be decoded with 'utf-8'"),
            ("{{ 'a'.encode('utf-9') }}", .value, "unknown encoding: utf-9"),
            ("{{ 'a'.encode().split(',') }}", .type, "a bytes-like object is required, not 'str'"),
            ("{{ 'a'.encode()|tojson }}", .type, "Object of type bytes is not JSON serializable"),
            ("{{ 300 in 'a'.encode() }}", .value, "byte must be in range(0, 256)"),
        ])
    }

    @Test("bytes are searched for bytes and numbers")
    func byteSearch() throws {
        try expect([
            (
                "{% set b = 'abcabc'.encode() %}{{ 'ca'.encode() in b }} {{ 'cb'.encode() in b }} {{ ''.encode() in b }} "
                    + "{{ b in b }} {{ (b * 2) in b }} {{ 99 in b }} {{ 0 in b }} {{ true in b }} {{ 'x'.encode() not in b }}",
                "True False True True False True False False True"
            ),
            (
                "{% set b = 'éé'.encode() %}{{ 195 in b }} {{ 'é'.encode() in b }} {{ b.find(169) }} {{ b.rfind(195) }}",
                "True True 1 2"
            ),
            (
                "{% set b = 'abcabc'.encode() %}{% set a = 'a'.encode() %}{% set e = ''.encode() %}{{ b.find(a, 1) }} "
                    + "{{ b.rfind(a, 0, 3) }} {{ b.index(99, -3) }} {{ b.find(e, 6) }} {{ b.find(e, 7) }} {{ b.rfind(e, 1, 2) }} "
                    + "{{ b.count(a) }} {{ b.count(e, 4) }} {{ b.count(e, 7) }} {{ b.count(a, none, -3) }}",
                "3 0 5 6 -1 2 2 3 0 1"
            ),
            (
                "{% set b = ('ab' * 50 ~ 'c').encode() %}{{ ('x'.encode() + b * 2).find(b) }} {{ (b * 3).rfind(b) }} "
                    + "{{ (b * 3).count(b) }} {{ (b * 3).replace(b, '-'.encode(), 2) == '--'.encode() + b }}",
                "1 202 3 True"
            ),
            (
                "{% set b = 'aaa'.encode() %}{{ b.replace('aa'.encode(), 'b'.encode()) }} {{ b.replace(''.encode(), '-'.encode()) }} "
                    + "{{ b.replace(''.encode(), '-'.encode(), 2) }} {{ b.replace('a'.encode(), ''.encode(), 0) }}",
                "b'ba' b'-a-a-a-' b'-a-aa' b'aaa'"
            ),
            (
                #"{{ 'a\t\n\r\\\x00\x7fé"'.encode() }} {{ "'".encode() }} {{ "'\"".encode() }} {{ ''.encode() }}"#,
                #"b'a\t\n\r\\\x00\x7f\xc3\xa9"' b"'" b'\'"' b''"#
            ),
        ])
        let types = [("none", "NoneType"), ("'a'", "str"), ("1.5", "float")]
        for (value, type) in types {
            let message = "a bytes-like object is required, not '\(type)'"
            let either = "argument should be integer or bytes-like object, not '\(type)'"
            expectErrors([
                ("{{ \(value) in 'a'.encode() }}", .type, message),
                ("{{ 'a'.encode().replace(\(value), 'a'.encode()) }}", .type, message),
                ("{{ 'a'.encode().find(\(value)) }}", .type, either),
                ("{{ 'a'.encode().count(\(value)) }}", .type, either),
            ])
        }
        expectErrors([
            ("{{ 'a'.encode().find(-1) }}", .value, "byte must be in range(0, 256)"),
            ("{{ -1 in 'a'.encode() }}", .value, "byte must be in range(0, 256)"),
            ("{{ 'a'.encode().index(98) }}", .value, "subsection not found"),
            ("{{ 'a'.encode().rindex('b'.encode()) }}", .value, "subsection not found"),
            ("{{ 'a'.encode().find(zz) }}", .undefined, "'zz' is undefined"),
        ])
    }

    @Test("each handler of errors decodes and encodes as Python's does")
    func errorHandlers() throws {
        func decoded(_ hexadecimal: String, _ codec: String, _ handler: String) -> String {
            "{{ ''.encode().fromhex('\(hexadecimal)').decode('\(codec)', '\(handler)') }}"
        }
        let bytes = "61 ff e9 63 e2 82 f0 9f 98 ed a0 80"
        // An odd byte follows the first half of a pair here; a second half stands alone before.
        let units = "ff fe 61 00 00 d8 62 00 00 dc 63 00 00 d8 78"
        try expect([
            (decoded(bytes, "utf-8", "backslashreplace"), #"a\xff\xe9c\xe2\x82\xf0\x9f\x98\xed\xa0\x80"#),
            (decoded(bytes, "utf-8", "replace"), "a\u{FFFD}\u{FFFD}c\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
            (decoded(bytes, "utf-8", "ignore"), "ac"),
            (decoded("61 e9", "ascii", "backslashreplace"), #"a\xe9"#),
            (decoded(units, "utf-16", "backslashreplace"), #"a\x00\xd8b\x00\xdcc\x00\xd8\x78"#),
            (decoded(units, "utf-16", "replace"), "a\u{FFFD}b\u{FFFD}c\u{FFFD}"),
            (decoded(units, "utf-16", "ignore"), "abc"),
            (decoded("00 61 dc 00 00", "utf-16-be", "backslashreplace"), #"a\xdc\x00\x00"#),
            (decoded("00 61 dc 00 00", "utf-16-be", "replace"), "a\u{FFFD}\u{FFFD}"),
            (decoded("fe ff d8 3d de 00", "utf-16", "strict"), "😀"),
            ("{{ 'é日'.encode('ascii', 'backslashreplace') }}", #"b'\\xe9\\u65e5'"#),
            (
                "{{ 'é日\u{80}'.encode('ascii', 'namereplace').decode() }}",
                #"\N{LATIN SMALL LETTER E WITH ACUTE}\N{CJK UNIFIED IDEOGRAPH-65E5}\x80"#
            ),
        ])
        for handler in ["strict", "xmlcharrefreplace", "namereplace", "nope"] {
            expectErrors([
                (decoded(bytes, "utf-8", handler), .value, "the bytes cannot be decoded with 'utf-8'"),
                (decoded(units, "utf-16", handler), .value, "the bytes cannot be decoded with 'utf-16'"),
            ])
        }
    }

    @Test("characters are translated by tables, dicts made of keys and numbers taken apart")
    func translation() throws {
        try expect([
            (
                "{{ 'hello'.translate(''.maketrans('el', 'ip', 'o')) }} {{ 'ab'.translate({97: 'x', 98: none}) }}",
                "hipp x"
            ),
            ("{{ dict.fromkeys('aba') }} {{ dict.fromkeys([1], 2) }}", "{'a': None, 'b': None} {1: 2}"),
            (
                "{{ (255).bit_length() }} {{ (-3).bit_count() }} {{ (258).to_bytes(2) }} {{ (1).from_bytes([1, 2], 'little') }}",
                "8 2 b'\\x01\\x02' 513"
            ),
            (
                "{{ (1.5).hex() }} {{ (0.75).as_integer_ratio() }} {{ (1.0).fromhex('0x1.8p1') }}",
                "0x1.8000000000000p+0 (3, 4) 3.0"
            ),
        ])
        expectErrors([
            ("{{ (256).to_bytes(1) }}", .arithmetic, "int too big to convert"),
            ("{{ ''.maketrans('ab', 'c') }}", .value, "the first two maketrans arguments must have equal length"),
        ])
    }

    @Test("any sequence translates the characters whose numbers it reaches")
    func sequenceTranslation() throws {
        try expect([
            (
                "{{ 'hello'.translate('abc') }} {{ 'hello'.translate([1]) }} {{ 'hello'.translate(()) }}",
                "hello hello hello"
            ),
            ("{{ 'hello'.translate('é' * 105) }} {{ 'hello'.translate(['x'] * 102) }}", "ééllo hxllo"),
            (
                "{{ 'hi'.translate([none] * 105) }} {{ 'hi'.translate(range(200)) }} {{ 'hi'.translate([33] * 105) }}",
                "i hi !i"
            ),
            ("{{ 'hi'.translate(('zyx' * 40).encode()) }} {{ ''.translate(5) }}", "xz "),
            ("{{ 'ab'.translate(''.maketrans({'a': 'x', 98: none})) }}", "x"),
        ])
        expectErrors([
            ("{{ 'a'.translate(5) }}", .type, "'int' object is not subscriptable"),
            ("{{ 'a'.translate(none) }}", .type, "'NoneType' object is not subscriptable"),
            ("{{ 'a'.translate(zz) }}", .undefined, "'zz' is undefined"),
            ("{{ 'a'.translate({97: 1.5}) }}", .type, "character mapping must return integer, None or str"),
            ("{{ 'a'.translate({97: 1114112}) }}", .value, "character mapping must be in range(0x110000)"),
            ("{{ ''.maketrans({'ab': 1}) }}", .value, "string keys in translate table must be of length 1"),
        ])
    }

    @Test("hexadecimal floats are read to the end of their range and refused beyond it")
    func hexadecimalFloats() throws {
        try expect([
            ("{{ (1.0).fromhex('0x1.fffffffffffff7fffp1023') }}", "1.7976931348623157e+308"),
            ("{{ (1.0).fromhex('0x0p99999') }} {{ (1.0).fromhex('-0x1p-99999') }}", "0.0 -0.0"),
            ("{{ (1.0).fromhex('0x8p-1077') }} {{ (1.0).fromhex('0x4p-1077') }}", "5e-324 0.0"),
            ("{{ (1.0).fromhex(' -1.8P+1 ') }} {{ (1.0).fromhex('.8') }} {{ (1.0).fromhex('-inf') }}", "-3.0 0.5 -inf"),
        ])
        for text in ["0x1p99999", "0x1p1024", "-0x1p1024", "0x1.fffffffffffff8p1023", "0x1p99999999999999999999"] {
            expectErrors([
                (
                    "{{ (1.0).fromhex('\(text)') }}", .arithmetic,
                    "hexadecimal value too large to represent as a float"
                )
            ])
        }
        for text in ["", "0x", "0x.", "p5", "0x1p", "0x1p+", "0x1_0", "--1", "0x-1", "1.1.1", "\u{85}1"] {
            expectErrors([
                ("{{ (1.0).fromhex('\(text)') }}", .value, "invalid hexadecimal floating-point string")
            ])
        }
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
