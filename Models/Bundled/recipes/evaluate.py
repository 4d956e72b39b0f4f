#!/usr/bin/env python3
"""Measures a bundled model through the built command: exact match on its evaluation examples.

    make build
    python3 Models/Bundled/recipes/evaluate.py tiny-flan-t5
    python3 Models/Bundled/recipes/evaluate.py tiny-zephyr

Each example is one run of `hayloft generate` or `hayloft chat` with default options, so greedy. Needs no packages.
"""

import argparse
import collections
import json
import pathlib
import subprocess
import tempfile

BUNDLED = pathlib.Path(__file__).resolve().parent.parent
COMMAND = BUNDLED.parent.parent / ".build/release/hayloft"


def ask(command, model, example, folder):
    """The reply of the model to an example."""
    if "messages" not in example:
        arguments = ["generate", "-"]
        prompt = example["prompt"]
    else:
        arguments, prompt = ["chat"], ""
        for name in ["messages", "tools"]:
            if example.get(name):
                path = pathlib.Path(folder) / f"{name}.json"
                path.write_text(json.dumps(example[name]))
                arguments += [f"--{name}", str(path)]
    result = subprocess.run([command, *arguments, "--model", BUNDLED / model, "--json", "--quiet"], input=prompt,
                            capture_output=True, text=True, check=True)
    return json.loads(result.stdout)["replies"][0]["text"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", choices=["tiny-flan-t5", "tiny-zephyr"])
    parser.add_argument("--command", default=COMMAND, help="the hayloft command")
    parser.add_argument("--show", action="store_true", help="print the examples with another answer")
    arguments = parser.parse_args()
    right, count = collections.Counter(), collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        for line in (BUNDLED / arguments.model / "evaluation.jsonl").read_text().splitlines():
            example = json.loads(line)
            reply = ask(arguments.command, arguments.model, example, folder)
            count[example["task"]] += 1
            right[example["task"]] += reply == example["answer"]
            if arguments.show and reply != example["answer"]:
                print(json.dumps(example), "->", json.dumps(reply))
    print("| task | examples | exact match |\n| --- | --- | --- |")
    for task in sorted(count):
        print(f"| {task} | {count[task]} | {right[task] / count[task]:.1%} |")
    print(f"| all | {count.total()} | {right.total() / count.total():.1%} |")


if __name__ == "__main__":
    main()
