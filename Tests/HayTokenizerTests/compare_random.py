"""Compares random texts and random ids against the `tokenizers` library.

    compare_random.py FOLDER [--count N] [--seed N] -- COMMAND…

COMMAND is what runs `hayloft`, for example `.build/release/hayloft`; it is called as `COMMAND tokenize --model FOLDER`
and `COMMAND detokenize --model FOLDER [--skip-special]`, with one JSON value a line in and out. Prints every difference
and exits with 1 if there is one.
"""

import argparse
import json
import random
import subprocess
import sys

from tokenizers import Tokenizer

WORDS = """the of and a in to it is was I for that you he be with on by at have are not this but had they his from she
which or we an were as do been their has would there what will all if can her said who one so up Hello World can't
I'll they've naïve façade straße Москва привет мир 你好 世界 こんにちは カタカナ 한국어 안녕 العربية שלום ไทย हिन्दी தமிழ்
3.14159 1234567 2024-07-26 http://example.com/a?b=c foo_bar camelCase SNAKE_CASE def return {} [] () <html> &amp;""".split()
EMOJI = ["😀", "👍🏽", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪", "1️⃣", "❤️", "☃︎", "🧑🏿‍🚀", "©️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"]
SPACES = [" ", "  ", "   ", "\t", "\n", "\r\n", "\r", "\n\n", "\u00a0", "\u2003", "\u3000", "\u200b", "\u2028", "\x0b", "\x85"]
TRAPS = ["ﬁ", "ﷺ", "①", "Å", "½", "ẞ", "İ", "ſ", "'ſ", "'S", "ﾊﾟ", "é", "e\u0301", "ｅ\u0301", "q\u0323\u0307", "\u1100\u1161\u11a8"]
TRAPS += ["\u0000", "\ufeff", "\ufffd", "\uffff", "\u00ad", "\u200d", "\u200c", "\u0600a", "์", "ำ", "▁", "▁▁", "<0x0A>", "Ġ", "Ċ"]


def scalar(rng):
    """A scalar of a random plane, most of them low."""
    limit = rng.choice([0x80, 0x80, 0x250, 0x800, 0x3100, 0x10000, 0x20000, 0x110000])
    value = rng.randrange(limit)
    return chr(value) if not 0xD800 <= value < 0xE000 else "\ud7ff"


def text(rng, specials):
    """A text of a few parts of different kinds."""
    parts = []
    for _ in range(rng.choice([1, 2, 4, 8, 16, 40])):
        kind = rng.randrange(12)
        if kind < 4:
            parts.append(rng.choice(WORDS))
        elif kind < 6:
            parts.append(rng.choice(SPACES) * rng.choice([1, 1, 1, 2, 5]))
        elif kind == 6:
            parts.append(rng.choice(EMOJI))
        elif kind == 7:
            parts.append(rng.choice(TRAPS))
        elif kind == 8:
            parts.append(rng.choice(specials) if specials else "")
        elif kind == 9:
            parts.append("".join(scalar(rng) for _ in range(rng.randrange(1, 8))))
        elif kind == 10:
            parts.append(chr(rng.randrange(0x21, 0x7F)) * rng.randrange(1, 30))
        else:
            parts.append(rng.choice(WORDS) + chr(rng.choice([0x301, 0x308, 0x327, 0xFE0F, 0x20E3, 0x1F3FB, 0x93E])))
        if rng.random() < 0.4:
            parts.append(" ")
    return "".join(parts)


def run(command, inputs):
    """One JSON value for each line of output."""
    given = "".join(json.dumps(value) + "\n" for value in inputs)
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=True, encoding="utf-8")
    return [json.loads(line) for line in done.stdout.rstrip("\n").split("\n")]


def compare(name, inputs, expected, found):
    """Prints differences and gives their number."""
    failures = 0
    for value, right, result in zip(inputs, expected, found, strict=True):
        if right != result:
            failures += 1
            print(f"{name} of {json.dumps(value)}\n  gives    {json.dumps(result)}\n  expected {json.dumps(right)}")
    print(f"{name}: {len(inputs) - failures} of {len(inputs)} agree")
    return failures


def main():
    """Compares both ways."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    tokenizer = Tokenizer.from_file(f"{options.folder}/tokenizer.json")
    specials = [token.content for token in tokenizer.get_added_tokens_decoder().values()]
    texts = [text(rng, specials) for _ in range(options.count)]
    model = ["--model", options.folder]

    failures = 0
    for flags, special in [([], True), (["--no-special"], False)]:
        expected = [tokenizer.encode(value, add_special_tokens=special).ids for value in texts]
        failures += compare("tokenize", texts, expected, run(options.command + ["tokenize"] + model + flags, texts))
    limit = tokenizer.get_vocab_size() + 3
    ids = [[rng.randrange(limit) for _ in range(rng.randrange(12))] for _ in texts]
    ids += [[rng.randrange(min(limit, 300)) for _ in range(rng.randrange(12))] for _ in texts]
    ids += [tokenizer.encode(value).ids for value in texts]
    for flags, skip in [([], False), (["--skip-special"], True)]:
        expected = [tokenizer.decode(value, skip_special_tokens=skip) for value in ids]
        failures += compare("detokenize", ids, expected, run(options.command + ["detokenize"] + model + flags, ids))
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
