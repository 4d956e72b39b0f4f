"""Measures Hayloft through its command, and what the machine can read."""

import json
import subprocess


def bench(binary, path, threads, *options):
    """The numbers of `hayloft bench` by name."""
    command = [binary, "bench", "--json", "--quiet", "--model", path, "--threads", str(threads), *map(str, options)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip() or f"hayloft ended with {done.returncode}")
    return {result["work"]: result["values"] for result in json.loads(done.stdout)["results"]}


def run(binary, path, kind, jobs, threads):
    """The seconds of each job; the first run of two only warms."""
    seconds = []
    for job in jobs:
        results = bench(
            binary, path, threads, "--dtype", kind, "--prompt-tokens", job["prompt"], "--new-tokens", job["new"],
            "--batch", job["batch"], "--beams", job["beams"], "--repetitions", 2)
        first = next(values[-1] for work, values in results.items() if work.startswith("first token")) / 1000
        rate = next(values[-1] for work, values in results.items() if work.startswith("write"))
        seconds.append((first, (job["new"] - 1) * job["batch"] / rate))
    version = subprocess.run([binary, "--version"], capture_output=True, text=True).stdout.strip()
    return seconds, {"version": version}


def read_bandwidth(binary, path, threads):
    """Bytes a second that the threads read together, now."""
    results = bench(binary, path, threads, "--prompt-tokens", 16, "--new-tokens", 2, "--repetitions", 1, "--roofline")
    return results["memory read"][-1] * 1e9
