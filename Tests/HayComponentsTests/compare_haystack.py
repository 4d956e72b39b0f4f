"""Compares pipeline files with Haystack's own, both ways, and what Haystack reads, writes, sends and replies with ours.

    python3 Tests/HayComponentsTests/compare_haystack.py make FOLDER [--count 200] [--seed 0]
    HAYLOFT_FIXTURES=FOLDER swift test --filter FileTests
    python3 Tests/HayComponentsTests/compare_haystack.py check FOLDER

    python3 Tests/HayComponentsTests/compare_haystack.py record FOLDER [--count 200] [--seed 0]
    HAYLOFT_FIXTURES=FOLDER swift test --filter \
        'MessageRec|ChunkRec|SecretRec|DeviceRec|ToolRec|SerializationRec|WireRec'

`make` writes FOLDER/pipelines/N.yaml with `Pipeline.dumps()`, random values among the metadata, and N.json with the
dictionary that Haystack reads from it, and FOLDER/schemas/cases.json with random schemas and whether Haystack makes a tool of
them. The tests compare what Hayloft reads, and write what it writes to N.written.yaml;
`check` loads that with `Pipeline.loads()` and compares the dictionaries. Needs haystack-ai 2.18.1 with openai 1.108.2 and
huggingface_hub 0.35.3. `record` writes random recordings to FOLDER/haystack, in the notation of the recorded ones: see
the scripts haystack_*.py. Texts that begin with a byte order mark are not compared: Yams drops it.
"""

import argparse
import json
import logging
import math
import os
import random
import warnings

os.environ.setdefault("HAYSTACK_TELEMETRY_ENABLED", "False")
os.environ.setdefault("OPENAI_API_KEY", "none")
os.environ.setdefault("AZURE_OPENAI_API_KEY", "none")

from haystack import Pipeline
from haystack.components.builders import ChatPromptBuilder, PromptBuilder
from haystack.components.generators import (
    AzureOpenAIGenerator, DALLEImageGenerator, HuggingFaceAPIGenerator, OpenAIGenerator)
from haystack.components.generators.chat import (
    AzureOpenAIChatGenerator, HuggingFaceAPIChatGenerator, OpenAIChatGenerator)
from haystack.components.generators.utils import print_streaming_chunk
from haystack.dataclasses import ChatMessage
from haystack.marshal.yaml import YamlLoader
from haystack.tools import Tool
from haystack.utils import Secret

import yaml

logging.disable(logging.WARNING)

TRAPS = ["", " ", "yes", "No", "null", "~", "1", "1.0", "1e3", "1e+3", "1.0e+3", "0x1F", "0o17", "017", "1_000", "1:30",
         "2024-10-21", "2024-10-21 10:00:00", "=", "<<", "- a", "a: b", "a #b", "#a", "a:", ":a", "&a", "*a", "!a", "%a",
         "@a", "`a", "'a'", '"a"', "a'b", 'a"b', "{{ documents }}", "{% for d in documents %}\n  {{ d }}\n{% endfor %}\n",
         "line\nline", "line\n\n", "\n", "\nline", " line\n line", "line \nline", "tab\tin", "\ttab", "a\\b", "é", "日本語",
         "😀", "\u2028", "\u0085", "\u00a0", "a\ufeffb", "\x07", "x" * 200, "word " * 40, "true", "on", ".inf", ".nan", "-",
         "--- a", "...", "?", "? a", "[a]", "{a}", ",", "|", ">", "0", "-0", "+1", "1.", ".5", "-.5", "1.5.2", "12e03",
         "a\r\nb", "trailing ", "a, b", "a]b", "key: value\nother: value", "off", "N", "y"]
NUMBERS = [0, 1, -1, 2**31, -(2**63), 2**63 - 1, 2**70, 0.5, -0.0, 1e-5, 1e16, 1.5e300, 5e-324, 123456789.125, math.inf,
           -math.inf, 0.1, 100.0, 3.14]


