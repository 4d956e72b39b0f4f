"""Writes the Unicode tables of HayTokenizer.

    make_unicode_tables.py ../../Sources/HayTokenizer

All of it is asked of the `tokenizers` library, scalar by scalar, as each of its parts knows another version of Unicode:
letters and numbers of its expressions, marks and decompositions of its normalizers, punctuation of its pre-tokenizer.
"""

import base64
import sys

from tokenizers import Regex, normalizers, pre_tokenizers

SCALARS = [value for value in range(0x110000) if not 0xD800 <= value < 0xE000]
SCALARS_SET = set(SCALARS)
HANGUL = range(0xAC00, 0xD7A4)


def number(value):
    """Seven bits a byte, the lowest first; the high bit says that more follow."""
    data = bytearray()
    while value >= 0x80:
        data.append(value & 0x7F | 0x80)
        value >>= 7
    data.append(value)
    return bytes(data)


def classes():
    """Runs of letters (1), numbers (2), marks (3) and punctuation (4): gap since the last run, length, class."""
    letters = pre_tokenizers.Split(Regex(r"\p{L}"), "removed")
    numbers = pre_tokenizers.Split(Regex(r"\p{N}"), "removed")
    punctuation = pre_tokenizers.Punctuation("removed")
    marks = normalizers.StripAccents()

    def kind(value):
        if value not in SCALARS_SET:
            return 0
        text = chr(value)
        if not letters.pre_tokenize_str(text):
            return 1
        if not numbers.pre_tokenize_str(text):
            return 2
        if not marks.normalize_str(text):
            return 3
        return 0 if punctuation.pre_tokenize_str(text) else 4

    kinds = [kind(value) for value in range(0x110000)]
    data, end, value = b"", 0, 0
    while value < 0x110000:
        start = value
        while value < 0x110000 and kinds[value] == kinds[start]:
            value += 1
        if kinds[start]:
            data += number(start - end) + number(value - start) + number(kinds[start])
            end = value
    return data


def nonspacing():
    """Runs of the marks that BERT's normalizer strips: gap since the last run, length."""
    strip = normalizers.BertNormalizer(
        clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False)
    stripped = {value for value in SCALARS if not strip.normalize_str(chr(value))}
    data, end, value = b"", 0, 0
    while value < 0x110000:
        start = value
        while value in stripped:
            value += 1
        if value > start:
            data += number(start - end) + number(value - start)
            end = value
        value += 1
    return data


def decompositions(full, base):
    """Scalars that `full` changes otherwise than `base`: gap since the last, count * 2 + composes, the scalars."""
    compose = normalizers.NFC()
    data, last = b"", 0
    for value in SCALARS:
        text = chr(value)
        result = full.normalize_str(text)
        if value in HANGUL or result == (base.normalize_str(text) if base else text):
            continue
        composes = base is None and len(result) > 1 and compose.normalize_str(result) == text
        data += number(value - last) + number(len(result) * 2 + composes)
        data += b"".join(number(ord(scalar)) for scalar in result)
        last = value
    return data


def write(folder, name, comment, data):
    """One Swift file with one text."""
    text = base64.b64encode(data).decode()
    lines = [text[start : start + 110] for start in range(0, len(text), 110)]
    body = "\\\n".join("        " + line for line in lines)
    with open(f"{folder}/{name}.swift", "w", encoding="ascii") as file:
        file.write(f"extension UnicodeData {{\n    /// {comment}\n    static let {name[11].lower() + name[12:]} = \"\"\"\n")
        file.write(f"{body}\n        \"\"\"\n}}\n")


def main():
    """Writes all files."""
    folder = sys.argv[1]
    write(folder, "UnicodeDataClasses", "Runs of letters, numbers, marks and punctuation, as `ScalarClass` reads them.", classes())
    write(folder, "UnicodeDataNonspacing", "Runs of nonspacing marks, as `ScalarClass` reads them.", nonspacing())
    write(folder, "UnicodeDataCanonical", "Canonical decompositions, as `Normalization` reads them.",
          decompositions(normalizers.NFD(), None))
    write(folder, "UnicodeDataCompatible", "Compatibility decompositions, as `Normalization` reads them.",
          decompositions(normalizers.NFKD(), normalizers.NFD()))


if __name__ == "__main__":
    main()
