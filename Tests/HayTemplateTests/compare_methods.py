"""Compares what a template may name with Jinja2, set up as `transformers` sets it up for chat templates.

    compare_methods.py [--count N] [--seed N] -- COMMAND…

COMMAND is what runs `hayloft`. First every name that Python's types and Jinja2's tables have is asked for: those that are
missing here are printed. Then random expressions of `bytes`, of the methods of numbers, and of what depends on chance as
far as its outcome does not, must give the same text, or an error in both. Exits with 1 if one differs.
"""

import argparse
import json
import random
import subprocess
import sys

from transformers.utils.chat_template_utils import _cached_compile_jinja_template as compiled

TEXTS = ["", "a", "ab", "Hello World", "é", "日本", "😀x", "a\tb\nc\r\nd\x1ce", "  pad ", "it's", "\"q\" it's", "x,y,,z", "0f 1A",
         "\x85 \xa0b", "12", "-3.5", "\\", "ÀÉß"]
CODECS = ["", "'utf-8'", "'ascii'", "'latin-1'", "'utf8','ignore'", "'ascii','ignore'", "'ascii','replace'", "'ascii','xmlcharrefreplace'",
          "'latin-1','backslashreplace'", "'utf-16'", "'utf-16-le'", "'UTF_16BE'", "'nope'", "encoding='utf-8',errors='strict'",
          "errors='replace'", "'ascii','backslashreplace'", "'ascii','nope'", "'utf-8','backslashreplace'",
          "'utf-16','backslashreplace'", "'utf-16-be','replace'", "'utf-16-le','ignore'", "'ascii','namereplace'"]
HEXES = ["0x1p99999", "0x1p1023", "0x1p1024", "0x1.fffffffffffff7fffp1023", "0x1.fffffffffffff8p1023", "0x.8p1025", "0x0p99999", "1p-1074",
         "0x1p-1075", "0x1.8p-1075", "0x3p-1075", "-0x1p-99999", "0x1p99999999999999999999", "0x1p-99999999999999999999", "  -0X1.8P+1\t",
         "1.", ".8", "0x.", "p5", "0x1p", "1_0", "nan", "-inf", "Infinity", "1e5", "\x1c1", "0xfffffffffffff8p972", "0x1.00000000000008p0",
         "0x1.000000000000081p0", "--1", "0x-1", "1.1.1", "0x1p1.5", "g", "-", ""]
TABLES = ["'abc'", "['x'] * 130", "range(200)", "'é' * 200", "(1, none)", "B", "[none] * 105", "{104: 'yy', 97: none}", "5", "none",
          "nowhere", "[1.5] * 300", "[true] * 300", "[1114112] * 300", "[-1] * 300", "''", "{'a': 'b'}", "{}.keys()"]
TYPES = {"'ab'": str, "[1]": list, "{'a': 1}": dict, "(1, 2)": tuple, "7": int, "1.5": float, "true": bool, "'ab'.encode()": bytes, "range(3)": range}
UNITS = [0x00, 0x27, 0x41, 0x61, 0x80, 0xBF, 0xC0, 0xC3, 0xA9, 0xD8, 0xDC, 0xE2, 0x82, 0xED, 0xF0, 0x9F, 0x98, 0xF4, 0xFE, 0xFF]
# Escaped strings for web pages and links in them: no use in a prompt.
LEFT_OUT = {"urlize"}

# With S for a text, B for bytes, X for bytes that are seldom text, P for a short piece of bytes, H for a hexadecimal float, T for
# a table, N for a small number, I for an integer, F for a float and C for a codec; between them semicolons.
EXPRESSIONS = """
B ; B|length ; B|list ; B.hex() ; B.hex('-') ; B.hex(':', N) ; B.decode() ; B.decode(C) ; B[N] ; B[N:N] ; B[::-1] ; B[::2]
B + B ; B * N ; N * B ; B == B
B < B ; B >= B ; B != S ; B ~ 'z' ; P in B ; 97 in B ; 300 in B ; 'a' in B ; B.split() ; B.split(P) ; B.rsplit(P, 1)
B.splitlines() ; B.splitlines(true)
B.partition(P) ; B.strip() ; B.strip(P) ; B.upper() ; B.lower() ; B.title() ; B.capitalize() ; B.swapcase() ; B.isalnum()
B.isalpha() ; B.isascii()
B.isdigit() ; B.islower() ; B.isspace() ; B.istitle() ; B.isupper() ; B.expandtabs() ; B.find(P) ; B.rfind(97) ; B.index(P)
B.rindex(32) ; B.count(P)
B.count(999) ; B.find(S) ; B.find(P, 1, N) ; B.startswith(P) ; B.endswith((P, P)) ; B.removeprefix(P) ; B.removesuffix(P) ; B.replace(P, P)
B.replace(P, P, 1) ; P.join([B, P]) ; P.join(B.split()) ; B.center(9, P) ; B.zfill(6) ; B.ljust(7) ; B is string ; B is sequence ; B is iterable
B is mapping ; B is number ; B|first ; B|last ; B|reverse|list ; B|sort ; B|join('-') ; B|sum ; B|max ; B|tojson ; B|string
B|int ; B|float ; B|upper
B|batch(2)|list ; B|unique|list ; {B: 1}[B] ; [B, B]|sort ; 'yes' if B else 'no' ; B.translate(none, P)
B.translate(P.maketrans(P, P))
B.find(P, N) ; B.rfind(P, N, N) ; B.count(P, N, N) ; B.replace(P, P, N) ; (B * 3).count(B) ; (B * 9).rfind(B * 3) ; B in B * 2
X.decode(C) ; X.decode('utf-8', 'backslashreplace') ; X.decode('utf-16', 'backslashreplace') ; X.decode('utf-16-be', 'replace')
X.decode('utf-8', 'replace') ; X.decode('utf-16-le', 'ignore') ; S.encode('ascii', 'namereplace') ; X|string ; X in X ; X.find(X)
(1.0).fromhex(H) ; (1.0).fromhex(H) ; S.translate(T) ; S.translate(T) ; ''.maketrans({'a': 1, 98: S}) ; X.replace(P, X, N)
B.fromhex(S) ; S.translate(''.maketrans('ab', 'xy', 'l')) ; S.translate({97: 'zz', 98: none, 99: 100}) ; ''.maketrans(S, S)
(I).bit_length() ; (I).bit_count() ; (I).conjugate() ; (I).as_integer_ratio() ; (I).to_bytes() ; (I).to_bytes(4)
(I).to_bytes(2, 'little')
(I).to_bytes(2, signed=true) ; (1).from_bytes(B, 'big') ; (1).from_bytes(B, 'little', signed=true) ; (F).hex()
(F).as_integer_ratio()
(F).is_integer() ; (1.0).fromhex(S) ; (1.0).fromhex('-0x1.8p3') ; dict.fromkeys(S) ; dict.fromkeys([1, 2], B)
dict.fromkeys([[1]])
[]|random ; [7]|random ; {}|random ; {1: 2}|random ; 'q'|random ; none|random ; nowhere|random
(['a', 'b']|random) in ['a', 'b']
lipsum(0) ; lipsum(n=0, html=false) ; lipsum(n=2).count('<p>') ; lipsum(1, false, 5, 6).split()|length
lipsum(1, true, 5, 5) ; lipsum is callable
"""


