"""Random schemas, with texts that obey them and texts that do not, judged by the `jsonschema` library.

    python random_schemas.py check N [SEED]     make N schemas, let Hayloft write texts for them, and validate those
    python random_schemas.py write N            write random_schemas.json: N schemas with texts and the library's verdict

`check` runs `swift test` with the environment that WalkTests waits for. Needs: pip install 'jsonschema[format]' rfc3987
"""

import json
import os
import random
import subprocess
import sys
import tempfile
from decimal import Decimal

from jsonschema import Draft202012Validator

NAMES = ["a", "b", "name", "value", "kind", "item count", "ключ", "a/b", "x~y", 'quo"te', "émile", "next", ""]
PATTERNS = [
    ("^[a-z]{2,5}$", ["ab", "hello"]),
    ("^\\d{3}-\\d{4}$", ["555-1234"]),
    ("b+c", ["abbc", "bc", "xxbcyy"]),
    ("^(red|green|blue)$", ["red", "blue"]),
    ("^[^x]*$", ["", "hello"]),
    ("^\\w+@\\w+\\.com$", ["a@b.com"]),
    ("^.{0,3}$", ["", "abc"]),
    ("é|ü", ["é", "aü"]),
    ("^\\S+ \\S+$", ["a b"]),
    ("^[A-F0-9]{4}(-[A-F0-9]{4})*$", ["ABCD", "00FF-1234"]),
    ("[\"\\\\/]", ['a"', "\\", "x/y"]),
    ("^a|b$", ["a", "xb", "az"]),
    ("^\\W\\D\\s?$", ["+a", "- "]),
    ("^[\\u4e00-\\u9fff]+$", ["中文"]),
    ("^\\p", None),
]
FORMATS = {
    "date": ["2024-02-29", "1999-12-31"],
    "time": ["12:30:00Z", "23:59:59.123+01:00"],
    "date-time": ["2024-02-29T12:30:00Z"],
    "email": ["jane.doe@example.com"],
    "uuid": ["123e4567-e89b-12d3-a456-426614174000"],
    "ipv4": ["127.0.0.1", "255.255.255.255"],
    "ipv6": ["::1", "2001:db8::8a2e:370:7334"],
    "hostname": ["example.com", "a.b.example.org"],
    "uri": ["https://example.com/a?b=c#d"],
    "duration": ["P1Y2M3DT4H5M6S", "PT5M", "P2W"],
}
ANY = [None, True, 3, -2.5, "text", [1, "a"], {"k": []}]
LONG = [2**53, 2**63, 2**64, 10**18, 10**19, 10**23, 10**40]


