#!/usr/bin/env python3
"""Makes the tables and the plot of what `run.py` measured.

    python3 Benchmarks/peers/report.py W/results.json [Benchmarks/RESULTS.md]
"""

import collections
import json
import pathlib
import statistics
import sys

import plan
import plot

HERE = pathlib.Path(__file__).resolve().parent
NAMES = {"hayloft": "Hayloft", "llama.cpp": "llama.cpp", "ctranslate2": "CTranslate2", "transformers": "transformers"}


class Row:
    """One engine with one type: the numbers of all rounds by name of the work."""

    def __init__(self, engine, kind):
        self.engine, self.kind = engine, kind
        self.values = collections.defaultdict(list)
        self.shares = []

    @property
    def name(self):
        return f"{NAMES[self.engine]} {self.kind}"

    def median(self, work):
        return statistics.median(self.values[work]) if self.values.get(work) else None


def rows(measurements, model):
    """The rows of a model in the order of the plan, and of its works in that of the jobs."""
    found = {}
    for m in measurements:
        if m["model"] != model or "seconds" not in m:
            continue
        row = found.setdefault((m["engine"], m["type"]), Row(m["engine"], m["type"]))
        for job, (first, rest) in zip(m["jobs"], m["seconds"]):
            for work, value in works(model, job, first, rest):
                row.values[work].append(value)
            if job["name"] == "128" and m.get("read_bandwidth"):
                row.shares.append(m["token_bytes"] * (job["new"] - 1) / rest / m["read_bandwidth"])
    order = lambda row: (plan.ENGINES.index(row.engine), -plan.WIDTHS[row.kind])
    return sorted(found.values(), key=order)


def works(model, job, first, rest):
    """What a job says: names with units, and values."""
    rate = job["batch"] * (job["new"] - 1) / rest
    if model in plan.DECODERS:
        yield f"read {job['name']}, tok/s", job["prompt"] / first
        if job["name"] == "128":
            yield "write, tok/s", rate
    elif job["name"] in ("128", "512"):
        yield f"first token after {job['name']}, ms", first * 1000
        yield f"write after {job['name']}, tok/s", rate
    else:
        yield f"{job['name']}, tok/s", rate


def cell(row, work):
    """Median and spread."""
    values = row.values.get(work)
    if not values:
        return "–"
    return f"{number(statistics.median(values))} ({number(min(values))}–{number(max(values))})"


def number(value):
    """Three digits."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def table(head, lines):
    """A table in Markdown."""
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, ["---"] * len(head), *lines])


def speeds(found, names):
    """Medians and spreads, and how much of the bandwidth writing takes."""
    lines = []
    for row in found:
        share = f"{statistics.median(row.shares) * 100:.0f} %" if row.shares else "–"
        lines.append([row.name, *(cell(row, work) for work in names), share])
    return table(["engine and type", *names, "of read bandwidth"], lines)


def ratios(found, names):
    """How many times as fast Hayloft is as the best type of each peer that keeps no fewer bytes a weight."""
    lines = []
    for row in (row for row in found if row.engine == "hayloft"):
        for engine in plan.ENGINES[1:]:
            peers = [p for p in found if p.engine == engine and plan.WIDTHS[p.kind] >= plan.WIDTHS[row.kind]]
            if peers:
                lines.append([row.name, NAMES[engine], *(ratio(row, peers, work) for work in names)])
    return table(["", "to", *(work.split(",")[0] for work in names)], lines) if lines else ""


def ratio(row, peers, work):
    """Above one Hayloft is faster; with the peer's type."""
    takes = work.endswith("ms")
    known = [peer for peer in peers if peer.median(work)]
    if not known or not row.median(work):
        return "–"
    best = (min if takes else max)(known, key=lambda peer: peer.median(work))
    quotient = best.median(work) / row.median(work) if takes else row.median(work) / best.median(work)
    return f"{quotient:.2f} ({best.kind})"


def about(results):
    """Date, machine, versions and command."""
    m, measurements = results["machine"], results["measurements"]
    versions = {NAMES[x["engine"]]: x["version"] + (f" ({x['about']})" if x["engine"] == "transformers" else "")
                for x in measurements if "version" in x}
    peaks = [x["read_bandwidth"] / 1e9 for x in measurements if x.get("read_bandwidth")]
    others = [x["others"] * 100 for x in measurements]
    lines = [
        f"- {results['date']}; {m['processor']}, {m['cores']} cores, {', '.join(m['sets'])}; "
        f"{m['memory'] / 2**30:.0f} GiB; {m['system']}",
        "- " + "; ".join(f"{name} {version}" for name, version in versions.items()),
        *(f"- `{command}`" for command in results["commands"]),
        f"- other programs took {statistics.median(others):.0f} % of the processors during a measurement "
        f"({min(others):.0f}–{max(others):.0f} %)",
    ]
    if peaks:
        lines.append(f"- read bandwidth before a measurement: {number(statistics.median(peaks))} GB/s "
                     f"({number(min(peaks))}–{number(max(peaks))})")
    return "\n".join(lines)


EXPLANATION = """\
Medians of the rounds, in brackets the least and the most. Every engine has the same random weights and as many
threads; each measurement is a process of its own, and a round goes through all of them before the next begins.
Reading is the whole prompt up to the first new token, writing the other 63 of 64 greedy tokens. Batches count the
tokens of all texts, beams those of the one. The share of read bandwidth is the bytes of weights that a token needs ×
tokens a second ÷ the bandwidth measured just before, with batch 1. Ratios are to the fastest type of a peer that has
as many bytes a weight or more; above one Hayloft is faster."""


def write(source, target):
    """Writes tables and plot."""
    results = json.loads(pathlib.Path(source).read_text())
    measurements = results["measurements"]
    parts = ["# Hayloft and its peers", EXPLANATION, about(results)]
    bars = []
    for model in plan.DECODERS + plan.TRANSLATORS:
        found = rows(measurements, model)
        if not found:
            continue
        names = sorted(dict.fromkeys(work for row in found for work in row.values), key="write, tok/s".__eq__)
        parts += [f"## {model}", speeds(found, names), ratios(found, names)]
        chosen = "write, tok/s" if model in plan.DECODERS else "write after 128, tok/s"
        bars.append((model, [(row.name, row.engine, row.values[chosen]) for row in found if row.values.get(chosen)]))
    failed = {f"{NAMES[x['engine']]} {x['type']} on {x['model']}" for x in measurements if "error" in x}
    if failed:
        parts.append("Not measured: " + ", ".join(sorted(failed)) + ".")
    target = pathlib.Path(target)
    parts.insert(3, f"![Tokens a second that each engine writes]({target.with_name('results.svg').name})")
    target.write_text("\n\n".join(part for part in parts if part) + "\n")
    target.with_name("results.svg").write_text(plot.bars("New tokens a second, batch 1, after 128 tokens", bars))


if __name__ == "__main__":
    write(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else HERE.parent / "RESULTS.md")
