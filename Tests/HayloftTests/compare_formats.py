"""Replies of a model held to random schemas, judged by the `jsonschema` library.

    python compare_formats.py HAYLOFT MODEL [--count 200] [--seed 1]

Each schema gets a greedy and a drawn reply through the command. Needs: pip install 'jsonschema[format]' rfc3987
"""

import argparse
import json
import os
import subprocess
import sys

from jsonschema import Draft202012Validator

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../HayGrammarTests"))
import random_schemas  # noqa: E402


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("hayloft")
    parser.add_argument("model")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    valid = refused = 0
    seed = options.seed * 1_000_000
    while valid < 2 * options.count:
        seed += 1
        schema = random_schemas.case(seed)["schema"]
        if not isinstance(schema, dict):
            continue
        validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
        for extra in ([], ["--temperature", "1.5", "--seed", str(seed)]):
            command = [options.hayloft, "generate", "--quiet", "--json", "--model", options.model, "--max-new-tokens"]
            command += ["400", "--json-schema", json.dumps(schema)] + extra + ["Say"]
            run = subprocess.run(command, capture_output=True, text=True)
            if run.returncode != 0:
                refused += 1
                print(f"refused: {run.stderr.strip()[:160]}")
                break
            reply = json.loads(run.stdout)["replies"][0]
            errors = list(validator.iter_errors(random_schemas.strict(reply["text"])))
            # Near the limit a reply is made whole, and says so.
            if errors or reply["finish_reason"] != "stop" and len(reply["token_ids"]) < 300:
                sys.exit(f"{json.dumps(schema)}\n{reply['text']}\n{errors[:1]} {reply['finish_reason']}")
            valid += 1
    print(f"{valid} replies to {valid // 2} schemas valid, {refused} schemas refused")


main()