class Maker:
    """Makes a schema together with a function that gives values which obey it."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.defs = {}

    def schema(self):
        r = self.random
        if r.random() < 0.25:
            self.recursive()
        schema, sample = self.value(0)
        if self.defs:
            if isinstance(schema, bool):
                schema = {"allOf": [schema]} if schema else {"type": "null"}
                sample = (lambda: None) if schema == {"type": "null"} else sample
            schema = dict(schema)
            schema["$defs"] = self.defs
        return schema, sample

    def recursive(self):
        """A list or a tree that refers to itself."""
        r = self.random
        inner, sample = self.leaf()
        if r.random() < 0.5:
            self.defs["node"] = {
                "type": "object",
                "properties": {"value": inner, "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}},
                "required": ["value", "next"],
                "additionalProperties": False,
            }

            def make(depth=0):
                return {"value": sample(), "next": None if depth > 2 or r.random() < 0.5 else make(depth + 1)}
        else:
            self.defs["node"] = {
                "type": "object",
                "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/node"}, "maxItems": 3}},
            }

            def make(depth=0):
                if r.random() < 0.3:
                    return {}
                count = 0 if depth > 2 else r.randint(0, 3)
                return {"children": [make(depth + 1) for _ in range(count)]}

        self.node = make

    def value(self, depth):
        r = self.random
        choices = [self.leaf] * 5
        if depth < 3:
            choices += [lambda: self.object(depth)] * 4 + [lambda: self.array(depth)] * 3
            choices += [lambda: self.any_of(depth), lambda: self.all_of(depth), lambda: self.one_of(depth)]
        if "node" in self.defs:
            choices += [lambda: ({"$ref": "#/$defs/node"}, lambda: self.node())]
        schema, sample = r.choice(choices)()
        if isinstance(schema, dict) and r.random() < 0.1:
            schema = {**schema, "description": "words", "title": "Title"}
        return schema, sample

    def leaf(self):
        r = self.random
        numbers = [self.number, self.integer, self.integer, self.long_integer, self.long_number]
        return r.choice([self.string, self.string, *numbers, self.constant, self.simple])()

    def simple(self):
        r = self.random
        return r.choice(
            [
                ({"type": "null"}, lambda: None),
                ({"type": "boolean"}, lambda: r.random() < 0.5),
                ({"type": ["string", "null"]}, lambda: r.choice([None, "s"])),
                ({"type": ["integer", "boolean"]}, lambda: r.choice([True, 17])),
                ({}, lambda: r.choice(ANY)),
                (True, lambda: r.choice(ANY)),
            ]
        )

    def constant(self):
        r = self.random
        values = [1, 1.5, "a", "b", None, True, "zwölf", 'q"\\\n', [1, {"x": 2}], {"a": [], "b": {}}, -7, 1e20, ""]
        values += [r.choice([1, -1]) * (r.choice(LONG) + r.randint(-2, 2)), 1e23]
        if r.random() < 0.3:
            value = r.choice(values)
            return {"const": value}, lambda: value
        some = r.sample(values, r.randint(1, 5))
        schema = {"enum": some}
        if r.random() < 0.3:
            kinds = [v for v in some if isinstance(v, str)]
            if kinds:
                return {"type": "string", "enum": some}, lambda: r.choice(kinds)
        return schema, lambda: r.choice(some)

    def string(self):
        r = self.random
        kind = r.randint(0, 4)
        if kind == 0:
            return {"type": "string"}, lambda: r.choice(["", "text", 'with "quotes"\n', "日本", "😀"])
        if kind == 1:
            low, high = r.randint(0, 4), r.randint(4, 9)
            schema = {"type": "string"}
            if r.random() < 0.7:
                schema["minLength"] = low
            if r.random() < 0.7:
                schema["maxLength"] = high
            return schema, lambda: "é😀abcdefgh"[: r.randint(low, high)]
        if kind == 2:
            name = r.choice(list(FORMATS))
            return {"type": "string", "format": name}, lambda: r.choice(FORMATS[name])
        pattern, samples = r.choice(PATTERNS[:-1])
        schema = {"type": "string", "pattern": pattern}
        if r.random() < 0.3:
            low, high = min(map(len, samples)), max(map(len, samples)) + r.randint(0, 3)
            schema.update({"minLength": low, "maxLength": high})
        return schema, lambda: r.choice(samples)

    def integer(self):
        r = self.random
        schema = {"type": "integer"}
        low, high = -(10**6), 10**6
        if r.random() < 0.6:
            low = r.choice([0, 1, -5, 10, 99, -1000, 12345, -(2**31)])
            key = r.choice(["minimum", "exclusiveMinimum"])
            schema[key] = low
            low += key == "exclusiveMinimum"
        if r.random() < 0.6:
            high = low + r.choice([0, 1, 5, 100, 12345, 10**9])
            key = r.choice(["maximum", "exclusiveMaximum"])
            schema[key] = high + (key == "exclusiveMaximum")
        step = 1
        if r.random() < 0.25 and high - low > 200:
            step = r.choice([2, 3, 5, 7, 10, 60])
            schema["multipleOf"] = step
        high = max(low, high)
        return schema, lambda: -(-r.randint(low, high) // step) * step if step == 1 else -(-low // step) * step

    def long(self):
        """An integer near one from which on floats or machine words are too small."""
        r = self.random
        return r.choice([1, 1, -1]) * (r.choice(LONG) + r.choice([0, 1, -1, 3, r.randint(-(10**6), 10**6)]))

    def long_integer(self):
        r = self.random
        schema, low, high = {"type": "integer"}, -(10**45), 10**45
        if r.random() < 0.6:
            low = self.long()
            key = r.choice(["minimum", "exclusiveMinimum"])
            # Of a float that is not its shortest decimal Hayloft keeps to both, and so leaves out what lies between.
            isPlain = Decimal(repr(float(low))) == Decimal(float(low))
            schema[key] = float(low) if isPlain and r.random() < 0.4 else low
            low = int(schema[key]) + (key == "exclusiveMinimum")
        if r.random() < 0.6:
            high = low + r.choice([0, 1, 5, 1000, 10**9, abs(low), 10**30])
            key = r.choice(["maximum", "exclusiveMaximum"])
            schema[key] = high + (key == "exclusiveMaximum")
        step = r.choice([7, 10, 60]) if r.random() < 0.2 and high - low > 200 else 1
        if step > 1:
            schema["multipleOf"] = step
        return schema, lambda: -(-r.randint(low, high) // step) * step if step == 1 else -(-low // step) * step

    def long_number(self):
        r = self.random
        schema = {"type": "number"}
        low = r.choice([self.long, lambda: r.uniform(-1, 1) * 10.0 ** r.randint(-320, 300), lambda: r.choice([0, 0.3])])()
        width = r.choice([0, abs(low) * 1e-15, abs(low), 10.0 ** r.randint(-5, 300)])
        if r.random() < 0.7:
            schema[r.choice(["minimum", "exclusiveMinimum"])] = low
        if r.random() < 0.5:
            schema[r.choice(["maximum", "exclusiveMaximum"])] = low + width
        return schema, lambda: r.choice([low, low + width, low + width * r.random(), int(low) + 1 if abs(low) < 1e20 else low])

    def number(self):
        r = self.random
        schema = {"type": "number"}
        low, high = -1000.0, 1000.0
        if r.random() < 0.6:
            low = r.choice([0, 0.5, -0.25, 1e-3, -273.15, 3.14159, -1e6, 99.99])
            schema[r.choice(["minimum", "exclusiveMinimum"])] = low
        if r.random() < 0.6:
            high = round(low + r.choice([0.1, 0.5, 1, 10.75, 1e4]), 6)
            schema[r.choice(["maximum", "exclusiveMaximum"])] = high
        high = max(low + 0.02, high)
        return schema, lambda: round(low + (high - low) * r.uniform(0.1, 0.9), 4)

    def object(self, depth):
        r = self.random
        names = r.sample(NAMES, r.randint(0, 4))
        properties, samples = {}, {}
        for name in names:
            properties[name], samples[name] = self.value(depth + 1)
        required = [n for n in names if r.random() < 0.5]
        schema = {"type": "object"}
        if r.random() < 0.1:
            del schema["type"]
        if names or r.random() < 0.5:
            schema["properties"] = properties
        elif "type" not in schema:
            schema["type"] = "object"
        if required:
            schema["required"] = required
        extra = None
        kind = r.random()
        if kind < 0.4:
            schema["additionalProperties"] = False
        elif kind < 0.6:
            schema["additionalProperties"], extra = self.value(depth + 1)
        elif kind < 0.75:
            inner, inner_sample = self.value(depth + 1)
            schema["patternProperties"] = {r.choice(["^x-", "_id$", "^[0-9]+$"]): inner}
            if r.random() < 0.5:
                schema["additionalProperties"] = False
        if r.random() < 0.15:
            schema["maxProperties"] = len(required) + r.randint(0, 3)
        if r.random() < 0.15:
            schema["minProperties"] = r.randint(0, len(names) + (1 if extra else 0))
        if r.random() < 0.1:
            schema["propertyNames"] = {"pattern": "^[a-z_]*$"}

        def sample():
            value = {n: samples[n]() for n in names if n in required or r.random() < 0.6}
            if extra and r.random() < 0.5:
                value["zz"] = extra()
            return value

        return schema, sample

    def array(self, depth):
        r = self.random
        schema, low, high = {"type": "array"}, 0, 3
        if r.random() < 0.5:
            low = r.randint(0, 3)
            schema["minItems"] = low
        if r.random() < 0.5:
            high = low + r.randint(0, 3)
            schema["maxItems"] = high
        high = max(low, high)
        if r.random() < 0.25:
            firsts = [self.value(depth + 1) for _ in range(r.randint(1, 3))]
            schema["prefixItems"] = [f[0] for f in firsts]
            if r.random() < 0.5:
                schema["items"] = False
            return schema, lambda: [f[1]() for f in firsts[: max(low, r.randint(0, len(firsts)))]]
        inner, sample = self.value(depth + 1)
        if r.random() < 0.9:
            schema["items"] = inner
        return schema, lambda: [sample() for _ in range(r.randint(low, high))]

    def any_of(self, depth):
        options = [self.value(depth + 1) for _ in range(self.random.randint(1, 3))]
        return {"anyOf": [o[0] for o in options]}, lambda: self.random.choice(options)[1]()

    def one_of(self, depth):
        options = []
        for kind in self.random.sample(["cat", "dog", "cow"], self.random.randint(1, 3)):
            inner, sample = self.value(depth + 1)
            schema = {
                "type": "object",
                "properties": {"kind": {"const": kind}, "data": inner},
                "required": ["kind", "data"],
                "additionalProperties": False,
            }
            options.append((schema, lambda kind=kind, sample=sample: {"kind": kind, "data": sample()}))
        if self.random.random() < 0.5:
            options.append(({"type": "integer"}, lambda: 5))
        return {"oneOf": [o[0] for o in options]}, lambda: self.random.choice(options)[1]()

    def all_of(self, depth):
        r = self.random
        if r.random() < 0.5:
            a, first = self.value(depth + 1)
            b, second = self.value(depth + 1)
            schema = {
                "allOf": [
                    {"type": "object", "properties": {"a": a}, "required": ["a"]},
                    {"type": "object", "properties": {"b": b}, "required": ["b"]},
                ]
            }
            return schema, lambda: {"a": first(), "b": second()}
        schema, sample = self.integer()
        return {"allOf": [schema, {"type": "number", "minimum": -(10**9)}]}, sample


def mutate(value, r):
    """A value that is a little different."""
    if isinstance(value, dict) and value:
        key = r.choice(list(value))
        kind = r.random()
        copy = dict(value)
        if kind < 0.3:
            del copy[key]
        elif kind < 0.8:
            copy[key] = mutate(value[key], r)
        else:
            copy["unknown"] = 1
        return copy
    if isinstance(value, list) and value and r.random() < 0.8:
        copy = list(value)
        index = r.randrange(len(copy))
        if r.random() < 0.3:
            del copy[index]
        elif r.random() < 0.5:
            copy.insert(index, copy[index])
        else:
            copy[index] = mutate(copy[index], r)
        return copy
    if isinstance(value, str) and r.random() < 0.7:
        return r.choice([value + "x", value[1:], value * 2, value + "\n", "X" + value])
    if isinstance(value, (int, float)) and not isinstance(value, bool) and r.random() < 0.7:
        if abs(value) >= 2**53:
            return r.choice([value + 1, value - 1, -value, value // 10, value // 1000])
        return r.choice([value + 1, -value, value * 1000, value + 0.5, value - 10**6])
    return r.choice(ANY)


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def case(seed):
    maker = Maker(seed)
    schema, sample = maker.schema()
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    valid, invalid = [], []
    for _ in range(6):
        value = sample()
        text = compact(value)
        if validator.is_valid(value) and text not in valid:
            valid.append(text)
        for _ in range(4):
            other = mutate(value, maker.random)
            text = compact(other)
            if not validator.is_valid(other) and text not in invalid:
                invalid.append(text)
    return {"schema": schema, "valid": valid[:3], "invalid": invalid[:4]}


def strict(text):
    def refuse(name):
        raise ValueError(name)

    value = json.loads(text, parse_constant=refuse)
    text.encode("utf-8")
    json.dumps(value, ensure_ascii=False).encode("utf-8")
    return value


def check(count, seed):
    cases = [case(seed * 1_000_000 + i) for i in range(count)]
    folder = tempfile.mkdtemp()
    source, target = f"{folder}/schemas.jsonl", f"{folder}/texts.jsonl"
    with open(source, "w") as file:
        file.writelines(json.dumps(c) + "\n" for c in cases)
    command = os.environ.get("SWIFT_TEST", "swift test -c release --filter WalkTests").split()
    environment = {**os.environ, "HAYLOFT_SCHEMAS": source, "HAYLOFT_TEXTS": target}
    subprocess.run(command, env=environment, check=True)
    results = [json.loads(line) for line in open(target)]
    assert len(results) == len(cases)
    texts = failures = refused = missed = 0
    reasons = {}
    for c, result in zip(cases, results):
        if "error" in result:
            refused += 1
            reason = result["error"].split(": ", 1)[-1][:60]
            reasons[reason] = reasons.get(reason, 0) + 1
            if "no value" in reason and c["valid"]:
                print("NO VALUE?", json.dumps(c["schema"], ensure_ascii=False), c["valid"][0])
            continue
        validator = Draft202012Validator(c["schema"], format_checker=Draft202012Validator.FORMAT_CHECKER)
        for text in result["texts"]:
            texts += 1
            try:
                validator.validate(strict(text))
            except Exception as error:
                failures += 1
                print("WRONG", json.dumps(c["schema"], ensure_ascii=False), repr(text), str(error).split("\n")[0])
        for text, accepted in zip(c["valid"], result["valid"]):
            if not accepted:
                missed += 1
                print("MISSED", json.dumps(c["schema"], ensure_ascii=False), text)
        for text, accepted in zip(c["invalid"], result["invalid"]):
            if accepted:
                failures += 1
                print("ACCEPTED", json.dumps(c["schema"], ensure_ascii=False), text)
    print(f"{count} schemas, {refused} refused, {texts} texts, {failures} failures, {missed} valid texts not accepted")
    for reason, times in sorted(reasons.items(), key=lambda item: -item[1])[:12]:
        print(f"  {times} x {reason}")
    sys.exit(1 if failures else 0)


def write(count):
    cases, seed = [], 0
    while len(cases) < count:
        made = case(seed)
        seed += 1
        if made["valid"] and len(compact(made)) < 900:
            cases.append(made)
    path = os.path.join(os.path.dirname(__file__), "random_schemas.json")
    with open(path, "w") as file:
        file.write("[\n" + ",\n".join(compact(c) for c in cases) + "\n]\n")


if __name__ == "__main__":
    if sys.argv[1] == "check":
        check(int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    else:
        write(int(sys.argv[2]))
