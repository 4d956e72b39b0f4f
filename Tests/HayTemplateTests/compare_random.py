"""Compares random templates with Jinja2, set up as `transformers` sets it up for chat templates.

    compare_random.py [--count N] [--seed N] [--shorten] [--write FILE] -- COMMAND…

COMMAND is what runs `hayloft`, for example `.build/release/hayloft`; it is called as `COMMAND template --raw --jsonl --now
TIME`. Texts must be the same, and there must be an error where Jinja2 has one. Prints every difference, with `--shorten`
after taking away what it does not need, and exits with 1 if there is one. `--write` saves cases within the limits
instead, with Jinja2's outcome, as `random_cases.json` has them.

Not compared are the limits: integers of more than 64 bits, complex numbers, a scoped block rendered elsewhere, wrong slices of
constants, which Jinja2 folds into undefined values while it compiles, and what prints an address in memory.
"""

import argparse
import datetime
import json
import random
import re
import resource
import signal
import subprocess
import sys
import warnings

import transformers.utils.chat_template_utils as chat_templates

from random_templates import Generator

NOW = datetime.datetime(2024, 7, 26, 9, 30, 15)
LIMITS = ["does not fit 64 bits", "more than 1073741824 bytes", "steps", "nested deeper than", "nested too deeply", "is complex",
          "can only be rendered where it stands", "slice indices must be", "object is not subscriptable"]


class Clock(datetime.datetime):
    """A clock that stands still."""

    @classmethod
    def now(cls, tz=None):
        return cls(NOW.year, NOW.month, NOW.day, NOW.hour, NOW.minute, NOW.second)


class Skipped(BaseException):
    """A case that Jinja2 cannot be asked about."""


def give_up(*_):
    raise Skipped("takes too long")


def expected(case):
    """`{"expected": text}` or `{"error": type}`; None where there is nothing to compare."""
    signal.setitimer(signal.ITIMER_REAL, 2)
    try:
        text = chat_templates._cached_compile_jinja_template(case["template"]).render(**case["context"])
    except (Skipped, MemoryError):
        return None
    except Exception as error:  # noqa: BLE001, templates raise whatever Python raises
        if "integer string conversion" in str(error) or "int too large" in str(error):
            return None
        return {"error": type(error).__name__}
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    if re.search(r" at 0x[0-9a-f]{6,}|[0-9a-f]{6,}x0 ta |[\ud800-\udfff]", text):
        return None
    return {"expected": text}


def found(command, cases):
    """What Hayloft makes of each case; those it does not survive are looked for by halves."""
    if len(cases) > 256:
        return [result for start in range(0, len(cases), 256) for result in found(command, cases[start:start + 256])]
    given = "".join(json.dumps(case) + "\n" for case in cases)
    arguments = ["template", "--raw", "--jsonl", "--now", NOW.isoformat()]
    try:
        done = subprocess.run(command + arguments, input=given, capture_output=True, encoding="utf-8", check=True, timeout=20)
        return [json.loads(line) for line in done.stdout.rstrip("\n").split("\n")]
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        if len(cases) == 1:
            return [{"error": "crash"}]
        middle = len(cases) // 2
        return found(command, cases[:middle]) + found(command, cases[middle:])


def agrees(right, result):
    """Whether an outcome is what Jinja2's is; None where a limit stands between them."""
    if right is None:
        return None
    if isinstance(result, str):
        return right.get("expected") == result
    if result["error"] != "crash" and "error" not in right and any(limit in result["error"] for limit in LIMITS):
        return None
    return "error" in right and result["error"] != "crash"


def shortened(command, case):
    """A smaller case that still differs: pieces are taken out as long as it does."""
    size = len(case["template"]) // 2
    while size:
        template = case["template"]
        tries = [dict(case, template=template[:start] + template[start + size:]) for start in range(0, len(template), max(size // 2, 1))]
        outcomes = [expected(each) for each in tries]
        tries = [(each, right) for each, right in zip(tries, outcomes) if right and ("error" in right) == ("error" in case["right"])]
        results = found(command, [each for each, _ in tries]) if tries else []
        better = next((each for (each, right), result in zip(tries, results) if agrees(right, result) is False), None)
        if better:
            case = better
            size = min(size, len(case["template"]) // 2)
        else:
            size //= 2
    return case


def main():
    """Compares, or writes cases."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shorten", action="store_true")
    parser.add_argument("--write")
    parser.add_argument("command", nargs="*")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    signal.signal(signal.SIGALRM, give_up)
    chat_templates.datetime = Clock
    rng = random.Random(options.seed)
    cases, outcomes = [], []
    while len(cases) < options.count:
        case = Generator(rng).case()
        cases.append(case)
        outcomes.append(expected(case))
    results = found(options.command, cases)
    if options.write:
        within = [agrees(right, result) is not None for right, result in zip(outcomes, results)]
        write(options.write, [(case, right) for case, right, kept in zip(cases, outcomes, within) if kept])
        return 0
    agreed, skipped, failed = 0, 0, 0
    for case, right, result in zip(cases, outcomes, results, strict=True):
        same = agrees(right, result)
        agreed += same is True
        skipped += same is None
        if same is False:
            failed += 1
            if options.shorten:
                case = shortened(options.command, dict(case, right=right))
                right, result = expected(case), found(options.command, [case])[0]
            names = {name: value for name, value in case["context"].items() if re.search(rf"\b{name}\b", case["template"])}
            print(f"{json.dumps(case['template'], ensure_ascii=False)}\n  with     {json.dumps(names, ensure_ascii=False)}")
            print(f"  gives    {json.dumps(result, ensure_ascii=False)}\n  expected {json.dumps(right, ensure_ascii=False)}", flush=True)
    errors = sum(1 for right in outcomes if right and "error" in right)
    print(f"{agreed} agree ({errors} are errors), {skipped} not compared, {failed} differ")
    return 1 if failed else 0


def write(path, outcomes):
    """Saves short cases that say something, errors as every fourth; contexts keep only what the template names."""
    saved, errors = [], 0
    for case, right in outcomes:
        errors += "error" in right
        if len(case["template"]) > 500 or not right.get("expected", "x").strip() or ("error" in right and errors % 4):
            continue
        names = {name: value for name, value in case["context"].items() if re.search(rf"\b{name}\b", case["template"])}
        saved.append({"template": case["template"], "context": names, **right})
    with open(path, "w", encoding="utf-8") as file:
        file.write("[\n" + ",\n".join(json.dumps(case, ensure_ascii=False) for case in saved) + "\n]\n")
    print(f"{len(saved)} cases, {sum('error' in case for case in saved)} of them errors")


if __name__ == "__main__":
    sys.exit(main())