def text(rng):
    if rng.random() < 0.7:
        return rng.choice(TRAPS)
    return "".join(rng.choice("ab1 -:#\n'\"{}[]é,.&*!|>%@`\t\\=~_0") for _ in range(rng.randrange(12)))


def value(rng, depth):
    kind = rng.random()
    if depth == 0 or kind < 0.5:
        return rng.choice([text(rng), text(rng), rng.choice(NUMBERS), True, False, None])
    if kind < 0.75:
        return [value(rng, depth - 1) for _ in range(rng.randrange(4))]
    return {text(rng): value(rng, depth - 1) for _ in range(rng.randrange(4))}


def pipeline(rng):
    shared = {"temperature": 0.2, "stop": ["END"]}
    parts = {
        "prompt": PromptBuilder(template=rng.choice(["{{ question }}", "Answer:\n{{ question }}\n", "a: b\n\n  - {{ c }}"])),
        "llm": OpenAIGenerator(generation_kwargs=shared, streaming_callback=rng.choice([None, print_streaming_chunk])),
        "chat": OpenAIChatGenerator(generation_kwargs=shared, timeout=rng.choice([None, 1e-5, 30.0])),
        "azure": AzureOpenAIGenerator(azure_endpoint="https://example.com", system_prompt=text(rng)),
        "azure chat": AzureOpenAIChatGenerator(azure_endpoint="https://example.com", default_headers={"no": "yes"}),
        "tgi": HuggingFaceAPIGenerator(
            "text_generation_inference", {"url": "https://tgi.example"}, token=Secret.from_env_var(["A", "B"], strict=False)),
        "1": HuggingFaceAPIChatGenerator("inference_endpoints", {"url": "https://e.example"}, stop_words=[text(rng)]),
        "image": DALLEImageGenerator(),
        "messages": ChatPromptBuilder(template=[ChatMessage.from_user("{{ question }}"), ChatMessage.from_system(text(rng).replace("{", "("))]),
    }
    made = Pipeline(metadata={text(rng): value(rng, 4) for _ in range(6)}, max_runs_per_component=rng.randrange(1, 200))
    for name in rng.sample(list(parts), rng.randrange(2, len(parts) + 1)):
        made.add_component(name, parts[name])
    present = made.graph.nodes
    if "prompt" in present and "llm" in present:
        made.connect("prompt.prompt", "llm.prompt")
    if "messages" in present and "chat" in present:
        made.connect("messages.prompt", "chat.messages")
    return made


KEYWORDS = ["$id", "$schema", "$ref", "$anchor", "$dynamicRef", "$dynamicAnchor", "$vocabulary", "$comment", "$defs",
            "prefixItems", "items", "contains", "additionalProperties", "properties", "patternProperties",
            "dependentSchemas", "propertyNames", "if", "then", "else", "allOf", "anyOf", "oneOf", "not",
            "unevaluatedItems", "unevaluatedProperties", "type", "enum", "const", "multipleOf", "maximum",
            "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength", "pattern", "maxItems", "minItems",
            "uniqueItems", "maxContains", "minContains", "maxProperties", "minProperties", "required",
            "dependentRequired", "title", "description", "default", "deprecated", "readOnly", "writeOnly", "examples",
            "format", "contentEncoding", "contentMediaType", "contentSchema", "definitions", "dependencies",
            "$recursiveAnchor", "$recursiveRef", "unknown"]


def schema(rng, depth):
    """A schema that may be wrong, mostly right where it is deep."""
    if rng.random() < 0.1:
        return rng.choice([True, False])
    return {rng.choice(KEYWORDS): keyword_value(rng, depth) for _ in range(rng.choice([0, 1, 1, 1, 2]))}


