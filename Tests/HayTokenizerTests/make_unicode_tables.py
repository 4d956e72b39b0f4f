"""Writes the Unicode tables of HayTokenizer.

    make_unicode_tables.py ../../Sources/HayTokenizer

All of it is asked of the `tokenizers` library, scalar by scalar, as each of its parts knows another version of Unicode:
categories and scripts of its expressions, marks and decompositions of its normalizers, punctuation of its
pre-tokenizer, scripts of its pre-tokenizer where they differ.
"""

import base64
import sys

from tokenizers import Regex, normalizers, pre_tokenizers

SCALARS = [value for value in range(0x110000) if not 0xD800 <= value < 0xE000]
SCALARS_SET = set(SCALARS)
HANGUL = range(0xAC00, 0xD7A4)
CATEGORIES = "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Co".split()
SCRIPTS = """Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum Bassa_Vah Batak Bengali Bhaiksuki Bopomofo
Brahmi Braille Buginese Buhid Canadian_Aboriginal Carian Caucasian_Albanian Chakma Cham Cherokee Chorasmian Common
Coptic Cuneiform Cypriot Cypro_Minoan Cyrillic Deseret Devanagari Dives_Akuru Dogra Duployan Egyptian_Hieroglyphs
Elbasan Elymaic Ethiopic Garay Georgian Glagolitic Gothic Grantha Greek Gujarati Gunjala_Gondi Gurmukhi Gurung_Khema
Han Hangul Hanifi_Rohingya Hanunoo Hatran Hebrew Hiragana Imperial_Aramaic Inherited Inscriptional_Pahlavi
Inscriptional_Parthian Javanese Kaithi Kannada Katakana Kawi Kayah_Li Kharoshthi Khitan_Small_Script Khmer Khojki
Khudawadi Kirat_Rai Lao Latin Lepcha Limbu Linear_A Linear_B Lisu Lycian Lydian Mahajani Makasar Malayalam Mandaic
Manichaean Marchen Masaram_Gondi Medefaidrin Meetei_Mayek Mende_Kikakui Meroitic_Cursive Meroitic_Hieroglyphs Miao Modi
Mongolian Mro Multani Myanmar Nabataean Nag_Mundari Nandinagari New_Tai_Lue Newa Nko Nushu Nyiakeng_Puachue_Hmong Ogham
Ol_Chiki Ol_Onal Old_Hungarian Old_Italic Old_North_Arabian Old_Permic Old_Persian Old_Sogdian Old_South_Arabian
Old_Turkic Old_Uyghur Oriya Osage Osmanya Pahawh_Hmong Palmyrene Pau_Cin_Hau Phags_Pa Phoenician Psalter_Pahlavi Rejang
Runic Samaritan Saurashtra Sharada Shavian Siddham SignWriting Sinhala Sogdian Sora_Sompeng Soyombo Sundanese Sunuwar
Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le Tai_Tham Tai_Viet Takri Tamil Tangsa Tangut Telugu Thaana Thai Tibetan
Tifinagh Tirhuta Todhri Toto Tulu_Tigalari Ugaritic Vai Vithkuqi Wancho Warang_Citi Yezidi Yi Zanabazar_Square""".split()


def number(value):
    """Seven bits a byte, the lowest first; the high bit says that more follow."""
    data = bytearray()
    while value >= 0x80:
        data.append(value & 0x7F | 0x80)
        value >>= 7
    data.append(value)
    return bytes(data)


def classes():
    """Runs of numbers (2), marks (3) and punctuation (4): gap since the last run, length, class."""
    numbers = pre_tokenizers.Digits(individual_digits=True)
    punctuation = pre_tokenizers.Punctuation("removed")
    marks = normalizers.StripAccents()

    def kind(value):
        if value not in SCALARS_SET:
            return 0
        text = chr(value)
        if len(numbers.pre_tokenize_str(text * 2)) == 2:
            return 2
        if not marks.normalize_str(text):
            return 3
        return 0 if punctuation.pre_tokenize_str(text) else 4

    return runs([kind(value) for value in range(0x110000)])


