"""Measures transformers with torch: `generate`, with the time of each step."""

import time

import torch
import transformers

from worker import ids


def run(path, kind, jobs, threads):
    torch.set_num_threads(threads)
    transformers.logging.set_verbosity_error()
    config = transformers.AutoConfig.from_pretrained(path)
    loader = transformers.AutoModelForSeq2SeqLM if config.is_encoder_decoder else transformers.AutoModelForCausalLM
    model = loader.from_pretrained(path, dtype={"f32": torch.float32, "bf16": torch.bfloat16}[kind]).eval()
    measure(model, jobs[0] | {"new": 2})
    seconds = [measure(model, job) for job in jobs]
    return seconds, {"version": transformers.__version__, "about": f"torch {torch.__version__}"}


def measure(model, job):
    times = []

    def note(tokens, scores):
        times.append(time.perf_counter())
        return scores

    tokens = torch.tensor([ids(job["prompt"])] * job["batch"])
    start = time.perf_counter()
    with torch.inference_mode():
        model.generate(
            tokens, attention_mask=torch.ones_like(tokens), do_sample=False, num_beams=job["beams"],
            max_new_tokens=job["new"], min_new_tokens=job["new"], logits_processor=[note], pad_token_id=0)
    if len(times) != job["new"]:
        raise RuntimeError(f"transformers wrote {len(times)} tokens, expected {job['new']}")
    return times[0] - start, times[-1] - times[0]
