"""Compares tokenizers put together at random from every component against the `tokenizers` library.

    compare_components.py [--count N] [--seed N] [--only WORD] [--first] -- COMMAND…

COMMAND is what runs `hayloft`. Each round makes a tokenizer.json of a random normalizer, pre-tokenizer, model,
post-processor and decoder, with added tokens of all kinds, truncation and padding, and encodes and decodes random texts
and pairs of texts: ids, types, offsets, masks, what was cut off, and the decoded text must be the same. Prints every
difference and exits with 1 if there is one. `--only` keeps to tokenizers whose file has that word in it. `--first` makes
tokenizers that mark the first piece of a text, behind normalizers that delete, put in and join.
"""

import argparse
import copy
import json
import os
import random
import subprocess
import sys
import tempfile

from compare_random import SPACES, TRAPS, WORDS, text
from tokenizers import Tokenizer

SPECIALS = ["[CLS]", "[SEP]", "<s>", "</s>", "<mask>", "ab", "é", "▁x", " of"]
MARK = "▁"


def bytes_to_characters():
    """The printable characters that byte-level tokenizers write bytes as."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    rest = [byte for byte in range(256) if byte not in printable]
    return {**{byte: chr(byte) for byte in printable}, **{byte: chr(256 + index) for index, byte in enumerate(rest)}}


def words(rng, small):
    """Words that a vocabulary is made of."""
    if small:
        return sorted({*rng.sample(WORDS, 12), *"aeinorst0123456789.,'"})
    found = {word for _ in range(30) for word in text(rng, []).split(" ") if word}
    found |= set(WORDS) | {word.lower() for word in WORDS} | set("abcdefghijklmnopqrstuvwxyz0123456789.,!?'")
    return sorted(found)


def normalizer(rng, depth=0):
    """A random normalizer."""
    kind = rng.choice(["NFC", "NFD", "NFKC", "NFKD", "Lowercase", "Strip", "StripAccents", "Replace", "Regex", "Prepend",
                       "BertNormalizer", "ByteLevel", "Nmt", "Sequence", "Sequence", None, None])
    flip = lambda: rng.random() < 0.5
    if kind == "Sequence":
        if depth > 0:
            return {"type": "NFC"}
        parts = [normalizer(rng, depth + 1) for _ in range(rng.randrange(4))]
        return {"type": "Sequence", "normalizers": [part for part in parts if part]}
    if kind == "Strip":
        return {"type": "Strip", "strip_left": flip(), "strip_right": flip()}
    if kind == "Replace":
        pattern, content = rng.choice([(" ", MARK), ("a", ""), ("é", "e"), ("  ", " "), ("``", '"'), ("e", "éé")])
        return {"type": "Replace", "pattern": {"String": pattern}, "content": content}
    if kind == "Regex":
        pattern, content = rng.choice([(" {2,}", " "), (r"\s+", " "), (r"\d", "0"), ("[aeiou]", "_"), (r"\p{L}+", "w"), (" +", MARK)])
        return {"type": "Replace", "pattern": {"Regex": pattern}, "content": content}
    if kind == "Prepend":
        return {"type": "Prepend", "prepend": rng.choice([MARK, "ab"])}
    if kind == "BertNormalizer":
        return {"type": kind, "clean_text": flip(), "handle_chinese_chars": flip(),
                "strip_accents": rng.choice([None, True, False]), "lowercase": flip()}
    return kind and {"type": kind}


def pre_tokenizer(rng, depth=0):
    """A random pre-tokenizer."""
    flip = lambda: rng.random() < 0.5
    behaviors = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]
    kind = rng.choice(["ByteLevel", "Metaspace", "Split", "Split", "Whitespace", "WhitespaceSplit", "BertPreTokenizer",
                       "Punctuation", "Digits", "CharDelimiterSplit", "UnicodeScripts", "FixedLength", "Sequence", None])
    if kind == "Sequence":
        if depth > 0:
            return {"type": "WhitespaceSplit"}
        parts = [pre_tokenizer(rng, depth + 1) for _ in range(rng.randrange(1, 4))]
        return {"type": "Sequence", "pretokenizers": [part for part in parts if part]}
    if kind == "ByteLevel":
        return {"type": kind, "add_prefix_space": flip(), "trim_offsets": True, "use_regex": flip()}
    if kind == "Metaspace":
        return {"type": kind, "replacement": MARK, "prepend_scheme": rng.choice(["always", "first", "never"]), "split": flip()}
    if kind == "Split":
        pattern = rng.choice([{"String": " "}, {"String": "a"}, {"Regex": r"\s+"}, {"Regex": r"\d{1,3}"},
                              {"Regex": r"(?=\d)"}, {"Regex": r"\w+|[^\w\s]+"}, {"Regex": r"[.,!?]"}])
        return {"type": kind, "pattern": pattern, "behavior": rng.choice(behaviors), "invert": flip()}
    if kind == "Punctuation":
        return {"type": kind, "behavior": rng.choice(behaviors)}
    if kind == "Digits":
        return {"type": kind, "individual_digits": flip()}
    if kind == "CharDelimiterSplit":
        return {"type": kind, "delimiter": rng.choice([" ", "a", "é", "."])}
    if kind == "FixedLength":
        return {"type": kind, "length": rng.choice([1, 2, 5])}
    return kind and {"type": kind}


def model(rng, small):
    """A random model over the words and their parts."""
    known = words(rng, small)
    kind = rng.choice(["BPE", "BPE", "Unigram", "WordPiece", "WordLevel"])
    characters = set(rng.sample(sorted(bytes_to_characters().values()), 20) if small else bytes_to_characters().values())
    letters = sorted({letter for word in known for letter in word} | characters | {MARK, "Ġ"})
    parts = sorted({word[start:end] for word in known for start in range(len(word)) for end in range(start + 2, start + 6)
                    if end <= len(word)})
    most = 30 if small else 300
    parts = sorted({*rng.sample(parts, min(len(parts), most)), *(MARK + part for part in rng.sample(parts, min(len(parts), 20)))})
    singles = ["<unk>"] + letters
    flip = lambda: rng.random() < 0.5
    byte_tokens = [f"<0x{byte:02X}>" for byte in range(256)] if rng.random() < (0.15 if small else 0.5) else []
    if kind == "WordLevel":
        vocabulary = dict.fromkeys(["<unk>"] + known + letters)
        return {"type": kind, "vocab": {token: index for index, token in enumerate(vocabulary)}, "unk_token": "<unk>"}
    if kind == "WordPiece":
        prefix = rng.choice(["##", "@@"])
        vocabulary = dict.fromkeys(singles + parts + [prefix + part for part in letters[::2] + parts])
        return {"type": kind, "vocab": {token: index for index, token in enumerate(vocabulary)}, "unk_token": "<unk>",
                "continuing_subword_prefix": prefix, "max_input_chars_per_word": rng.choice([5, 100])}
    if kind == "Unigram":
        vocabulary = dict.fromkeys(["<unk>"] + letters[::2] + parts + byte_tokens)
        return {"type": kind, "unk_id": 0, "vocab": [[token, -rng.random() * 10] for token in vocabulary],
                "byte_fallback": flip()}
    prefix, suffix = rng.choice([(None, None), (None, None), ("##", None), (None, "</w>"), ("##", "</w>")])
    vocabulary = dict.fromkeys(singles[::rng.choice([1, 1, 2])] + byte_tokens)
    vocabulary |= dict.fromkeys((prefix or "") + letter for letter in letters)
    vocabulary |= dict.fromkeys((prefix or "") + letter + (suffix or "") for letter in letters)
    vocabulary["<unk>"] = None
    merges, tokens = [], list(vocabulary)
    for _ in range(20 if small else 400):
        left, right = rng.choice(tokens), rng.choice(tokens[-500:])
        if "<unk>" in (left, right) or suffix and left.endswith(suffix) or prefix and not right.startswith(prefix):
            continue
        merges.append([left, right])
        joined = left + right[len(prefix or ""):]
        if joined not in vocabulary:
            vocabulary[joined] = None
            tokens.append(joined)
    for word in known[:200]:
        left = word[:1]
        for letter in word[1:]:
            right = (prefix or "") + letter
            if left not in vocabulary or right not in vocabulary:
                break
            merges.append([left, right])
            left += letter
            vocabulary[left] = None
    return {"type": kind, "vocab": {token: index for index, token in enumerate(vocabulary)}, "merges": merges,
            "unk_token": rng.choice(["<unk>", None]), "fuse_unk": flip(), "dropout": None,
            # Of bytes of a prefix or suffix, which stand for no text, the library gives offsets that mean nothing.
            "byte_fallback": flip() and not prefix and not suffix,
            "ignore_merges": rng.random() < 0.2, "continuing_subword_prefix": prefix, "end_of_word_suffix": suffix}


def post_processor(rng, ids):
    """A random post-processor."""
    cls, sep = ids["[CLS]"], ids["[SEP]"]
    trim = {"type": "ByteLevel", "add_prefix_space": rng.random() < 0.5, "trim_offsets": rng.random() < 0.7, "use_regex": True}
    text = lambda name, kind: {"Sequence": {"id": name, "type_id": kind}}
    special = lambda name, kind: {"SpecialToken": {"id": name, "type_id": kind}}
    template = {"type": "TemplateProcessing",
                "single": [special("[CLS]", 0), text("A", 0), special("[SEP]", 0)],
                "pair": [special("[CLS]", 0), text("A", 0), special("[SEP]", 0), text("B", 1), special("[SEP]", 1)],
                "special_tokens": {name: {"id": name, "ids": [number], "tokens": [name]} for name, number in [("[CLS]", cls), ("[SEP]", sep)]}}
    around = {"cls": ["[CLS]", cls], "sep": ["[SEP]", sep]}
    return rng.choice([None, trim, template, {"type": "BertProcessing", **around},
                       {"type": "RobertaProcessing", **around, "trim_offsets": rng.random() < 0.5, "add_prefix_space": rng.random() < 0.5},
                       {"type": "Sequence", "processors": [trim, template]}])


def decoder(rng, depth=0):
    """A random decoder."""
    kind = rng.choice(["ByteLevel", "Metaspace", "ByteFallback", "Fuse", "Replace", "Regex", "Strip", "WordPiece",
                       "BPEDecoder", "CTC", "Sequence", "Sequence", None])
    flip = lambda: rng.random() < 0.5
    if kind == "Sequence":
        if depth > 0:
            return {"type": "Fuse"}
        parts = [decoder(rng, depth + 1) for _ in range(rng.randrange(1, 5))]
        return {"type": "Sequence", "decoders": [part for part in parts if part]}
    if kind == "ByteLevel":
        return {"type": kind, "add_prefix_space": flip(), "trim_offsets": True, "use_regex": True}
    if kind == "Metaspace":
        return {"type": kind, "replacement": MARK, "prepend_scheme": rng.choice(["always", "first", "never"]), "split": flip()}
    if kind == "Replace":
        return {"type": kind, "pattern": {"String": rng.choice([MARK, "a", "Ġ"])}, "content": rng.choice([" ", "", "zz"])}
    if kind == "Regex":
        return {"type": "Replace", "pattern": {"Regex": rng.choice([r"\s+", "[aeiou]", "^a"])}, "content": rng.choice([" ", "", "zz"])}
    if kind == "Strip":
        return {"type": kind, "content": rng.choice([" ", MARK, "a"]), "start": rng.randrange(3), "stop": rng.randrange(3)}
    if kind == "WordPiece":
        return {"type": kind, "prefix": rng.choice(["##", "@@"]), "cleanup": flip()}
    if kind == "BPEDecoder":
        return {"type": kind, "suffix": rng.choice(["</w>", "a"])}
    if kind == "CTC":
        return {"type": kind, "pad_token": rng.choice(["<s>", "a"]), "word_delimiter_token": "|", "cleanup": flip()}
    return kind and {"type": kind}


def tokenizer(rng, small=False):
    """A random tokenizer.json; a small one has few words."""
    made = model(rng, small)
    size = len(made["vocab"])
    added, ids = [], {}
    for token in SPECIALS[:2] + rng.sample(SPECIALS[2:], rng.randrange(len(SPECIALS) - 1)):
        known = made["vocab"].get(token) if isinstance(made["vocab"], dict) else None
        ids[token] = size + len(added) if known is None else known
        flags = {name: rng.random() < 0.3 for name in ["single_word", "lstrip", "rstrip", "normalized"]}
        added.append({"id": ids[token], "content": token, "special": rng.random() < 0.6 or token[0] == "[", **flags})
    unknown = [token for token in added if isinstance(made["vocab"], list) or token["content"] not in made["vocab"]]
    for index, token in enumerate(unknown):
        token["id"] = ids[token["content"]] = size + index
    truncation = padding = None
    if rng.random() < 0.3:
        truncation = {"direction": rng.choice(["Left", "Right"]), "max_length": rng.choice([6, 9, 20]),
                      "strategy": rng.choice(["LongestFirst", "LongestFirst", "OnlyFirst"]), "stride": rng.choice([0, 1])}
    if rng.random() < 0.3:
        padding = {"strategy": rng.choice(["BatchLongest", {"Fixed": 12}]), "direction": rng.choice(["Left", "Right"]),
                   "pad_to_multiple_of": rng.choice([None, 8]), "pad_id": ids["[SEP]"], "pad_type_id": rng.choice([0, 1]), "pad_token": "[SEP]"}
    return {"version": "1.0", "truncation": truncation, "padding": padding, "added_tokens": added,
            "normalizer": normalizer(rng), "pre_tokenizer": pre_tokenizer(rng), "post_processor": post_processor(rng, ids),
            "decoder": decoder(rng), "model": made}


def marking_first(rng, value):
    """The tokenizer with a Metaspace that marks what begins the input, behind normalizers that change the beginning.

    Without post-processors that trim offsets: of text that was put in, the library trims what it never had."""
    changes = [lambda: {"type": "Strip", "strip_left": True, "strip_right": rng.random() < 0.5}, lambda: {"type": "StripAccents"},
               lambda: {"type": "Replace", "pattern": {"String": rng.choice(["a", "T", "th", " ", "e"])}, "content": rng.choice(["", "", "zz", MARK])},
               lambda: {"type": "Replace", "pattern": {"Regex": rng.choice([r"^\s+", r"[aeiou]", r"^.", r"\d+", r"^\w+ "])}, "content": rng.choice(["", "", "b"])},
               lambda: {"type": "Prepend", "prepend": rng.choice([MARK, "ab"])}, lambda: {"type": rng.choice(["NFD", "NFKD", "NFC", "NFKC", "Nmt", "Lowercase"])},
               lambda: {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": rng.random() < 0.5, "strip_accents": None, "lowercase": True}]
    parts = [rng.choice(changes)() for _ in range(rng.randrange(1, 4))]
    first = {"type": "Metaspace", "replacement": MARK, "prepend_scheme": "first", "split": rng.random() < 0.5}
    cut = pre_tokenizer(rng, 1)
    whole = {"type": "Sequence", "pretokenizers": rng.choice([[cut, first], [first, cut], [first]])} if cut and rng.random() < 0.5 else first
    return {**value, "normalizer": {"type": "Sequence", "normalizers": parts}, "pre_tokenizer": whole, "post_processor": None,
            "truncation": None, "padding": None}


def fields(encoding, part=False):
    """What is compared of an encoding. What the library nests of cut off pairs a second time is left out, and so are the
    types of what was cut off, which it leaves as they were before the template."""
    return {"ids": encoding.ids, "offsets": [list(pair) for pair in encoding.offsets],
            "type_ids": [] if part else encoding.type_ids,
            "attention_mask": encoding.attention_mask, "special_tokens_mask": encoding.special_tokens_mask,
            "overflowing": [] if part else [fields(part, True) for part in encoding.overflowing]}


def found_fields(value, part=False):
    """The same of what the command prints."""
    known = {key: value[key] for key in ["ids", "offsets", "type_ids", "attention_mask", "special_tokens_mask"]}
    known["overflowing"] = [found_fields(item, True) for item in value["overflowing"]]
    return {**known, "type_ids": [] if part else known["type_ids"]}


def difference(found, expected, path):
    """Where two values differ first, or nothing."""
    if isinstance(expected, dict):
        parts = [difference(found[key], expected[key], f"{path}.{key}") for key in expected]
        return next((part for part in parts if part), None)
    if isinstance(expected, list) and len(found) == len(expected):
        parts = [difference(*pair, f"{path}[{index}]") for index, pair in enumerate(zip(found, expected))]
        return next((part for part in parts if part), None)
    return None if found == expected else f"{path} is {json.dumps(found)}, expected {json.dumps(expected)}"


def attempt(body):
    """The value, or nothing where the library refuses."""
    try:
        return body()
    except BaseException:  # The library panics with an exception that is none.
        return None


def run(command, inputs):
    """One value for each line of output; nothing and the message where the command fails."""
    given = "".join(json.dumps(value) + "\n" for value in inputs)
    done = subprocess.run(command, input=given, capture_output=True, text=True, encoding="utf-8")
    if done.returncode != 0:
        return None, done.stderr.strip()
    return [json.loads(line) for line in done.stdout.rstrip("\n").split("\n") if line], ""


def outline(value):
    """A tokenizer without its vocabulary."""
    value = copy.deepcopy(value)
    value["model"]["vocab"] = value["model"]["merges"] = "…"
    return json.dumps(value, ensure_ascii=False)


def main():
    """Compares round by round."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only")
    parser.add_argument("--first", action="store_true")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    differing = refused = rounds = 0
    sys.stderr = open(os.devnull, "w")
    for seed in range(options.seed, options.seed + options.count):
        rng = random.Random(seed)
        value = marking_first(rng, tokenizer(rng)) if options.first else tokenizer(rng)
        if options.only and options.only not in outline(value):
            continue
        reference = attempt(lambda: Tokenizer.from_str(json.dumps(value)))
        if reference is None:
            continue
        inputs = [text(rng, SPECIALS) for _ in range(20)]
        inputs += [[text(rng, SPECIALS), text(rng, SPECIALS)] for _ in range(6)] + ["", " ", "a"]
        special = rng.random() < 0.8
        encoded = [attempt(lambda: reference.encode(*(item if isinstance(item, list) else [item]), add_special_tokens=special)) for item in inputs]
        inputs = [item for item, encoding in zip(inputs, encoded) if encoding is not None]
        encoded = [fields(encoding) for encoding in encoded if encoding is not None]
        rounds += 1
        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/tokenizer.json", "w", encoding="utf-8") as file:
                json.dump(value, file)
            flags = ["--model", folder]
            results, message = run(options.command + ["tokenize", "--json"] + flags + ([] if special else ["--no-special"]), inputs)
            if results is None:
                refused += 1
                print(f"seed {seed}: {message}\n  {outline(value)}")
                continue
            plain = [item for item in inputs if isinstance(item, str)] if not value["truncation"] and not value["padding"] else []
            alone, _ = run(options.command + ["tokenize"] + flags + ([] if special else ["--no-special"]), plain)
            limit = reference.get_vocab_size() + 2
            ids = [item["ids"] for item in encoded] + [[rng.randrange(limit) for _ in range(rng.randrange(9))] for _ in range(30)]
            # The library gives normalized tokens back as the normalizer leaves them, and so fails to skip them.
            normalized = {number for number, token in reference.get_added_tokens_decoder().items() if token.normalized}
            ids = [[number for number in item if number not in normalized] for item in ids]
            skip = rng.random() < 0.5
            texts = [attempt(lambda: reference.decode(item, skip_special_tokens=skip)) for item in ids]
            decoded, message = run(options.command + ["detokenize"] + flags + (["--skip-special"] if skip else []), ids)
            streamed, _ = run(options.command + ["detokenize", "--stream"] + flags + (["--skip-special"] if skip else []), ids)
        problems = [f"{json.dumps(item)}: {difference(found_fields(result), expected, 'encoding')}"
                    for item, result, expected in zip(inputs, results, encoded) if found_fields(result) != expected]
        problems += [f"{json.dumps(item)}: {result} alone" for item, result in zip(plain, alone)
                     if result != encoded[inputs.index(item)]["ids"]]
        problems += [f"{item}: {json.dumps(result)}, expected {json.dumps(expected)}"
                     for item, result, expected in zip(ids, decoded, texts) if result != expected and expected is not None]
        problems += [f"{item}: streamed {pieces}" for item, pieces, result in zip(ids, streamed, decoded) if "".join(pieces) != result]
        if problems:
            differing += 1
            print(f"seed {seed}: {len(problems)} of {len(inputs) + len(ids)} differ; {min(problems, key=len)}\n  {outline(value)}")
    print(f"{rounds} tokenizers, {differing} with differences, {refused} refused")
    sys.exit(1 if differing else 0)


if __name__ == "__main__":
    main()