def runs(kinds):
    """Runs of scalars of the same kind, except kind 0: gap since the last run, length, kind."""
    data, end, value = b"", 0, 0
    while value < 0x110000:
        start = value
        while value < 0x110000 and kinds[value] == kinds[start]:
            value += 1
        if kinds[start]:
            data += number(start - end) + number(value - start) + number(kinds[start])
            end = value
    return data


def members(belongs):
    """Runs of the scalars that satisfy a condition: gap since the last run, length."""
    data, end, value = b"", 0, 0
    known = {value for value in SCALARS if belongs(chr(value))}
    while value < 0x110000:
        start = value
        while value in known:
            value += 1
        if value > start:
            data += number(start - end) + number(value - start)
            end = value
        value += 1
    return data


def nonspacing():
    """The marks that BERT's normalizer strips."""
    strip = normalizers.BertNormalizer(
        clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False)
    return members(lambda scalar: not strip.normalize_str(scalar))


def combining():
    """The marks that the normalization forms put in order: those that change places with one of class 1 or 240."""
    order = normalizers.NFD().normalize_str
    moves = lambda text: order(text) != text
    return members(lambda scalar: order(scalar) == scalar and (moves(scalar + "\u0334") or moves("\u0345" + scalar)))


def properties(names):
    """For each scalar the first of some properties that it has, by its place from 1 on, as expressions see it."""
    text = "".join(map(chr, SCALARS))
    kinds = [0] * 0x110000
    for index, name in enumerate(names):
        split = pre_tokenizers.Split(Regex(rf"\p{{{name}}}+"), "removed", invert=True)
        for _, (start, end) in split.pre_tokenize_str(text):
            for value in SCALARS[start:end]:
                kinds[value] = index + 1
    return kinds


def script_changes(kinds):
    """Scripts that the pre-tokenizer knows otherwise than expressions do: their place, one past all for none."""
    scripts = pre_tokenizers.UnicodeScripts()

    def joins(*values):
        return len(scripts.pre_tokenize_str("".join(map(chr, values)))) < 2

    samples = {}
    none = {value for value in SCALARS if joins(0x61, value) and joins(0x6F22, value)}
    for value in set(SCALARS) - none:
        samples[kinds[value]] = min(value, samples.get(kinds[value], value))
    changes = [0] * 0x110000
    for value in SCALARS:
        if value in none:
            changes[value] = len(SCRIPTS) + 1 if kinds[value] else 0
        elif not joins(samples[kinds[value]], value):
            changes[value] = min(kind for kind, sample in samples.items() if joins(sample, value))
    return changes


def swift_list(names):
    """The names as lines of a Swift array."""
    lines, line = [], ""
    for name in names:
        if len(line) + len(name) > 100:
            lines.append(line)
            line = ""
        line += f'"{name}", '
    return "\n".join("        " + text.rstrip() for text in lines + [line])


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
    write(folder, "UnicodeDataClasses", "Runs of numbers, marks and punctuation, as `ScalarClass` reads them.", classes())
    write(folder, "UnicodeDataCombining", "Runs of marks with a combining class, as `Normalization` reads them.", combining())
    write(folder, "UnicodeDataNonspacing", "Runs of nonspacing marks, as `ScalarClass` reads them.", nonspacing())
    write(folder, "UnicodeDataCategories", "Runs of general categories, as `UnicodeProperty` reads them.", runs(properties(CATEGORIES)))
    scripts = properties(SCRIPTS)
    write(folder, "UnicodeDataScripts", "Runs of scripts, as `UnicodeProperty` reads them.", runs(scripts))
    write(folder, "UnicodeDataScriptChanges", "Runs of other scripts, as `UnicodeScripts` reads them.", runs(script_changes(scripts)))
    with open(f"{folder}/UnicodeDataScriptNames.swift", "w", encoding="ascii") as file:
        file.write("extension UnicodeProperty {\n    /// The scripts in the order of the table.\n")
        file.write(f"    static let scriptNames = [\n{swift_list(SCRIPTS)}\n    ]\n}}\n")
    write(folder, "UnicodeDataCanonical", "Canonical decompositions, as `Normalization` reads them.",
          decompositions(normalizers.NFD(), None))
    write(folder, "UnicodeDataCompatible", "Compatibility decompositions, as `Normalization` reads them.",
          decompositions(normalizers.NFKD(), normalizers.NFD()))


if __name__ == "__main__":
    main()