def keyword_value(rng, depth):
    simple = [None, True, False, 0, 1, -1, 2.0, 0.5, -0.5, 2**70, "", "a", "string", "array", "a-b.c_1", "1a", "#", "a#",
              "a#b", "_", "ä", [], ["a"], ["a", "b"], ["a", "a"], ["string", "null"], ["string", "string"], [1], [None], {},
              {"a": True}, {"a": ["a"]}, {"a": ["a", "a"]}, {"a": 1}]
    kind = rng.random()
    if depth == 0 or kind < 0.5:
        return rng.choice(simple)
    if kind < 0.7:
        return schema(rng, depth - 1)
    if kind < 0.85:
        return [schema(rng, depth - 1) for _ in range(rng.randrange(3))]
    return {rng.choice("ab"): schema(rng, depth - 1) for _ in range(rng.randrange(1, 3))}


def make_schemas(folder, count, rng):
    cases = []
    for _ in range(count):
        parameters = schema(rng, 4)
        try:
            Tool("a", "", parameters, print)
            cases.append({"schema": parameters, "is_schema": True})
        except ValueError:
            cases.append({"schema": parameters, "is_schema": False})
    os.makedirs(f"{folder}/schemas", exist_ok=True)
    with open(f"{folder}/schemas/cases.json", "w") as file:
        json.dump(cases, file)


def make(folder, count, seed):
    rng = random.Random(seed)
    make_schemas(folder, 50 * count, rng)
    os.makedirs(f"{folder}/pipelines", exist_ok=True)
    for index in range(count):
        dumped = pipeline(rng).dumps()
        with open(f"{folder}/pipelines/{index}.yaml", "w", newline="") as file:
            file.write(dumped)
        with open(f"{folder}/pipelines/{index}.json", "w") as file:
            json.dump(yaml.load(dumped, YamlLoader), file)


class Warnings(logging.Handler):
    """Keeps what Haystack warns of."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.texts = []

    def emit(self, record):
        self.texts.append(record.getMessage())


def record(folder, count, seed):
    import haystack_data
    import haystack_inits
    import haystack_wire

    warnings.simplefilter("ignore")
    logging.disable(logging.NOTSET)
    handler, logger = Warnings(), logging.getLogger("haystack")
    logger.handlers, logger.propagate = [handler], False
    rng = random.Random(seed)
    print(haystack_data.write(folder, rng, count, handler.texts), "cases of data")
    print(haystack_inits.write(folder, rng, count // 2), "components")
    print(haystack_wire.write(folder, rng, 5 * count, handler.texts), "calls")


def same(left, right):
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(same(*pair) for pair in zip(left, right))
    return type(left) is type(right) and repr(left) == repr(right)


def check(folder):
    wrong = count = 0
    for name in sorted(os.listdir(f"{folder}/pipelines")):
        if not name.endswith(".written.yaml"):
            continue
        count += 1
        base = f"{folder}/pipelines/{name.removesuffix('.written.yaml')}"
        with open(f"{folder}/pipelines/{name}", newline="") as file:
            written = file.read()
        with open(base + ".yaml", newline="") as file:
            original = file.read()
        try:
            loaded, expected = Pipeline.loads(written).to_dict(), Pipeline.loads(original).to_dict()
            if not same(loaded, expected):
                raise ValueError(f"{loaded}\n  instead of\n{expected}")
        except Exception as error:  # noqa: BLE001, whatever Haystack raises is a difference
            wrong += 1
            print(f"{name}: {error!r:.2000}")
    print(f"{count} files, {wrong} wrong")
    raise SystemExit(wrong > 0 or count == 0)


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("command", choices=["make", "check", "record"])
parser.add_argument("folder")
parser.add_argument("--count", type=int, default=200)
parser.add_argument("--seed", type=int, default=0)
arguments = parser.parse_args()
if arguments.command == "record":
    record(arguments.folder, arguments.count, arguments.seed)
elif arguments.command == "make":
    make(arguments.folder, arguments.count, arguments.seed)
else:
    check(arguments.folder)
