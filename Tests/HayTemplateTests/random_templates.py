"""Random templates and contexts: all of the language's grammar, with types that mostly fit.

`Generator(rng).case()` gives `{"template", "context"}`. An expression is made for a type (`int`, `float`, `str`, `list`,
`dict`, `bool`), which now and then is another one, so that errors come up too.
"""

TYPES = ["int", "float", "str", "list", "dict", "bool"]

NAMES = {
    "int": ["i", "n", "zero"], "float": ["f", "g"], "str": ["s", "t", "empty"], "list": ["l", "words", "users", "mixed"],
    "dict": ["d", "user"], "bool": ["yes", "no"],
}
TEXTS = ["", "a", "Hello World", "foo bar  baz", "ünïcödé", "İstanbul ẞ ß ŉ", "ΑΣ ΣΑΣ", "日本語 テキスト", "😀👍🏽", "e\u0301x", "a\tb",
         "line one\nline two\n\nline four", "  padded  ", "<b>bold</b> & \"quoted\"", "it's", "x,y,,z", "12", "-3.5", "1e3", " 7 ",
         "0x1F", "ab-cd-ef gh", "ǆ ﬁ ǅ", "٣٤", "½", "UPPER lower", "snake_case_word", "a/b?c=d e&f", "\u00a0nb\u2003sp\u3000",
         "{}", "%s", "true", "None", "aXbXc", "\\n", "the quick brown fox jumps over the lazy dog", "content", "role"]
NUMBERS = [0, 1, -1, 2, 3, 5, 7, 10, -10, 42, 99, 100, 255, 1000, 1024, 65536, 1234567, 10**9, 2**53, -2**31]
FLOATS = [0.0, 1.0, -1.0, 0.5, 2.5, 3.5, -2.5, 0.1, 1.1, 3.14159, 1e3, 1e-7, 1e16, 1.5e22, 123456.789, 1e100, 0.30000000000000004,
          99.995, 1234.5678, -0.00001234, 2.675, 1e15, 9.5, 1000000.0, float("inf"), float("nan"), -0.0]
LITERALS = ["''", '"x"', "'it\\'s'", '"\\u00e9\\n"', "'\\x41\\t\\\\'", "'a' 'b'", "'\\d\\101'", "'ß'", "'%'", "'{{'", "'😀'"]


