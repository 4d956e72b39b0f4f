"""Writes what the `tokenizers` library makes of random texts: a fixed sample of what the comparing scripts check.

    make_golden_tokenizers.py ../Golden/tokenizers ../../Models/Bundled/*/tokenizer.json

`components.json` has tokenizers of random components, each with texts, pairs of texts and ids; `texts.json` has random
texts for the tokenizers that are named, by the folders they stand in.
"""

import json
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../HayTokenizerTests"))

from compare_components import SPECIALS, attempt, fields, tokenizer
from compare_random import text
from tokenizers import Tokenizer

TOKENIZERS = 50
TEXTS = 150


def components(seed):
    """A tokenizer of random components and its cases; nothing where the library refuses it."""
    rng = random.Random(seed)
    value = tokenizer(rng, small=True)
    reference = attempt(lambda: Tokenizer.from_str(json.dumps(value)))
    if reference is None:
        return None
    special = rng.random() < 0.8
    skip = rng.random() < 0.5
    normalized = {number for number, token in reference.get_added_tokens_decoder().items() if token.normalized}
    cases = []
    for _ in range(6):
        texts = [text(rng, SPECIALS)[:40] for _ in range(rng.choice([1, 1, 2]))]
        encoding = attempt(lambda: reference.encode(*texts, add_special_tokens=special))
        if encoding is None:
            continue
        limit = reference.get_vocab_size() + 2
        ids = rng.choice([encoding.ids, [rng.randrange(limit) for _ in range(8)]])
        ids = [number for number in ids if number not in normalized]
        decoded = attempt(lambda: reference.decode(ids, skip_special_tokens=skip))
        cases.append({"texts": texts, **fields(encoding), "decoded_ids": ids, "decoded": decoded})
    return {"tokenizer": value, "add_special_tokens": special, "skip_special_tokens": skip, "cases": cases}


def texts(path):
    """Random texts for a tokenizer that is at hand."""
    reference = Tokenizer.from_file(path)
    specials = [token.content for token in reference.get_added_tokens_decoder().values()]
    rng = random.Random(7)
    cases = []
    for _ in range(TEXTS):
        value = text(rng, specials)
        encoding = reference.encode(value)
        cases.append({"text": value, "ids": encoding.ids, "offsets": [list(pair) for pair in encoding.offsets],
                      "decoded": reference.decode(encoding.ids, skip_special_tokens=True)})
    return cases


def write(path, value):
    """One JSON file in ASCII."""
    with open(path, "w", encoding="ascii") as file:
        json.dump(value, file, separators=(",", ":"))
        file.write("\n")


def main():
    """Writes both files."""
    folder, *paths = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    made = (components(seed) for seed in range(10_000))
    known = []
    while len(known) < TOKENIZERS:
        item = next(made)
        if item and item["cases"]:
            known.append(item)
    write(f"{folder}/components.json", known)
    write(f"{folder}/texts.json", {os.path.basename(os.path.dirname(path)): texts(path) for path in sorted(paths)})


if __name__ == "__main__":
    main()
