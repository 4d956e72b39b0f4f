"""Measures llama.cpp through its C interface, with its defaults."""

import ctypes
import time

import gguf
import llama_cpp
import llama_cpp.llama_cpp as llama
import numpy as np

from worker import ids


@llama.llama_log_callback
def silent(level, text, data):
    """Takes what llama.cpp would print."""


class Text:
    """A context that reads tokens and says which is likeliest next."""

    def __init__(self, path, threads):
        llama.llama_log_set(silent, ctypes.c_void_p(0))
        llama.llama_backend_init()
        self.model = llama.llama_model_load_from_file(path.encode(), llama.llama_model_default_params())
        params = llama.llama_context_default_params()
        params.n_ctx, params.n_threads, params.n_threads_batch = 1024, threads, threads
        self.context = llama.llama_init_from_model(self.model, params)
        self.size = llama.llama_vocab_n_tokens(llama.llama_model_get_vocab(self.model))

    def run(self, call, tokens):
        array = (llama.llama_token * len(tokens))(*tokens)
        if call(self.context, llama.llama_batch_get_one(array, len(tokens))) != 0:
            raise RuntimeError("llama.cpp refused a batch")

    def next(self, tokens):
        self.run(llama.llama_decode, tokens)
        logits = llama.llama_get_logits_ith(self.context, -1)
        return int(np.ctypeslib.as_array(logits, (self.size,)).argmax())

    def measure(self, prompt, new):
        llama.llama_memory_clear(llama.llama_get_memory(self.context), True)
        start = time.perf_counter()
        tokens = ids(prompt)
        if llama.llama_model_has_encoder(self.model):
            self.run(llama.llama_encode, tokens)
            tokens = [llama.llama_model_decoder_start_token(self.model)]
        token = self.next(tokens)
        first = time.perf_counter()
        for _ in range(new - 1):
            token = self.next([token])
        return first - start, time.perf_counter() - first


def token_bytes(path):
    """The bytes of weights that a new token needs; see `plan.token_weights`."""
    skipped = ("enc.", "token_embd", "cross_attn_k.", "cross_attn_v.")
    needed = lambda name: not any(part in name for part in skipped)
    reader = gguf.GGUFReader(path)
    fields = reader.fields.items()
    number = lambda key: next((int(field.parts[-1][0]) for name, field in fields if name.endswith(key)), 1)
    active = number(".expert_used_count") / number(".expert_count")
    return sum(
        int(tensor.n_bytes) * (active if "_exps." in tensor.name else 1)
        for tensor in reader.tensors if needed(tensor.name))


def run(path, kind, jobs, threads):
    text = Text(path, threads)
    text.measure(jobs[0]["prompt"], 2)
    seconds = [text.measure(job["prompt"], job["new"]) for job in jobs]
    about = llama.llama_print_system_info().decode()
    return seconds, {"version": llama_cpp.__version__, "about": about, "token_bytes": token_bytes(path)}
