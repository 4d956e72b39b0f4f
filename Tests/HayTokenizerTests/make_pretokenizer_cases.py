"""Writes what the `tokenizers` library makes of texts: cut by its pre-tokenizers, and replaced by expressions.

    make_pretokenizer_cases.py FILE [--count N] [--length N] [--seed N]

Without options it writes the cases of `Tests/Golden/pretokenizers`. A larger file in `$HAYLOFT_FIXTURES/pretokenizers` is
compared by the same tests.
"""

import argparse
import json
import random

from tokenizers import Tokenizer

from compare_random import text

CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
UPPER, LOWER = r"\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}", r"\p{Ll}\p{Lm}\p{Lo}\p{M}"
SPACES = r"\s*[\r\n]+|\s+(?!\S)|\s+"
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
ASCII_SIGNS = r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~]"""
LATIN = (
    "A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚḀ-ἕἘ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝὟ-\u1f7dᾀ-ᾴᾶ-ᾼ\u1fbeῂ-ῄῆ-ῌῐ-\u1fd3ῖ-\u1fdbῠ-Ῥ"
    "ῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝℤ\u2126ℨ\u212a-ℭℯ-ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⲳⲳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-𞥃"
)


def cl100k(number, letters=r"[^\r\n\p{L}\p{N}]?\p{L}+", signs=r" ?[^\s\p{L}\p{N}]+[\r\n]*", contractions=CONTRACTIONS):
    """The expression of cl100k with some of its parts changed."""
    return f"{contractions}|{letters}|{number}|{signs}|{SPACES}"


def cased(upper, lower, number, end="", signs=r" ?[^\s\p{L}\p{N}]+[\r\n/]*", first=""):
    """The expression of o200k and its kin, which cut where the case of letters changes."""
    sign = r"[^\r\n\p{L}\p{N}]?"
    return f"{first}{sign}[{upper}]*[{lower}]+{end}|{sign}[{upper}]+[{lower}]*{end}|{number}|{signs}|{SPACES}"


NO_HAN = r"&&[^\p{Han}]"

# Expressions that checkpoints cut words with, by the family that has them.
EXPRESSIONS = {
    "GPT-2": GPT2,
    "cl100k, Llama 3, GLM-4": cl100k(r"\p{N}{1,3}"),
    "cl100k as tiktoken writes it": r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s",
    "Qwen2, StableLM 2": cl100k(r"\p{N}"),
    "Qwen3.5": cl100k(r"\p{N}", r"[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+", r" ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*"),
    "Llama 3 with spelled-out case": cl100k(r"\p{N}{1,3}", contractions="(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])"),
    "o200k, gpt-oss, Llama 4": cased(UPPER, LOWER, r"\p{N}{1,3}", CONTRACTIONS + "?"),
    "Tekken": cased(UPPER, LOWER, r"\p{N}"),
    "Kimi K2": cased(UPPER + NO_HAN, LOWER + NO_HAN, r"\p{N}{1,3}", CONTRACTIONS + "?", r" ?[^\s\p{L}\p{N}]+[\r\n]*", r"[\p{Han}]+|"),
    "DeepSeek V3: numbers": r"\p{N}{1,3}",
    "DeepSeek V3: Chinese and Japanese": r"[一-龥぀-ゟ゠-ヿ]+",
    "DeepSeek V3": ASCII_SIGNS + r"[A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|" + SPACES,
    "DeepSeek LLM: letters": rf"\s?[{LATIN}]+",
    "DeepSeek LLM: signs": r"\s?[!-/:-~！-／：-～‘-‟　-。]+",
    "DeepSeek LLM: spaces": r"\s+$",
    "DeepSeek LLM: Chinese and Korean": r"[一-龥ࠀ-一가-퟿]+",
    "DeepSeek Coder: letters": r"\s?\p{L}+",
    "DeepSeek Coder: signs": r"\s?\p{P}+",
    "line ends": r"[\r\n]",
    "Falcon: digits": r"[0-9][0-9][0-9]",
    "Falcon: signs": r"[\p{P}\$\+<=>\^~\|`]+",
    "GPT-2 without lone spaces": GPT2.removesuffix(r"|\s+"),
    "BLOOM": r" ?[^(\s|[.,!?…。，、।۔،])]+",
    "Viking": r" ?[^(\s|.,!?…。，、।۔،)]+",
    "CLIP": r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+",
    "SuperBPE": r"\p{N}+",
    "SuperBPE: threes from the right": r"(?=(\d{3})+(?!\d))",
    "BailingMoE": r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+",
    "Seed Coder": CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+|" + SPACES,
    "Chameleon": r"([\t\n]|    |  )",
    "Chameleon: images": r"(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z",
    "Exaone 4": r"(?=\p{L})([^a-z])",
    "Tekken without categories": r"[^\r\n\p{L}\p{N}]?((?=[\p{L}])([^a-z]))*((?=[\p{L}])([^A-Z]))+|[^\r\n\p{L}\p{N}]?((?=[\p{L}])([^a-z]))+((?=[\p{L}])([^A-Z]))*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|" + SPACES,
    "AFMoE: numbers": r"\p{Nd}{1,3}(?=(?:\p{Nd}{3})*\b)",
    "runs of spaces": r" {2,}",
    "GPT-SW3": r"\s+|\S+",
    "words": r"\w+|[^\w\s]+",
    "words at their borders": r"\b",
}

# What expressions are made of, beyond those above.
CONSTRUCTS = [
    "", "a*", "x?", "^", "$", r"\A.", r".\z", r".\Z", r"\B", "(?m).+", ".+", "a|(?=\\d)", r"(?<=\d)(?=\D)", r"(?<![a-z])o", r"(?<=a|th)e",
    r"(?>a+|o)n", r"[a-n]++n", r"(?i)straße|hello", "(?i:k)+", "(?i)[^k]+", r"[[:alpha:]]+", r"[[:^punct:]]+", r"[[:upper:]_]", r"\h{2,}",
    r"\p{^L}+", r"\P{L}+", r"\p{Greek}+|\p{Cyrillic}+", r"\R", r"\p{Lu}\p{Ll}+?", r"(?x) [a-z]+ # letters", r"[a-z&&[^aeiou]]+",
    r"[\w&&[^\d]]+", r"[]a]+", r"[a\-z]+", r"(?:ab|a)(?:c|bcd)?", r"(?:\s*\w)+?\n", r"(a*)*b", r"(?:a?b?)*", r"\W", r"[^\W\d_]+", r"\s\S",
    r"[\x{4e00}-\u9fff]+", r"(?<name>o+)", r"(?:the|there|and)(?!\w)", r"a{,2}", r"\d{2}?", r"(?:\d\d)*?\.", r"[^\n]+\n?", r"\p{Alnum}+",
]  # fmt: skip

BEHAVIORS = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]


def split(pattern, behavior="Isolated", invert=False):
    """A Split."""
    return {"type": "Split", "pattern": pattern, "behavior": behavior, "invert": invert}


def components():
    """All pre-tokenizers."""
    for expression in list(EXPRESSIONS.values()) + CONSTRUCTS:
        yield split({"Regex": expression})
    for pattern in [{"String": " "}, {"String": "a"}, {"String": ""}, {"String": ".+"}, {"Regex": r"\s+"}, {"Regex": r"(?=[A-Z])"}]:
        for behavior in BEHAVIORS:
            yield split(pattern, behavior)
            yield split(pattern, behavior, invert=True)
    for name in ["Whitespace", "WhitespaceSplit", "BertPreTokenizer", "UnicodeScripts"]:
        yield {"type": name}
    for behavior in BEHAVIORS:
        yield {"type": "Punctuation", "behavior": behavior}
    for individual in [True, False]:
        yield {"type": "Digits", "individual_digits": individual}
    yield {"type": "CharDelimiterSplit", "delimiter": "e"}
    yield {"type": "FixedLength", "length": 3}
    metaspaces = [
        {"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": splits}
        for scheme in ["always", "first", "never"]
        for splits in [True, False]
    ]
    levels = [
        {"type": "ByteLevel", "add_prefix_space": prefix, "trim_offsets": True, "use_regex": regex}
        for prefix in [True, False]
        for regex in [True, False]
    ]
    yield from metaspaces
    yield from levels
    deepseek = [split({"Regex": EXPRESSIONS[f"DeepSeek V3{part}"]}) for part in [": numbers", ": Chinese and Japanese", ""]]
    for parts in [
        *([{"type": "WhitespaceSplit"}, part] for part in metaspaces),
        *([{"type": "Punctuation", "behavior": "Contiguous"}, part] for part in levels),
        deepseek + [levels[3]],
        [{"type": "Digits", "individual_digits": True}, levels[1]],
        [{"type": "Punctuation", "behavior": "Contiguous"}, levels[2], {"type": "Digits", "individual_digits": False},
         split({"Regex": "[0-9][0-9][0-9]"})],
    ]:  # fmt: skip
        yield {"type": "Sequence", "pretokenizers": parts}


def replacements():
    """All normalizers."""
    for expression in [r" {2,}", r"\s+", r"^", r"$", "", r"(?=\p{L})", r"[^\w\s]", r"\bthe\b", r"(.)", r"x*"]:
        yield {"type": "Replace", "pattern": {"Regex": expression}, "content": "▁"}
    for literal in [" ", "the", "", "."]:
        yield {"type": "Replace", "pattern": {"String": literal}, "content": "⟨$1\\0⟩"}


def tokenizer(**parts):
    """A tokenizer of some parts."""
    model = {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"}
    empty = {key: None for key in ["truncation", "padding", "normalizer", "pre_tokenizer", "post_processor", "decoder"]}
    return Tokenizer.from_str(json.dumps({"version": "1.0", "added_tokens": [], "model": model} | empty | parts))


def main():
    """Writes a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file")
    parser.add_argument("--count", type=int, default=6, help="texts for each component")
    parser.add_argument("--length", type=int, default=40, help="the most characters of a text")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)

    def texts(component):
        """Some random texts, the first of which has what an expression spells out."""
        own = "".join(value for value in component.get("pattern", {}).values())
        for index in range(options.count):
            parts = [text(rng, [own]) for _ in range(3)]
            yield "".join(parts)[: options.length]

    cuts, changes = [], []
    for component in components():
        pre_tokenizer = tokenizer(pre_tokenizer=component).pre_tokenizer
        cases = [[value, [piece for piece, _ in pre_tokenizer.pre_tokenize_str(value)]] for value in texts(component)]
        cuts.append({"component": component, "cases": cases})
    for component in replacements():
        normalizer = tokenizer(normalizer=component).normalizer
        changes.append({"component": component, "cases": [[value, normalizer.normalize_str(value)] for value in texts(component)]})
    with open(options.file, "w", encoding="utf-8") as file:
        file.write('{"pre_tokenizers": [\n')
        file.write(",\n".join(json.dumps(cut, ensure_ascii=False) for cut in cuts))
        file.write('\n], "normalizers": [\n')
        file.write(",\n".join(json.dumps(change, ensure_ascii=False) for change in changes))
        file.write("\n]}\n")


if __name__ == "__main__":
    main()
