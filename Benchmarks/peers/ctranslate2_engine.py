"""Measures CTranslate2: greedy texts by its callback for each token, beams by the difference of two runs."""

import os
import time

import ctranslate2

from worker import ids

TYPES = {"f32": "float32"}


def run(path, kind, jobs, threads):
    translates = os.path.exists(os.path.join(path, "shared_vocabulary.json"))
    engine = (ctranslate2.Translator if translates else ctranslate2.Generator)(
        path, device="cpu", compute_type=TYPES.get(kind, kind), inter_threads=1, intra_threads=threads)
    call = translate if translates else generate
    call(engine, jobs[0] | {"new": 2})
    seconds = [beams(engine, job) if job["beams"] > 1 else greedy(call, engine, job) for job in jobs]
    return seconds, {"version": ctranslate2.__version__, "about": f"computes in {engine.compute_type}"}


def texts(job):
    return [[f"t{id}" for id in ids(job["prompt"])]] * job["batch"]


def generate(engine, job, callback=None):
    engine.generate_batch(
        texts(job), max_length=job["new"], min_length=job["new"], sampling_topk=1, include_prompt_in_result=False,
        callback=callback)


def translate(engine, job, callback=None):
    engine.translate_batch(
        texts(job), beam_size=job["beams"], max_decoding_length=job["new"], min_decoding_length=job["new"],
        max_input_length=0, callback=callback)


def greedy(call, engine, job):
    """The times of each step's last token."""
    times = {}

    def note(result):
        times[result.step] = time.perf_counter()
        return False

    start = time.perf_counter()
    call(engine, job, note)
    steps = sorted(times)
    if len(steps) != job["new"]:
        raise RuntimeError(f"CTranslate2 wrote {len(steps)} tokens, expected {job['new']}")
    return times[steps[0]] - start, times[steps[-1]] - times[steps[0]]


def beams(engine, job):
    times = []
    for new in (1, job["new"]):
        start = time.perf_counter()
        translate(engine, job | {"new": new})
        times.append(time.perf_counter() - start)
    return times[0], times[1] - times[0]
