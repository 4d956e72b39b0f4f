"""Compares random tokenizer folders, read by the command, with transformers' AutoTokenizer.

    compare_folders.py [--count N] [--seed N] [--keep FOLDER] -- COMMAND…

COMMAND is what runs `hayloft`. Each round writes a folder with a small tokenizer.json (BPE in the manner of GPT-2 and of
Llama, unigram, word pieces) and a random choice of the files that people have beside it: tokenizer_config.json,
special_tokens_map.json, added_tokens.json, config.json, chat templates in every place. They name tokens in one place or in
several that differ, with any flags and ids. Ids of random texts, decoded texts and rendered conversations must be the same;
where transformers refuses a folder or a conversation, the command may do either. Prints every difference and exits with 1 if
there is one. `--keep` copies the folders that differ.

Left out is what Hayloft does otherwise on purpose: classes that rebuild their pipeline from the vocabulary are given no
texts, as a tokenizer.json is taken as it stands, and neither are normalizers that change the text of an added token, which
`tokenizers` 0.23 then decodes otherwise than it was written.
"""

import argparse
import json
import logging
import os
import random
import shutil
import subprocess
import sys
import tempfile
import warnings

os.environ["TRANSFORMERS_VERBOSITY"] = "critical"
os.environ["HF_HUB_OFFLINE"] = "1"

from transformers import AutoTokenizer
from transformers.tokenization_utils_tokenizers import TokenizersBackend

WORDS = ["<s>", "</s>", "<unk>", "<pad>", "<|im_start|>", "<|im_end|>", "<image>", "<|tool|>", "[X]", "ab", "<extra_id_0>", "<mask>"]
USUAL = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"]
CUSTOM = ["image_token", "boi_token", "video_token"]
GENERIC = ["PreTrainedTokenizerFast", "TokenizersBackend", "PreTrainedTokenizer", None, "NoSuchTokenizer"]
REBUILT = ["LlamaTokenizer", "LlamaTokenizerFast", "T5Tokenizer", "GPT2Tokenizer", "Qwen2Tokenizer", "Qwen2TokenizerFast",
           "GemmaTokenizer", "BertTokenizer", "RobertaTokenizer", "CohereTokenizer", "CodeLlamaTokenizer"]
TYPES = [None, None, None, "llama", "mistral", "qwen2", "phi3", "gemma", "t5", "gpt2", "bert", "no_such_type"]
MARK = "▁"