class Generator:
    """Makes cases from a source of random numbers."""

    def __init__(self, rng):
        self.rng = rng
        self.names = {}
        self.macros = []
        self.loops = 0
        self.slips = 0.06

    def case(self):
        """A template and a context that JSON can hold."""
        self.names = {kind: list(names) for kind, names in NAMES.items()}
        self.macros = []
        self.loops = 0
        rng = self.rng
        self.slips = 0.06
        if rng.random() < 0.6:
            template = "".join(self.output() for _ in range(rng.choice([1, 1, 2])))
        else:
            self.slips = 0.01
            template = self.body(rng.choice([2, 3]))
        if rng.random() < 0.06:
            template = self.damaged(template)
        return {"template": template, "context": self.context()}

    # Contexts

    def context(self):
        rng = self.rng
        user = lambda: {"name": rng.choice(TEXTS), "age": rng.choice(NUMBERS), **({"tags": ["a", "b"]} if rng.random() < 0.5 else {}),
                        "role": rng.choice(["user", "system", "Assistant"]), **({"content": rng.choice(TEXTS)} if rng.random() < 0.8 else {})}
        return {
            "i": rng.choice(NUMBERS), "n": rng.choice(NUMBERS), "zero": 0, "f": rng.choice(FLOATS), "g": rng.choice(FLOATS),
            "s": rng.choice(TEXTS), "t": rng.choice(TEXTS), "empty": "", "yes": True, "no": False, "nothing": None,
            "l": [rng.choice(NUMBERS) for _ in range(rng.randrange(6))],
            "words": [rng.choice(TEXTS) for _ in range(rng.randrange(5))],
            "users": [user() for _ in range(rng.randrange(4))], "user": user(),
            "mixed": [self.value(2) for _ in range(rng.randrange(5))],
            "d": {rng.choice(["a", "b", "B", "items", "é", "key 1", "x"]): self.value(2) for _ in range(rng.randrange(5))},
        }

    def value(self, depth):
        rng = self.rng
        kind = rng.randrange(8 if depth else 6)
        if kind < 2:
            return rng.choice(NUMBERS)
        if kind == 2:
            return rng.choice(FLOATS)
        if kind == 3:
            return rng.choice(TEXTS)
        if kind < 6:
            return rng.choice([None, True, False])
        if kind == 6:
            return [self.value(depth - 1) for _ in range(rng.randrange(4))]
        return {rng.choice("abcxyz"): self.value(depth - 1) for _ in range(rng.randrange(4))}

    # Text and statements

    def text(self):
        return self.rng.choice(["", " ", "\n", "  \n", "text", " a ", "\n\n  ", "x\n", "\t", "<|im_start|>", "{ }", "é\n", "\r\n", "%}", "#", "\n  b"])

    def tag(self, inner):
        rng = self.rng
        begin = rng.choice(["{%", "{%", "{%-", "{%+"]) if rng.random() < 0.4 else "{%"
        end = rng.choice(["%}", "-%}", "-%}", "+%}"]) if rng.random() < 0.4 else "%}"
        return begin + rng.choice([" ", " ", "", "\n"]) + inner + " " + end

    def output(self, depth=3):
        rng = self.rng
        begin = rng.choice(["{{", "{{", "{{", "{{-"])
        end = rng.choice(["}}", "}}", "}}", "-}}"])
        return begin + " " + self.expression(rng.choice(TYPES), depth) + " " + end + self.text()

    def body(self, depth):
        parts = []
        for _ in range(self.rng.choice([1, 2, 3, 4])):
            parts.append(self.text())
            parts.append(self.statement(depth))
        parts.append(self.text())
        return "".join(parts)

    def statement(self, depth):
        rng = self.rng
        if depth <= 0 or rng.random() < 0.2:
            return self.output(rng.choice([0, 1]))
        kinds = [self.output, self.set, self.set_block, self.condition, self.loop, self.macro, self.call, self.filter_block, self.with_block,
                 self.comment, self.raw, self.namespace, self.generation, self.loop, self.condition, self.output, self.loop, self.block]
        if self.loops:
            kinds += [self.escape, self.loop_output, self.loop_output]
        if self.macros:
            kinds += [self.invoke, self.invoke]
        return rng.choice(kinds)(depth - 1)

    def name(self, kind):
        """A name that will hold a type from now on."""
        name = self.rng.choice(["a", "b", "c", "x", "y", self.rng.choice(self.names[kind])])
        for names in self.names.values():
            while name in names and len(names) > 1:
                names.remove(name)
        self.names[kind].append(name)
        return name

    def set(self, depth):
        kind = self.rng.choice(TYPES)
        value = self.expression(kind, depth)
        if self.rng.random() < 0.15:
            other = self.expression("int", 1)
            return self.tag(f"set {self.name(kind)}, {self.name('int')} = {value}, {other}")
        return self.tag(f"set {self.name(kind)} = {value}")

    def set_block(self, depth):
        filters = self.rng.choice(["", "", " | upper", " | trim", " | length", " | replace('a', 'b') | trim"])
        body = self.body(depth)
        return self.tag(f"set {self.name('str')}{filters}") + body + self.tag("endset")

    def condition(self, depth):
        rng = self.rng
        text = self.tag("if " + self.expression(rng.choice(["bool", "bool", rng.choice(TYPES)]), depth)) + self.body(depth)
        if rng.random() < 0.3:
            text += self.tag("elif " + self.expression("bool", depth)) + self.body(depth)
        if rng.random() < 0.5:
            text += self.tag("else") + self.body(depth)
        return text + self.tag("endif")

    def loop(self, depth):
        rng = self.rng
        saved = {kind: list(names) for kind, names in self.names.items()}
        kind = rng.randrange(6)
        if kind == 0:
            target, source = "k, v", self.expression("dict", 1) + rng.choice([".items()", "|items", "|dictsort"])
            self.names["str"].append("k")
        elif kind == 1:
            target, source = "a, b", rng.choice(["[[1, 2], [3, 4]]", "[(1, 'x')]", "[(1, 2, 3)]", "words|map('list')", "users|groupby('role')"])
        elif kind == 2:
            target, source = "u", "users"
            self.names["dict"].append("u")
        elif kind == 3:
            target, source = "w", "words"
            self.names["str"].append("w")
        elif kind == 4:
            target, source = "q", rng.choice(["range(3)", "range(1, 9, 3)", "range(n % 7)", "range(3, 0, -1)", "l", "l[:3]", "[]"])
            self.names["int"].append("q")
        else:
            target, source = "e", self.expression(rng.choice(["list", "list", "str", rng.choice(TYPES)]), 2)
        head = f"for {target} in {source}"
        if rng.random() < 0.2:
            head += " if " + self.expression("bool", 1)
        recursive = rng.random() < 0.08
        if recursive:
            head += " recursive"
        self.loops += 1
        body = self.body(depth)
        if recursive:
            body += rng.choice(["{{ loop.depth }}", "{% if loop.depth < 3 %}{{ loop([1, 2]) }}{% endif %}", "{% if loop.depth0 < 2 %}({{ loop(l[1:]) }}){% endif %}"])
        self.loops -= 1
        text = self.tag(head) + body
        if rng.random() < 0.25:
            text += self.tag("else") + self.body(depth - 1)
        self.names = saved
        return text + self.tag("endfor")

    def loop_output(self, depth):
        rng = self.rng
        attribute = rng.choice(["index", "index0", "revindex", "revindex0", "first", "last", "length", "depth", "depth0", "previtem", "nextitem",
                                "cycle('a', 'b')", "cycle(1, 2, 3)", "changed(1)", "changed(loop.index // 2)", "changed()", "nosuch", "previtem is defined",
                                "nextitem is undefined", "cycle()"])
        return "{{ loop." + attribute + rng.choice(["", "", " ~ ','", "|string"]) + " }}"

    def escape(self, depth):
        word = self.rng.choice(["break", "continue"])
        if self.rng.random() < 0.2:
            return self.tag(word)
        return self.tag("if " + self.rng.choice(["loop.index > 1", "loop.first", "loop.last", self.expression("bool", 1)])) + self.tag(word) + self.tag("endif")

    def macro(self, depth):
        rng = self.rng
        name = rng.choice(["m", "m2", "render"])
        parameters = rng.choice(["", "p", "p, r=2", "p=1, r='x'", "p, r=p", "p=n, r=[]", "p, caller=none"])
        saved = {kind: list(names) for kind, names in self.names.items()}
        loops, self.loops = self.loops, 0
        self.names["int"].append("p")
        body = self.body(depth)
        if rng.random() < 0.4:
            body += rng.choice(["{{ caller() }}", "{{ varargs }}", "{{ kwargs }}", "{{ caller(1) if caller else 'none' }}", "{{ p }}{{ r }}", "{{ varargs|length }}{{ kwargs|items|list }}"])
        self.names = saved
        self.loops = loops
        self.macros.append(name)
        return self.tag(f"macro {name}({parameters})") + body + self.tag("endmacro")

    def arguments(self):
        rng = self.rng
        return rng.choice(["", "1", "1, 2", "'é'", "p=3", "1, r=4", "r=5", "1, 2, 3", "1, zz=2", "*[1, 2]", "**{'p': 1}", "*l", "1, p=2", "n", "s, t", "*[1], **{'r': 2}"])

    def invoke(self, depth):
        name = self.rng.choice(self.macros + ["m.name", "m.arguments", "m.catch_kwargs", "m.caller"] if self.rng.random() < 0.2 else self.macros)
        return "{{ " + name + ("" if "." in name else f"({self.arguments()})") + self.rng.choice(["", "", "|upper", "|length"]) + " }}"

    def call(self, depth):
        rng = self.rng
        name = rng.choice(self.macros) if self.macros else "m"
        define = "" if self.macros else "{% macro m(p=1) %}[{{ caller() }}|{{ caller() }}]{% endmacro %}"
        signature = rng.choice(["", "", "", "(z)", "(z=1)", "(z, y=2)"])
        saved = {kind: list(names) for kind, names in self.names.items()}
        loops, self.loops = self.loops, 0
        body = self.body(depth)
        self.names, self.loops = saved, loops
        return define + self.tag(f"call{signature} {name}({self.arguments()})") + body + self.tag("endcall")

    def filter_block(self, depth):
        name = self.rng.choice(["upper", "trim", "replace('a', 'b')", "indent(2)", "indent(2, true)", "length", "title|trim", "escape", "list", "truncate(9)", "wordwrap(10)", "nosuch"])
        return self.tag(f"filter {name}") + self.body(depth) + self.tag("endfilter")

    def with_block(self, depth):
        saved = {kind: list(names) for kind, names in self.names.items()}
        kind = self.rng.choice(TYPES)
        value = self.expression(kind, depth)
        head = self.rng.choice(["with", f"with {self.name(kind)} = {value}", f"with {self.name(kind)} = {value}, b = n", "with a = 1, b = a"])
        text = self.tag(head) + self.body(depth) + self.tag("endwith")
        self.names = saved
        return text

    def block(self, depth):
        name = self.rng.choice(["one", "two", "three", "four"])
        head = self.rng.choice(["block " + name, "block " + name, f"block {name} scoped", f"block {name} required"])
        return self.tag(head) + self.body(depth) + self.tag(self.rng.choice(["endblock", "endblock " + name])) + self.rng.choice(["", "", "{{ self.one() }}", "{{ super() }}"])

    def comment(self, depth):
        return self.rng.choice(["{# c #}", "{#- c -#}", "{# {{ x }} #}", "{#+ c +#}", "{##}", "{#-#}", "{# {% raw %} #}\n", "{#\n#}\n"])

    def raw(self, depth):
        return self.rng.choice(["{% raw %}{{ x }}{% endraw %}", "{%- raw -%} {% if %} {%- endraw -%}", "{% raw %}\n a\n{% endraw %}\n", "  {% raw %} x {%+ endraw +%} "])

    def namespace(self, depth):
        rng = self.rng
        start = rng.choice(["namespace()", "namespace(v=0)", "namespace({'v': 1})", "namespace(v='a', w=[])", "namespace([('v', 2)], z=1)"])
        step = rng.choice(["ns.v + 1", "ns.v ~ 'x'", "[ns.v]", self.expression("int", 1)])
        text = "{% set ns = " + start + " %}"
        if rng.random() < 0.6:
            text += "{% for e in [1, 2, 3] %}{% set ns.v = " + step + " %}{% endfor %}"
        elif rng.random() < 0.5:
            text += "{% set ns.v %}" + self.body(depth) + "{% endset %}"
        else:
            text += "{% set ns.v, ns.w = 1, " + step + " %}"
        return text + rng.choice(["{{ ns.v }}", "{{ ns.w }}", "{{ ns['v'] }}", "{{ ns }}", "{{ ns.v is defined }}", "{{ ns|string }}"])

    def generation(self, depth):
        return self.tag("generation") + self.body(depth) + self.tag("endgeneration")

    def damaged(self, template):
        """The template with a piece taken out, doubled or put in."""
        rng = self.rng
        start = rng.randrange(len(template) + 1)
        end = min(len(template), start + rng.choice([0, 1, 1, 2, 3, 6]))
        kind = rng.randrange(3)
        if kind == 0:
            return template[:start] + template[end:]
        if kind == 1:
            return template[:end] + template[start:]
        junk = rng.choice(["(", ")", "[", "]", "{", "}", "{{", "}}", "{%", "%}", "{#", "#}", "|", ".", ",", ":", "'", '"', " is ", " not ", " in ", " if ", " else ",
                           "=", "==", "!", "$", "\\", "-", "+", "~", "*", "1", "1.", ".5", "1e", "_", "é", " and ", " or ", "\n", "0", "0x", "-%}", ";", "@", "²", "?"])
        return template[:start] + junk + template[start:]

    # Expressions

    def expression(self, kind, depth):
        rng = self.rng
        if rng.random() < self.slips:
            kind = rng.choice(TYPES)
        if depth <= 0 or rng.random() < 0.15:
            return self.atom(kind)
        chance = rng.random()
        if chance < 0.04:
            condition, value = self.expression("bool", depth - 1), self.expression(kind, depth - 1)
            return f"({value} if {condition}" + (f" else {self.expression(kind, depth - 1)})" if rng.random() < 0.7 else ")")
        if chance < 0.08:
            return f"({self.expression(kind, depth - 1)} {rng.choice(['and', 'or'])} {self.expression(kind, depth - 1)})"
        if chance < 0.12:
            return f"({self.expression(kind, depth - 1)})"
        return getattr(self, "make_" + kind)(depth - 1)

    def atom(self, kind):
        rng = self.rng
        if rng.random() < self.slips / 2:
            return rng.choice(["nosuch", "none", "None", "nothing", "user.nosuch", "l[99]", "d['nosuch']", "true", "range(3)", "()", "(1,)", "(1, 'a')", "(1.0, 2)", "''|safe", "'<i>'|safe", "True", "s.nosuch",
                               "user.nosuch.deep", "nosuch.deep", "l.x", "s.__class__", "l.append(1)", "d.__len__()", "loop", "self", "namespace(a=1)", "range(n % 5)", "1 in l", "dict(a=1)", "cycler('a', 'b').next()", "joiner()()"])
        if rng.random() < 0.45:
            return rng.choice(self.names[kind])
        if kind == "int":
            return rng.choice(["0", "1", "2", "3", "7", "10", "-1", "-5", "100", "1_000", "0x1f", "0b101", "0o17", str(rng.choice(NUMBERS)), "٣" if rng.random() < 0.1 else "4"])
        if kind == "float":
            return rng.choice(["0.5", "2.5", "1e3", "-1.5", "1.0", "3.14", "1_0.2_5", "1e-5", repr(rng.choice(FLOATS[:-3]))])
        if kind == "str":
            return rng.choice(LITERALS + [self.quoted(rng.choice(TEXTS))] * 3)
        if kind == "list":
            return "[" + ", ".join(self.atom(rng.choice(TYPES[:3])) for _ in range(rng.randrange(4))) + "]"
        if kind == "dict":
            keys = ["'a'", "'b'", "1", "1.0", "true", "none", "'é'", "(1, 2)", "s"]
            return "{" + ", ".join(f"{rng.choice(keys)}: {self.atom(rng.choice(TYPES[:3]))}" for _ in range(rng.randrange(4))) + "}"
        return rng.choice(["true", "false", "True", "False"])

    def quoted(self, text):
        quote = self.rng.choice("'\"")
        return quote + text.replace("\\", "\\\\").replace(quote, "\\" + quote).replace("\n", "\\n") + quote

    def number(self, depth):
        return self.expression(self.rng.choice(["int", "int", "float", "bool"]), depth)

    def make_int(self, depth):
        rng = self.rng
        kind = rng.randrange(9)
        if kind < 3:
            return f"{self.wrapped('int', depth)} {rng.choice(['+', '-', '*', '//', '%'])} {self.wrapped('int', depth)}"
        if kind == 3:
            return f"{rng.choice(['-', '+', '- -'])}{self.wrapped('int', depth)}"
        if kind == 4:
            return f"{self.wrapped('int', 0)} ** {rng.choice(['0', '1', '2', '3', '-1', '0.5'])}"
        if kind == 5:
            return self.method("str", ["find(%s)", "count(%s)", "rfind(%s)", "index(%s)", "rindex(%s)", "find(%s, 1)", "count(%s, 1, -1)", "find(%s, -3)", "count(%s, 0, 5)"], depth)
        if kind == 6:
            return self.wrapped("list", depth) + rng.choice([".count(1)", ".index(1)", "|length", "|count", "[0]", "[-1]", "|first", "|last", "|sum", "|max", "|min", "|sum(start=2)", "[5]", ".0", "|random if false else 1"])
        if kind == 7:
            return self.wrapped(rng.choice(["float", "str", "int"]), depth) + rng.choice(["|int", "|int(7)", "|int(default=3)", "|int(0, 16)", "|int(base=2)", "|int(1, 0)", "|length", "|wordcount", "|abs", "|round|int", "|int(0, 8)", "|int(base=36)"])
        return self.wrapped("int", depth) + rng.choice(["|abs", "|round", "|int", "|round(-1)", "|default(3)", ".real", ".numerator", ".bit_length() if false else 2", "|round(2, 'floor')|int"])

    def make_float(self, depth):
        rng = self.rng
        kind = rng.randrange(5)
        if kind < 2:
            return f"{self.number(depth)} {rng.choice(['+', '-', '*', '/', '//', '%'])} {self.wrapped('float', depth)}"
        if kind == 2:
            return self.wrapped(rng.choice(["float", "int"]), depth) + rng.choice(["|round", "|round(1)", "|round(2)", "|round(0, 'ceil')", "|round(1, 'floor')", "|round(method='ceil')", "|round(precision=3)", "|abs", "|round(-2)", "|round(1, 'common')", "|round(1, 'x')", "|round(20)"])
        if kind == 3:
            return self.wrapped(rng.choice(["str", "int", "float"]), depth) + rng.choice(["|float", "|float(1.5)", "|float(default=0.1)"])
        return f"{self.wrapped('int', depth)} / {self.wrapped('int', depth)}"

    def wrapped(self, kind, depth):
        """An expression that what follows binds to: in parentheses unless it is a name or a literal."""
        text = self.expression(kind, depth)
        return text if text.replace("_", "a").isalnum() and not text[0].isdigit() else f"({text})"

    def method(self, kind, calls, depth):
        rng = self.rng
        call = rng.choice(calls)
        while "%s" in call:
            call = call.replace("%s", rng.choice(["'a'", "' '", "'o'", "''", "','", "'X'", "'line'", "'é'", "s", "'ab'", "'-'"]) if rng.random() < 0.93 else self.atom(rng.choice(TYPES)), 1)
        return self.wrapped(kind, depth) + "." + call

    STR_METHODS = ["upper()", "lower()", "title()", "capitalize()", "casefold()", "swapcase()", "strip()", "lstrip()", "rstrip()", "strip(%s)", "lstrip(%s)", "rstrip(%s)", "strip(none)",
                   "replace(%s, %s)", "replace(%s, %s, 1)", "replace(%s, %s, -1)", "center(12)", "center(12, '*')", "ljust(9)", "ljust(9, '.')", "rjust(9)", "rjust(9, 'é')", "zfill(8)", "join(words)",
                   "join(['a', 'b'])", "join(s)", "removeprefix(%s)", "removesuffix(%s)", "expandtabs()", "expandtabs(4)", "format(1, 2)", "format(a=1)", "split(%s)[0]", "split()[-1]", "partition(%s)[2]",
                   "rpartition(%s)[0]", "splitlines()[0]", "zfill(3)", "center(3, '')", "format_map({'a': 1})", "upper(1)", "join(l)", "join(mixed)", "expandtabs(tabsize=2)", "encode() if false else 'x'"]
    STR_FILTERS = ["upper", "lower", "title", "capitalize", "trim", "trim('a')", "trim(chars=' x')", "replace('a', 'b')", "replace('o', '0', 1)", "replace('', '.')", "replace(old='a', new='é')", "center(20)", "center", "center(width=7)",
                   "indent", "indent(2)", "indent(2, true)", "indent(width=3, blank=true)", "indent('> ')", "indent(first=True)", "truncate(8)", "truncate(8, true)", "truncate(5, true, '…')",
                   "truncate(9, false, '..', 0)", "truncate(length=6, leeway=0)", "truncate(end='')", "truncate(2)", "wordwrap(8)", "wordwrap(10, false)", "wordwrap(6, wrapstring='|')", "wordwrap(5, break_on_hyphens=false)",
                   "wordwrap", "striptags", "escape", "e", "forceescape", "safe", "string", "urlencode", "reverse", "first", "last", "default('x')", "d('y', true)", "default(boolean=true)", "list|join", "list|join('-')",
                   "escape|upper", "safe|replace('<', '>')", "e|e", "safe|escape", "string|length", "wordcount", "tojson", "tojson(ensure_ascii=true)", "upper|lower", "trim|title", "center(9)|length", "random if false", "list|last",
                   "format(1)", "format('a', 'b')", "urlencode|length", "batch(2)|list", "slice(2)|list", "sort", "sort|join", "unique|join", "map('upper')|join", "select('==', 'a')|list", "max", "min", "title|string", "nosuch", "pprint"]
    ANY_FILTERS = ["string", "tojson", "tojson(indent=2)", "tojson(2)", "tojson(indent='--')", "tojson(ensure_ascii=True)", "tojson(sort_keys=true)", "tojson(separators=(',', ':'))", "tojson(indent=0)",
                   "tojson(true, 1, ('; ', '='), true)", "tojson(indent=1, sort_keys=true)", "string|length", "default('x')", "urlencode", "e", "pprint", "list", "length", "upper", "first", "last", "string|upper",
                   "filesizeformat", "filesizeformat(true)", "filesizeformat(binary=True)", "trim", "abs", "int", "float", "title", "items|list", "dictsort", "attr('name')", "attr('upper')", "xmlattr", "wordcount", "capitalize",
                   "join(', ')", "map('string')|join", "format", "center(12)", "replace('1', '2')", "truncate(3)", "indent", "reverse", "count", "sum", "max", "batch(3)|list", "striptags", "sort", "unique|list", "safe", "forceescape"]

    def make_str(self, depth):
        rng = self.rng
        kind = rng.randrange(14)
        if kind < 3:
            return self.method("str", self.STR_METHODS, depth)
        if kind < 6:
            return self.wrapped("str", depth) + "|" + rng.choice(self.STR_FILTERS)
        if kind < 8:
            return self.wrapped(rng.choice(TYPES), depth) + "|" + rng.choice(self.ANY_FILTERS)
        if kind == 8:
            return f"{self.wrapped(rng.choice(TYPES), depth)} ~ {self.wrapped(rng.choice(TYPES), depth)}"
        if kind == 9:
            return f"{self.wrapped('str', depth)} {rng.choice(['+', '+', '+', '*'])} {self.wrapped(rng.choice(['str', 'str', 'str', 'int']), 0)}"
        if kind == 10:
            return self.wrapped("str", depth) + self.slice()
        if kind == 11:
            return self.percent()
        if kind == 12:
            return self.brace()
        return self.wrapped("dict", depth) + rng.choice([".name", "['name']", ".get('name')", ".get('nosuch', 'x')", ".get('nosuch')", "['role']|lower", ".items", "|xmlattr", ".keys()|join", "|join(',')", "|urlencode", "|tojson", "|attr('name')", "[1]", ".a", ".get()", ".update({})", ".pop('a')"])

    def slice(self):
        part = lambda: self.rng.choice(["", "", "0", "1", "2", "-1", "-2", "99", "-99", "n", "none", "'a'"])
        text = part() + ":" + part()
        if self.rng.random() < 0.4:
            text += ":" + self.rng.choice(["", "1", "2", "-1", "-2", "0", "none"])
        return f"[{text}]" if self.rng.random() < 0.8 else f"[{part() or 0}]"

    def percent(self):
        rng = self.rng
        count = rng.choice([1, 1, 1, 2, 3])
        parts, values = [], []
        for _ in range(count):
            flags = "".join(rng.choice("-+ #0") for _ in range(rng.choice([0, 0, 1, 2])))
            width = rng.choice(["", "", "1", "5", "12", "*"])
            precision = rng.choice(["", "", ".0", ".1", ".3", ".10", ".", ".*"])
            letter = rng.choice("sdrfgeixXoEGFcau%s")
            parts.append("%" + flags + width + precision + letter)
            values += [rng.choice(["3", "7", "-4"]) for star in (width, precision) if "*" in star]
            if letter != "%":
                numeric = letter in "dfgeixXoEGFu"
                values.append(self.expression(rng.choice(["int", "float"]) if numeric and rng.random() < 0.95 else rng.choice(TYPES), 1))
        if rng.random() < 0.07:
            values.append("1")
        if rng.random() < 0.1:
            return "'%(name)" + rng.choice(["s", "5s", "r", "-9s|", "d"]) + "' % " + rng.choice(["user", "d", "{'name': 1}"])
        text = self.quoted(" ".join(parts))
        if rng.random() < 0.3:
            return f"{text}|format({', '.join(values)})"
        return f"{text} % " + (f"({values[0]})" if len(values) == 1 and rng.random() < 0.5 else "(" + "".join(value + ", " for value in values) + ")")

    def brace(self):
        rng = self.rng
        if rng.random() < 0.15:
            text = rng.choice(["{0} {1} {0}", "{} {}", "{a} {b}", "{0.name}", "{0[name]}", "{0[0]}", "{{}} {}", "{", "}", "{0} {}", "{!r}", "{!s:>5}", "{!a}", "{:{}}", "{:{w}}", "{0:>{1}}", "{a.b}", "{:}", "{!x}", "{0!r:^20}|", "{[1]}", "{.name}"])
            return self.quoted(text) + rng.choice([".format(1, 2)", ".format(user, 9)", ".format('é', 7)", ".format(a=1, b=2)", ".format(words, 5)", ".format(*l)", ".format(**d)", ".format(3, w=4)", ".format()"])
        spec = ""
        if rng.random() < 0.4:
            spec += rng.choice(["", "*", "0", "é", " "]) + rng.choice("<>^=")
        spec += rng.choice(["", "", "", "+", "-", " "]) + rng.choice(["", "", "", "z" if rng.random() < 0.3 else "", "#"]) + rng.choice(["", "", "0"]) + rng.choice(["", "", "3", "8", "15"]) + rng.choice(["", "", "", ",", "_"])
        spec += rng.choice(["", "", "", ".0", ".1", ".2", ".5", ".12"])
        letter = rng.choice(["", "", "d", "f", "g", "e", "s", "x", "b", "o", "X", "%", "n", "c", "E", "G", "F"])
        spec += letter
        kind = rng.choice(["int", "float"]) if letter not in ("s", "") else rng.choice(TYPES[:3])
        if rng.random() < 0.07:
            kind = rng.choice(TYPES)
        return f"'{{:{spec}}}'.format({self.expression(kind, 1)})"

    LIST_FILTERS = ["list", "sort", "sort(reverse=true)", "sort(true)", "sort(case_sensitive=true)", "sort(false, true)", "unique|list", "unique(true)|list", "reverse|list", "batch(2)|list", "batch(2, 'x')|list", "batch(linecount=3, fill_with=0)|list",
                    "slice(2)|list", "slice(3, 'x')|list", "map('string')|list", "map('upper')|list", "map('default', 'x')|list", "map('int')|list", "map('round', 1)|list", "select|list", "reject|list", "select('odd')|list", "select('defined')|list",
                    "reject('none')|list", "select('string')|list", "select('>', 2)|list", "select('in', [1, 2])|list", "select('divisibleby', 2)|list", "map('length')|list", "map('nosuch')|list", "select('nosuch')|list", "map|list", "first", "last", "tojson",
                    "map(attribute='name')|list", "map(attribute='name', default='?')|list", "map(attribute=0)|list", "sort(attribute='age')", "unique(attribute='name')|list", "sum(attribute='age')", "min(attribute='age')", "max(true)", "join(attribute='name')",
                    "sum(start=[])", "list|length", "map('abs')|list", "map('tojson')|list", "map('replace', 'a', 'b')|list", "select('equalto', 1)|list", "pprint", "batch(0)|list", "slice(0)|list", "reverse|first", "select('mapping')|list",
                    "map('trim')|list", "map('attr', 'name')|list", "map('first')|list", "sort|first", "map('list')|list", "reject('lt', 5)|list", "sort|unique|list", "batch(n % 4)|list", "slice(n % 4)|list", "unique|sort(reverse=true)"]
    USER_FILTERS = ["map(attribute='name')|list", "map(attribute='nosuch')|list", "map(attribute='nosuch', default='-')|list", "selectattr('tags')|list|length", "selectattr('name', 'defined')|map(attribute='age')|list", "rejectattr('role', 'equalto', 'user')|map(attribute='role')|join(',')",
                    "selectattr('age', '>', 5)|list|count", "sort(attribute='name')|map(attribute='name')|join('|')", "sort(attribute='role,age')|map(attribute='age')|list", "groupby('role')|list", "groupby('age')|map('first')|list", "groupby('content', default='')|map(attribute='grouper')|list",
                    "groupby('role', case_sensitive=true)|map(attribute='list')|map('length')|list", "unique(attribute='role')|map(attribute='role')|list", "sum(attribute='age')", "max(attribute='age')", "min(attribute='name')", "join(', ', attribute='name')", "map('items')|map('list')|list",
                    "sort(attribute='age', reverse=true)|first", "map(attribute='tags.0')|list", "map(attribute='tags.0', default='none')|list", "groupby(attribute='role')|length", "tojson(indent=2)", "map('dictsort')|list", "selectattr('nosuch', 'undefined')|list|length", "pprint", "rejectattr('tags')|list",
                    "groupby('role', 'x')|first", "selectattr()|list", "map('upper')|list", "map(attribute='name')|map('upper')|sort|list"]

    def make_list(self, depth):
        rng = self.rng
        kind = rng.randrange(10)
        if kind < 4:
            return self.wrapped("list", depth) + "|" + rng.choice(self.LIST_FILTERS)
        if kind == 4:
            return "users|" + rng.choice(self.USER_FILTERS)
        if kind == 5:
            return self.wrapped("list", depth) + self.slice()
        if kind == 6:
            return f"{self.wrapped('list', depth)} {rng.choice(['+', '+', '*'])} {self.wrapped(rng.choice(['list', 'list', 'int']), 0)}"
        if kind == 7:
            return self.method("str", ["split()", "split(%s)", "split(%s, 1)", "rsplit(%s, 1)", "split(none, 1)", "rsplit()", "splitlines()", "splitlines(true)", "partition(%s)", "rpartition(%s)", "split(sep=%s, maxsplit=1)", "splitlines(keepends=true)", "rsplit(none, 1)", "split(maxsplit=1)"], depth)
        if kind == 8:
            return self.wrapped("dict", depth) + rng.choice(["|dictsort", "|dictsort(true)", "|dictsort(by='value')", "|dictsort(false, 'key', true)", "|items|list", ".items()|list", ".keys()|list", ".values()|list", "|list", "|dictsort(reverse=true)", ".items()", ".keys()", ".values()", "|sort", "|unique|list", "|items"])
        return rng.choice(["range(5)|list", "range(2, 20, 5)|list", "range(n % 9)|list", "[" + ", ".join(self.expression(rng.choice(TYPES), depth) for _ in range(rng.randrange(4))) + "]", "(" + "".join(self.expression(rng.choice(TYPES), depth) + ", " for _ in range(rng.randrange(1, 4))) + ")",
                           "range(10)[2:8:3]|list", "range(5)|reverse|list", "range(5, 0, -2)", "range(3)"])

    def make_dict(self, depth):
        rng = self.rng
        return rng.choice([
            lambda: "{" + ", ".join(f"{self.expression(rng.choice(['str', 'str', 'int']), depth)}: {self.expression(rng.choice(TYPES), depth)}" for _ in range(rng.randrange(4))) + "}",
            lambda: f"dict({self.wrapped('dict', depth)}, z={self.expression('int', depth)})", lambda: "dict(a=1, b='x')", lambda: "users|first", lambda: self.wrapped("dict", depth) + ".copy()",
            lambda: "dict([('a', 1), ('b', 2)])", lambda: "dict(l)", lambda: "dict(" + self.expression("list", depth) + ")",
        ])()

    TESTS = ["defined", "undefined", "none", "string", "number", "integer", "float", "boolean", "true", "false", "mapping", "sequence", "iterable", "callable", "odd", "even", "divisibleby 3", "divisibleby(2)", "eq 1", "equalto(2)", "== 'a'", "ne 3", "lt 5", "lessthan(2)", "gt 0", "ge 1", "le 2", "in [1, 2]", "in l", "in s",
             "in d", "sameas none", "sameas(true)", "lower", "upper", "escaped", "filter", "test", "nosuch", "greaterthan 1", "not none", "not defined", "not odd", "in 'abc'", "sameas false", "not in words"]

    def make_bool(self, depth):
        rng = self.rng
        kind = rng.randrange(9)
        if kind < 2:
            same = rng.choice(TYPES)
            other = same if rng.random() < 0.8 else rng.choice(TYPES)
            chain = f" {rng.choice(['<', '==', '>='])} {self.wrapped(other, 0)}" if rng.random() < 0.15 else ""
            return f"{self.wrapped(same, depth)} {rng.choice(['==', '!=', '<', '<=', '>', '>='])} {self.wrapped(other, depth)}{chain}"
        if kind == 2:
            return f"not {self.wrapped(rng.choice(TYPES), depth)}"
        if kind == 3:
            return f"{self.wrapped(rng.choice(TYPES), depth)} {rng.choice(['in', 'not in'])} {self.wrapped(rng.choice(['list', 'str', 'dict', rng.choice(TYPES)]), depth)}"
        if kind < 6:
            return f"{self.wrapped(rng.choice(TYPES), depth)} is {rng.choice(self.TESTS)}"
        if kind == 6:
            return self.method("str", ["startswith(%s)", "endswith(%s)", "startswith((%s, %s))", "isdigit()", "isalpha()", "isalnum()", "isupper()", "islower()", "isspace()", "istitle()", "isnumeric()", "isdecimal()", "isascii()", "isidentifier()", "isprintable()",
                                       "startswith(%s, 1)", "endswith(%s, 0, 4)", "startswith(%s, -3, 99)", "startswith([%s])"], depth)
        if kind == 7:
            return f"{self.wrapped('bool', depth)} {rng.choice(['and', 'or', '==', 'and not'])} {self.wrapped('bool', depth)}"
        return rng.choice(["nosuch is defined", "user.name is defined", "user.nosuch is defined", "users[0].name is string", "'name' in user", "loop is defined", "range is callable", "'upper' is filter", "'odd' is test", "f.is_integer()", "(1, 2) < (1, 3)", "[1] == [1.0]", "1 == true", "none is none", "d == d", "d is mapping"])
