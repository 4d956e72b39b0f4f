#!/usr/bin/env python3
"""Measures Hayloft beside llama.cpp, CTranslate2 and transformers, with the same random weights and turn by turn.

    python3 Benchmarks/peers/run.py --venv V --work W

Installs the peers into V and makes the models in W where they are missing, measures, and writes Benchmarks/RESULTS.md
with its plot. Needs `swift build -c release --product hayloft` first. See Benchmarks/README.md.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import time

import hayloft_engine
import install
import plan
import report

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def listed(choices):
    """Reads a list with commas."""

    def read(text):
        names = text.split(",")
        for name in names:
            if name not in choices:
                raise argparse.ArgumentTypeError(f"'{name}' is none of {', '.join(choices)}")
        return names

    return read


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--venv", type=pathlib.Path, required=True, help="virtual environment of the peers")
    parser.add_argument("--work", type=pathlib.Path, required=True, help="folder for the models and the numbers")
    parser.add_argument("--hayloft", type=pathlib.Path, default=ROOT / ".build/release/hayloft", help="the command")
    models = plan.DECODERS + plan.TRANSLATORS
    parser.add_argument("--models", type=listed(models), default=plan.DEFAULT_MODELS, help=", ".join(models))
    parser.add_argument("--engines", type=listed(plan.ENGINES), default=plan.ENGINES, help=", ".join(plan.ENGINES))
    parser.add_argument("--types", type=listed(plan.WIDTHS), help="only these types, of: " + ", ".join(plan.WIDTHS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--attempts", type=int, default=1, help="how often to try for a measurement during which "
                        "others take less than a tenth of the processors; the calmest is kept")
    parser.add_argument("--limit", type=float, default=1800, help="seconds that a peer's measurement may take")
    parser.add_argument("--delete", action="store_true", help="delete each model when it has been measured")
    parser.add_argument("--add", action="store_true", help="keep what an earlier run measured and this one does not")
    parser.add_argument("--output", type=pathlib.Path, default=HERE.parent / "RESULTS.md", help="where the tables go")
    return parser.parse_args()


class Run:
    """Collects measurements, and saves them after each."""

    def __init__(self, o):
        self.o = o
        self.python = str(o.venv / "bin" / "python")
        self.path = o.work / "results.json"
        if o.add and self.path.exists():
            self.results = json.loads(self.path.read_text())
        else:
            self.results = {"date": datetime.date.today().isoformat(), "machine": machine(), "measurements": []}
        chosen = {"models": ",".join(o.models), "engines": ",".join(o.engines), "types": ",".join(o.types or []),
                  "rounds": o.rounds, "threads": o.threads, "attempts": o.attempts}
        self.results.setdefault("commands", []).append(
            "run.py" + "".join(f" --{name} {value}" for name, value in chosen.items() if value))

    def model(self, model):
        """Measures one model: each round goes through all engines and types."""
        entries = [(engine, kind) for engine in self.o.engines for kind in plan.types(model, engine)
                   if not self.o.types or kind in self.o.types]
        self.results["measurements"] = [m for m in self.results["measurements"]
                                        if m["model"] != model or (m["engine"], m["type"]) not in entries]
        made = {entry: self.make(model, *entry) for entry in entries}
        for round in range(1, self.o.rounds + 1):
            for engine, kind in entries:
                print(f"{model}, round {round}: {engine} {kind}", file=sys.stderr, flush=True)
                self.save(self.calm(model, engine, kind, made[engine, kind]) | {"round": round})

    def make(self, model, engine, kind):
        command = [self.python, HERE / "models.py", self.o.work, model, engine, kind]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        return json.loads(done.stdout.splitlines()[-1])

    def calm(self, *work):
        """The least disturbed of some attempts; the first that is calm enough ends them."""
        best = None
        for _ in range(self.o.attempts):
            before = processor_time()
            measurement = self.measure(*work)
            wall, busy, own = (after - then for after, then in zip(processor_time(), before))
            measurement["others"] = max(0, (busy - own) / wall / os.cpu_count())
            if best is None or measurement["others"] < best["others"]:
                best = measurement
            if best["others"] < 0.1:
                break
        return best

    def measure(self, model, engine, kind, made):
        """One engine with one type; what fails is noted, and the others go on."""
        jobs, threads, path = plan.jobs(model, engine), self.o.threads, made["path"]
        measurement = {"model": model, "engine": engine, "type": kind, "jobs": jobs,
                       "token_bytes": made["token_weights"] * plan.BYTES[kind]}
        try:
            if self.o.hayloft.exists():
                checkpoint = self.o.work / model / "hf"
                measurement["read_bandwidth"] = hayloft_engine.read_bandwidth(self.o.hayloft, checkpoint, threads)
            if engine == "hayloft":
                seconds, rest = hayloft_engine.run(self.o.hayloft, path, kind, jobs, threads)
                return measurement | rest | {"seconds": seconds}
            request = json.dumps({"engine": engine, "path": path, "type": kind, "jobs": jobs, "threads": threads})
            command = [self.python, HERE / "worker.py", request]
            done = subprocess.run(command, capture_output=True, text=True, timeout=self.o.limit)
            if done.returncode != 0:
                raise RuntimeError(done.stderr.strip()[-500:])
            return measurement | json.loads(done.stdout.splitlines()[-1])
        except (RuntimeError, StopIteration, OSError, subprocess.TimeoutExpired) as error:
            print(f"  {error}", file=sys.stderr)
            return measurement | {"error": str(error)}

    def save(self, measurement):
        self.results["measurements"].append(measurement)
        part = self.path.with_suffix(".part")
        part.write_text(json.dumps(self.results, indent=1))
        part.rename(self.path)


def processor_time():
    """Seconds: of the clock, of all processors' work, and of what this program and those it waited for had of that."""
    ticks = [int(field) for field in pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    idle = ticks[3] + ticks[4]
    return time.monotonic(), (sum(ticks) - idle) / os.sysconf("SC_CLK_TCK"), sum(os.times()[:4])


def machine():
    """What the numbers depend on."""
    flags, name = set(), platform.processor() or platform.machine()
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            name = value.strip()
        elif key.strip() == "flags":
            flags = set(value.split())
    sets = "avx2 fma f16c avx_vnni avx512f avx512bw avx512_vnni avx512_bf16 amx_int8 amx_bf16".split()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"processor": name, "sets": [s for s in sets if s in flags], "cores": os.cpu_count(),
            "memory": memory, "system": platform.platform()}


def main():
    o = options()
    if "hayloft" in o.engines and not o.hayloft.exists():
        sys.exit(f"{o.hayloft} is missing: swift build -c release --product hayloft")
    o.work.mkdir(parents=True, exist_ok=True)
    install.install(o.venv)
    run = Run(o)
    for model in o.models:
        run.model(model)
        if o.delete:
            shutil.rmtree(o.work / model)
    report.write(run.path, o.output)


if __name__ == "__main__":
    main()
