"""Times tokenizers: Hayloft and the `tokenizers` library, on one megabyte of mixed text.

    tokenizers_speed.py FOLDER…

Each folder holds a tokenizer.json. The text is made of this repository's own prose and code and of random words, numbers,
signs and emoji of many scripts. For each step both sides run in one process, one after the other; times are the best of
five rounds. A ratio above one means that Hayloft is faster. Needs tokenizers and a Swift toolchain.
"""

import json
import os
import pathlib
import random
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path += [str(ROOT / "Tests/HayTokenizerTests"), str(ROOT / "Benchmarks/text")]
os.environ["TOKENIZERS_PARALLELISM"] = "true"

from compare_random import text  # noqa: E402
from templates import seconds_per_run  # noqa: E402
from tokenizers import Tokenizer, decoders  # noqa: E402

SIZE = 1_000_000


def mixed_lines():
    """One megabyte of lines: two thirds prose and code, one third random texts."""
    files = [*ROOT.glob("*.md"), *ROOT.glob("Sources/**/*.swift"), *ROOT.glob("Kernels/**/*.c")]
    known = [line for path in sorted(files) for line in path.read_text(encoding="utf-8").split("\n") if line]
    rng = random.Random(1)
    lines, size = [], 0
    while size < SIZE:
        lines.append(text(rng, []) if rng.random() < 0.15 else rng.choice(known))
        size += len(lines[-1].encode()) + 1
    return lines


def main(folders):
    """Prints the times of each folder."""
    subprocess.run(["swift", "build", "-c", "release", "--package-path", ROOT / "Benchmarks", "--product", "TextBench"], check=True, stdout=sys.stderr)
    bench = subprocess.Popen([ROOT / "Benchmarks/.build/release/TextBench", "tokenizers"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
    lines = mixed_lines()
    size = sum(len(line.encode()) for line in lines) / 1e6
    print(f"{size:.2f} MB in {len(lines)} lines, {os.cpu_count()} processors")
    print(f"{'tokenizer':28} {'step':26} {'tokenizers':>14} {'Hayloft':>14} {'ratio':>6}")
    for folder in folders:
        file = f"{folder}/tokenizer.json"
        theirs = Tokenizer.from_file(file)
        theirs.no_truncation()
        theirs.no_padding()
        bench.stdin.write(json.dumps({"folder": folder, "lines": lines}) + "\n")
        bench.stdin.flush()
        ours = json.loads(bench.stdout.readline())
        ids = [encoding.ids for encoding in theirs.encode_batch(lines, add_special_tokens=False)]
        if ours["ids"] != ids:
            print(f"{pathlib.Path(folder).name:28} gives other ids")
            continue
        flat = [number for line in ids for number in line]

        def stream():
            """All ids one by one."""
            stream = decoders.DecodeStream(skip_special_tokens=False)
            for number in flat:
                stream.step(theirs, number)

        steps = [
            ("load", "load", lambda: Tokenizer.from_file(file), None),
            ("encode, one thread", "encode", lambda: [theirs.encode(line) for line in lines], size),
            ("encode, all threads", "batch", lambda: theirs.encode_batch_fast(lines), size),
            ("encode with offsets", "encodings", lambda: [theirs.encode(line) for line in lines], size),
            ("decode", "decode", lambda: theirs.decode(flat, skip_special_tokens=False), size),
            ("decode as a stream", "stream", stream, size),
        ]
        for title, key, body, amount in steps:
            their_seconds = seconds_per_run(body, rounds=3)
            show = (lambda seconds: f"{amount / seconds:9.1f} MB/s") if amount else (lambda seconds: f"{seconds * 1e3:9.1f} ms  ")
            name = pathlib.Path(folder).name if key == "load" else ""
            print(f"{name:28} {title:26} {show(their_seconds):>14} {show(ours[key]):>14} {their_seconds / ours[key]:5.1f}x", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
