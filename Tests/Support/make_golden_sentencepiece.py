#!/usr/bin/env python3
"""Makes the golden sentencepiece models of Tests/Golden/sentencepiece: tiny ones, and what the library makes of texts.

    .venv/bin/pip install sentencepiece protobuf
    .venv/bin/python Tests/Support/make_golden_sentencepiece.py

Each folder holds tokenizer.model and sentencepiece_cases.json: texts with their ids and what those decode to, and
random ids without a text. Settings and symbols are chosen so that every rule of the library is met in some folder.
"""

import io
import json
import pathlib
import random
import sys
import tempfile

import sentencepiece
from sentencepiece import sentencepiece_model_pb2

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "HayTokenizerTests"))

import compare_sentencepiece  # noqa: E402

OUTPUT = TESTS / "Golden" / "sentencepiece"
CASES = 60
WORDS = """one two three four five six seven eight nine ten eleven twelve twenty thirty hundred thousand the and of a to
hay loft field barn grass mows dries turns stacks winter summer horse horses cattle eat eats eaten eating naïve café
straße привет мир 你好 世界 can't won't 1234 56 7 ... , . ! ? ( ) --""".split()
# Source, replacement: some longer than one character, one a prefix of another, one to nothing, one to two spaces.
RULES = {"\u3000": " ", "\u00a0": " ", "\t": " ", "\n": " ", "\u200b": "", "ﬁ": "fi", "e\u0301": "é", "①": "1",
         "…": "...", "\u2003": "  ", "ä": "ae", "ab\u0308": "abe", "½": "1 2", "Ａ": "A", "\u0085": "  x "}
SYMBOLS = ["<sep>", "hay", "\u3000\u3000", "ﬁe", "a b"]
MODELS = {
    "unigram-bytes": dict(model_type="unigram", vocab_size=420, byte_fallback=True, user_defined_symbols=SYMBOLS),
    "unigram-suffix": dict(model_type="unigram", vocab_size=140, treat_whitespace_as_suffix=True, unk_surface="?!"),
    "bpe-spaces": dict(model_type="bpe", vocab_size=170, remove_extra_whitespaces=False, split_digits=True,
                       allow_whitespace_only_pieces=True, user_defined_symbols=SYMBOLS, unk_id=2, bos_id=0, eos_id=1),
    "bpe-unused": dict(model_type="bpe", vocab_size=200, add_dummy_prefix=False, split_by_whitespace=False,
                       split_by_unicode_script=False, control_symbols=["<ctl>"]),
    "word": dict(model_type="word", vocab_size=50, user_defined_symbols=SYMBOLS),
    "char": dict(model_type="char", vocab_size=60, byte_fallback=False, user_defined_symbols=SYMBOLS),
}


def train(settings, rng):
    """The bytes of a model trained on random sentences."""
    sentences = [" ".join(rng.choice(WORDS) for _ in range(rng.randrange(2, 12))) for _ in range(400)]
    with tempfile.NamedTemporaryFile("w", suffix=".tsv", encoding="utf-8") as rules:
        for source, target in RULES.items():
            codes = [" ".join(f"{ord(character):04X}" for character in text) for text in (source, target)]
            rules.write("\t".join(codes) + "\n")
        rules.flush()
        model = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(sentences), model_writer=model, normalization_rule_tsv=rules.name,
            hard_vocab_limit=False, num_threads=1, minloglevel=2, **settings)
    proto = sentencepiece_model_pb2.ModelProto.FromString(model.getvalue())
    proto.normalizer_spec.ClearField("normalization_rule_tsv")
    return proto


def adjust(name, proto, rng):
    """Sets what training does not: unused pieces, equal scores, a denormalizer."""
    normal = [piece for piece in proto.pieces if piece.type == sentencepiece_model_pb2.ModelProto.SentencePiece.NORMAL]
    if name == "bpe-unused":
        for piece in rng.sample(normal, len(normal) // 3):
            piece.type = sentencepiece_model_pb2.ModelProto.SentencePiece.UNUSED
    if name == "bpe-spaces":
        for piece in normal:
            piece.score = float(round(piece.score / 10))
    if name == "unigram-suffix":
        for piece in normal:
            piece.score = round(piece.score * 2) / 2
        proto.denormalizer_spec.CopyFrom(proto.normalizer_spec)
        proto.denormalizer_spec.add_dummy_prefix = False
        proto.denormalizer_spec.escape_whitespaces = False


def cases(processor, rng):
    """Texts of several kinds, and ids that no text has."""
    result = []
    sources = list(RULES) + SYMBOLS + WORDS
    specials = compare_sentencepiece.special_pieces(processor)
    for index in range(CASES):
        text = compare_sentencepiece.text(rng, processor, specials)[:120] if index % 2 else "".join(
            rng.choice([rng.choice(sources), rng.choice(WORDS), " ", "  "]) for _ in range(rng.randrange(1, 14)))
        ids = processor.encode(text)
        result.append({"text": text, "ids": ids, "decoded": processor.decode(ids)})
    for _ in range(CASES // 2):
        ids = [rng.randrange(processor.get_piece_size()) for _ in range(rng.randrange(1, 12))]
        result.append({"ids": ids, "decoded": processor.decode(ids)})
    return result


def main():
    """Makes all folders."""
    for name, settings in MODELS.items():
        rng = random.Random(name)
        proto = train(settings, rng)
        adjust(name, proto, rng)
        folder = OUTPUT / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "tokenizer.model").write_bytes(proto.SerializeToString())
        processor = sentencepiece.SentencePieceProcessor(model_proto=proto.SerializeToString())
        made = {"library": f"sentencepiece {sentencepiece.__version__}", "cases": cases(processor, rng)}
        lines = json.dumps(made).replace('}, {', '},\n{')
        (folder / "sentencepiece_cases.json").write_text(lines + "\n")
        print(name, processor.get_piece_size(), "pieces", (folder / "tokenizer.model").stat().st_size, "bytes")


if __name__ == "__main__":
    main()
