"""Runs one engine in a process of its own: the request is an argument in JSON, the answer one line of it.

An engine's module has `run(path, kind, jobs, threads)`, which gives the seconds to the first new token of all texts and
those of the rest for each job, and a dictionary with what else is to be said.
"""

import importlib
import json
import os
import sys

MODULES = {"llama.cpp": "llama_engine", "ctranslate2": "ctranslate2_engine", "transformers": "transformers_engine"}


def ids(count):
    """The ids that Hayloft's own benchmark reads."""
    return [(index * 7919 + 13) % 32000 for index in range(count)]


def main():
    request = json.loads(sys.argv[1])
    os.environ["OMP_NUM_THREADS"] = str(request["threads"])
    engine = importlib.import_module(MODULES[request["engine"]])
    seconds, rest = engine.run(request["path"], request["type"], request["jobs"], request["threads"])
    print(json.dumps(rest | {"seconds": seconds}))


if __name__ == "__main__":
    main()
