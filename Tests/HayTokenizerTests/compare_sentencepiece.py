"""Compares random texts and random ids against the sentencepiece library.

    compare_sentencepiece.py [FOLDER…] [--train N] [--count N] [--seed N] -- COMMAND…

Each folder holds a sentencepiece model and nothing else that says how to tokenize; with --train so many tiny models of
random settings are added. COMMAND is what runs `hayloft`, for example `.build/release/hayloft`. Prints every difference
and exits with 1 if there is one.
"""

import argparse
import io
import pathlib
import random
import sys
import tempfile

import sentencepiece

import compare_random

SETTINGS = {
    "model_type": ["unigram", "unigram", "bpe", "bpe", "word", "char"], "vocab_size": [900, 1500],
    "byte_fallback": [False, True], "remove_extra_whitespaces": [True, False], "add_dummy_prefix": [True, True, False],
    "treat_whitespace_as_suffix": [False, False, True], "split_digits": [False, True],
    "split_by_whitespace": [True, True, False], "split_by_unicode_script": [True, False],
    "allow_whitespace_only_pieces": [False, True], "unk_surface": [" \u2047 ", "", "?!"],
    "normalization_rule_name": ["identity", "nmt_nfkc", "nfkc", "nmt_nfkc_cf", "nfkc_cf"],
    "user_defined_symbols": [[], ["<sep>", "the", "ab", "ﬁ", "①b", "d y", "▁▁▁"]], "control_symbols": [[], ["<ctl>"]],
}
SPACES = ["▁", "▁▁", " ▁", "\u3000", " \u00a0", "\u200b", "\t", "   "]


def decode(processor, ids):
    """The text of ids; those that are no piece are passed over."""
    return processor.decode([value for value in ids if value < processor.get_piece_size()])


def text(rng, processor, specials):
    """A random text, some of it made of pieces and of characters that the model does not know."""
    parts = [compare_random.text(rng, specials)]
    for _ in range(rng.randrange(6)):
        piece = processor.id_to_piece(rng.randrange(processor.get_piece_size()))
        parts.append(rng.choice([piece, piece.replace("▁", " "), rng.choice(SPACES), piece[:1] * 3]))
    rng.shuffle(parts)
    return "".join(parts)


def train(folder, rng):
    """Trains a model of random settings; gives up on those that contradict each other."""
    settings = {name: rng.choice(values) for name, values in SETTINGS.items()}
    sentences = [compare_random.text(rng, []).replace("\0", "").replace("\n", " ") for _ in range(500)]
    model = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(sentences), model_writer=model, hard_vocab_limit=False, num_threads=1,
            minloglevel=3, character_coverage=0.98, **settings)
    except RuntimeError as error:
        print(f"not trained: {error}: {settings}")
        return []
    (folder / "tokenizer.model").write_bytes(model.getvalue())
    (folder / "settings.txt").write_text(str(settings))
    return [str(folder)]


def special_pieces(processor):
    """Pieces that are not plain text."""
    size = processor.get_piece_size()
    return [processor.id_to_piece(i) for i in range(size) if processor.is_control(i) or processor.is_byte(i)]


def compare(folder, command, count, seed):
    """Compares both ways and gives the number of differences."""
    rng = random.Random(seed)
    file, = pathlib.Path(folder).glob("*.model")
    processor = sentencepiece.SentencePieceProcessor(model_file=str(file))
    specials = special_pieces(processor)
    texts = [text(rng, processor, specials) for _ in range(count)]
    expected = [processor.encode(value) for value in texts]
    model = ["--model", folder]
    failures = compare_random.compare("tokenize", texts, expected, compare_random.run(
        command + ["tokenize"] + model, texts))
    limit = processor.get_piece_size()
    ids = [[rng.randrange(limit + 3) for _ in range(rng.randrange(12))] for _ in texts]
    ids += [[rng.randrange(min(limit, 300)) for _ in range(rng.randrange(12))] for _ in texts]
    ids += expected
    return failures + compare_random.compare(
        "detokenize", ids, [decode(processor, value) for value in ids],
        compare_random.run(command + ["detokenize"] + model, ids))


def main():
    """Compares all folders."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*")
    parser.add_argument("--train", type=int, default=0)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    given, command = sys.argv[1:], []
    if "--" in given:
        command = given[given.index("--") + 1:]
        given = given[:given.index("--")]
    options = parser.parse_args(given)
    failures = 0
    for folder in options.folders:
        print(folder)
        failures += compare(folder, command, options.count, options.seed)
    for number in range(options.train):
        with tempfile.TemporaryDirectory() as folder:
            for trained in train(pathlib.Path(folder), random.Random(options.seed * 1000 + number)):
                print(pathlib.Path(trained, "settings.txt").read_text())
                failures += compare(trained, command, options.count, options.seed)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