def model(rng, kind):
    """A model of a kind with the parts around it."""
    letters = list("abcdefghijklmnopqrstuvwxyz<>|/_[]X0") + [MARK, " ", "Ġ"]
    known = [word for word in WORDS if rng.random() < 0.4]
    parts = {"normalizer": None, "pre_tokenizer": None, "decoder": {"type": "Fuse"}, "post_processor": None}
    if kind == "unigram":
        vocabulary = [["<unk>", 0.0]] + [[piece, -rng.random() * 5] for piece in [*letters, *known, "ab", MARK + "a"] if piece != "<unk>"]
        vocabulary = list({piece: [piece, score] for piece, score in vocabulary}.values())
        parts["pre_tokenizer"] = {"type": "Metaspace", "replacement": MARK, "prepend_scheme": rng.choice(["always", "first"]), "split": True}
        parts["decoder"] = {"type": "Metaspace", "replacement": MARK, "prepend_scheme": "always", "split": True}
        return {"type": "Unigram", "unk_id": 0, "vocab": vocabulary, "byte_fallback": False}, parts
    pieces = list(dict.fromkeys(["<unk>", *known, *letters] if rng.random() < 0.5 else [*letters, *known, "<unk>"]))
    ids = {piece: index for index, piece in enumerate(pieces)}
    if rng.random() < 0.2:  # A gap, as in vocabularies that leave room.
        ids["<mask>" if "<mask>" not in ids else "0"] = len(ids) + rng.choice([3, 20])
    if kind == "wordpiece":
        ids |= {"##" + letter: max(ids.values()) + 1 + index for index, letter in enumerate(letters)}
        parts |= {"pre_tokenizer": {"type": "BertPreTokenizer"}, "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": False}}
        return {"type": "WordPiece", "unk_token": "<unk>", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": ids}, parts
    if kind == "bytes":
        parts["pre_tokenizer"] = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
        parts["decoder"] = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
    else:
        parts["pre_tokenizer"] = {"type": "Metaspace", "replacement": MARK, "prepend_scheme": rng.choice(["always", "first", "never"]), "split": False}
        parts["decoder"] = {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": MARK}, "content": " "}, {"type": "Fuse"}]}
    return {"type": "BPE", "dropout": None, "unk_token": "<unk>", "continuing_subword_prefix": None, "end_of_word_suffix": None,
            "fuse_unk": False, "byte_fallback": False, "ignore_merges": False, "vocab": ids, "merges": []}, parts


def flags(rng):
    """Random flags of a token."""
    return {**{name: rng.random() < 0.2 for name in ["lstrip", "rstrip", "single_word", "normalized"]}, "special": rng.random() < 0.6}


def token(rng, plain=0.6):
    """A token as a settings file has it: a text or an object."""
    word = rng.choice(WORDS)
    return word if rng.random() < plain else {"__type": "AddedToken", "content": word, **flags(rng)}


def templates(rng, folder, config):
    """Chat templates in some of the places where they may be."""
    def text(name):
        names = rng.sample(USUAL + CUSTOM, 4)
        variables = "".join("{% if " + key + " is defined %}" + key + "={{ " + key + " }};{% endif %}" for key in names)
        return f"{name}:{variables}" + "{{ messages[0].content }}{% if tools %}{{ tools | length }}{% endif %}"
    named = lambda: {name: text("config-" + name) for name in rng.sample(["default", "tool_use", "rag"], rng.randrange(1, 4))}
    kind = rng.choice(["none", "text", "text", "list", "object"])
    if kind == "text":
        config["chat_template"] = text("config")
    elif kind == "list":
        config["chat_template"] = [{"name": name, "template": value} for name, value in named().items()]
    elif kind == "object":
        config["chat_template"] = named()
    if rng.random() < 0.3:
        write(folder, "chat_template.jinja", text("file"))
    if rng.random() < 0.3:
        os.mkdir(f"{folder}/additional_chat_templates")
        for name in rng.sample(["tool_use", "rag", "default"], rng.randrange(1, 3)):
            write(folder, f"additional_chat_templates/{name}.jinja", text("additional-" + name))


def write(folder, name, value):
    """Writes a text, or a value as JSON."""
    with open(f"{folder}/{name}", "w", encoding="utf-8") as file:
        file.write(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def make(rng, folder):
    """Writes a folder; gives whether its class is one that takes tokenizer.json as it stands."""
    made, parts = model(rng, rng.choice(["bytes", "llama", "unigram", "wordpiece"]))
    size = len(made["vocab"])
    known = dict(map(tuple, ((piece, index) for index, (piece, _) in enumerate(made["vocab"])))) if isinstance(made["vocab"], list) else made["vocab"]
    added = []
    for word in rng.sample(WORDS, rng.randrange(6)):
        new = sum(each["content"] not in known for each in added)
        added.append({"id": known.get(word, size + new), "content": word, **flags(rng)})
    bos = next((each for each in added if each["content"] == "<s>"), None)
    if bos and rng.random() < 0.7:
        parts["post_processor"] = {
            "type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {"<s>": {"id": "<s>", "ids": [bos["id"]], "tokens": ["<s>"]}}}
    padding = None
    if rng.random() < 0.1:
        padding = {"strategy": "BatchLongest", "direction": "Right", "pad_to_multiple_of": None, "pad_id": 0, "pad_type_id": 0, "pad_token": "<pad>"}
    write(folder, "tokenizer.json", {"version": "1.0", "truncation": None, "padding": padding, "added_tokens": added, **parts, "model": made})
    config, kind = {}, None
    has_config = rng.random() < 0.9
    if rng.random() < 0.8:
        kind = rng.choice(GENERIC * 3 + REBUILT)
        config["tokenizer_class"] = kind
    has_decoder = rng.random() < 0.5
    # Without added_tokens_decoder, objects of the configuration are compared as Python prints them with added_tokens.json.
    plain = 0.6 if has_decoder else 1
    for key in USUAL:
        if rng.random() < 0.3:
            config[key] = None if rng.random() < 0.15 else token(rng, plain)
    for key in CUSTOM:
        if rng.random() < 0.2:
            config[key] = token(rng, plain)
    if has_decoder:
        config["added_tokens_decoder"] = {str(rng.choice([*range(size + 6), 9000])): {"content": word, **flags(rng)}
                                          for word in rng.sample(WORDS, rng.randrange(5))}
    if rng.random() < 0.3:
        config["additional_special_tokens"] = [token(rng, plain) for _ in range(rng.randrange(3))]
    if rng.random() < 0.4:
        config["extra_special_tokens"] = rng.choice([
            [], {}, None, [token(rng, plain) for _ in range(2)], {rng.choice(CUSTOM + ["boi", "eos_token"]): token(rng, plain) for _ in range(2)}])
    if rng.random() < 0.1:
        config["model_specific_special_tokens"] = {"boi_token": "<|tool|>"}
    config |= {"model_max_length": rng.choice([64, 1e30, None]), "clean_up_tokenization_spaces": False}
    if rng.random() < 0.2:
        config["add_bos_token"] = rng.random() < 0.5
    templates(rng, folder, config)
    if has_config:
        write(folder, "tokenizer_config.json", config)
    if rng.random() < 0.5:
        special = {key: rng.choice([rng.choice(WORDS), {"content": rng.choice(WORDS), "lstrip": rng.random() < 0.3, "rstrip": False,
                                                         "normalized": rng.random() < 0.3, "single_word": False}, None])
                   for key in USUAL + CUSTOM if rng.random() < 0.3}
        if rng.random() < 0.3:
            special["additional_special_tokens"] = rng.sample(WORDS, 2)
        if rng.random() < 0.2:
            special["extra_special_tokens"] = rng.choice([rng.sample(WORDS, 2), {"image_token": rng.choice(WORDS)}])
        write(folder, "special_tokens_map.json", special)
    if rng.random() < 0.4:
        write(folder, "added_tokens.json", {word: rng.choice([*range(size, size + 8), 3]) for word in rng.sample(WORDS, rng.randrange(1, 4))})
    kind_of_model = rng.choice(TYPES)
    if kind_of_model:
        write(folder, "config.json", {"model_type": kind_of_model})


def texts(rng):
    """Random texts with tokens in them."""
    pieces = WORDS + ["a", "b c", " ", "x", "  ", "image", "."]
    return ["".join(rng.choice(pieces) for _ in range(rng.randrange(9))) for _ in range(12)]


def attempt(body):
    """The value, or nothing where transformers refuses."""
    try:
        return body()
    except BaseException:
        return None


def run(command, inputs):
    """One value for each line of output, or what the command complains of."""
    given = "".join(json.dumps(value) + "\n" for value in inputs)
    done = subprocess.run(command, input=given, capture_output=True, text=True, encoding="utf-8")
    if done.returncode != 0:
        return [f"exit {done.returncode}: {done.stderr.strip()}"] * len(inputs)
    return [json.loads(line) for line in done.stdout.splitlines()]


def conversations(rng):
    """Inputs of the template command."""
    tools = [{"type": "function", "function": {"name": "f", "description": "", "parameters": {"type": "object", "properties": {}}}}]
    user = [{"role": "user", "content": "hi"}]
    return [{"messages": user}, {"messages": user, "tools": tools}, {"messages": user, "tools": []}]


def compare(command, folder, rng):
    """What differs, as lines; nothing where transformers does not read the folder."""
    right = attempt(lambda: AutoTokenizer.from_pretrained(folder))
    if right is None:
        return None
    found = []
    as_it_stands = type(right) is TokenizersBackend
    for given, result in zip(conversations(rng), run([*command, "template", "-q", "--jsonl", "--model", folder], conversations(rng))):
        expected = attempt(lambda: right.apply_chat_template(given["messages"], tools=given.get("tools"), tokenize=False))
        if expected is None and isinstance(result, (dict, str)) and (isinstance(result, dict) or result.startswith("exit 1")):
            continue
        if result != expected:
            found.append(f"template {json.dumps(given.get('tools') is not None)}: {result!r}, expected {expected!r}")
    if not as_it_stands:
        return found
    inputs = texts(rng)
    for flag, special in [([], True), (["--no-special"], False)]:
        expected = [right.encode(text, add_special_tokens=special) for text in inputs]
        for text, result, ids in zip(inputs, run([*command, "tokenize", "-q", *flag, "--model", folder], inputs), expected):
            if result != ids:
                found.append(f"tokenize {flag} {text!r}: {result}, expected {ids}")
    ids = [right.encode(text) for text in inputs]
    for flag, skips in [([], False), (["--skip-special"], True)]:
        expected = [right.decode(each, skip_special_tokens=skips) for each in ids]
        for each, result, text in zip(ids, run([*command, "detokenize", "-q", *flag, "--model", folder], ids), expected):
            if result != text:
                found.append(f"detokenize {flag} {each}: {result!r}, expected {text!r}")
    return found


def main():
    """Compares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    agreed, refused, failed = 0, 0, 0
    for seed in range(options.seed, options.seed + options.count):
        with tempfile.TemporaryDirectory() as folder:
            rng = random.Random(seed)
            make(rng, folder)
            found = compare(options.command, folder, rng)
            refused += found is None
            agreed += found == []
            if found:
                failed += 1
                print(f"seed {seed}: " + "\n  ".join(found[:4]), flush=True)
                if options.keep:
                    shutil.copytree(folder, f"{options.keep}/{seed}", dirs_exist_ok=True)
    print(f"{agreed} folders agree, {failed} differ, {refused} that transformers refuses")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