def literal(text):
    """A text as Jinja writes it."""
    return "'" + text.encode("unicode_escape").decode().replace("'", "\\'") + "'"


def expression(rng, pattern):
    """A pattern with random values."""
    text = lambda: literal(rng.choice(TEXTS))
    values = {"S": text, "B": lambda: f"{text()}.encode({rng.choice(CODECS[:9] + [''] * 12)})", "C": lambda: rng.choice(CODECS),
              "P": lambda: f"{literal(rng.choice(['a', 'b', ',', ' ', '', 'x', 'l', 'é', '3']))}.encode()",
              "X": lambda: f"''.encode().fromhex('{bytes(rng.choices(UNITS, k=rng.randrange(8))).hex()}')",
              "H": lambda: literal(rng.choice(HEXES)), "T": lambda: rng.choice(TABLES).replace("B", "'zyx'.encode() * 50"),
              "N": lambda: str(rng.choice([-3, -1, 0, 1, 2, 5])), "I": lambda: str(rng.choice([0, 1, 7, 255, 256, -1, -128, -129, 65536])),
              "F": lambda: rng.choice(["0.5", "1.0", "0.1", "-2.75", "1e300", "5e-324", "0.0"])}
    return "".join(values[letter]() if letter in values else letter for letter in pattern)


def found(command, templates):
    """What the command makes of templates."""
    given = "".join(json.dumps({"template": template, "context": {}}) + "\n" for template in templates)
    done = subprocess.run([*command, "template", "--raw", "--jsonl"], input=given, capture_output=True, encoding="utf-8", check=True)
    return [json.loads(line) for line in done.stdout.rstrip("\n").split("\n")]


def expected(template):
    """What Jinja2 makes of a template."""
    try:
        return compiled(template).render()
    except Exception as error:
        return {"error": repr(error)}


def missing(command):
    """Names that are not there here."""
    environment = compiled("").environment
    asked = {f"{value}.{name}": f"{{{{ ({value}).{name} is defined }}}}" for value, kind in TYPES.items() for name in dir(kind)}
    asked |= {f"filter {name}": f"{{{{ '{name}' is filter }}}}" for name in environment.filters if name not in LEFT_OUT}
    asked |= {f"test {name}": f"{{{{ '{name}' is test }}}}" for name in environment.tests}
    asked |= {f"function {name}": f"{{{{ {name} is defined }}}}" for name in environment.globals}
    results = found(command, asked.values())
    return [name for (name, template), result in zip(asked.items(), results) if result != expected(template)]


def main():
    """Compares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    names = missing(options.command)
    print(f"missing: {', '.join(names) or 'nothing'}")
    rng = random.Random(options.seed)
    known = EXPRESSIONS.strip().replace("\n", " ; ").split(" ; ")
    templates = [f"{{{{ {expression(rng, rng.choice(known))} }}}}" for _ in range(options.count)]
    differing, errors = 0, 0
    for template, result in zip(templates, found(options.command, templates), strict=True):
        right = expected(template)
        if isinstance(right, dict) and isinstance(result, dict):
            errors += 1
        elif right != result and not (isinstance(result, dict) and "64 bits" in result["error"]):
            differing += 1
            print(f"{template}\n  gives    {result!r}\n  expected {right!r}")
    print(f"{len(templates)} expressions, {errors} of them errors, {differing} differ")
    return 1 if differing or names else 0


if __name__ == "__main__":
    sys.exit(main())
