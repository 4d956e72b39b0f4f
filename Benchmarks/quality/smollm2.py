"""How far a genuine model with narrow weights strays from itself in f32: Hayloft's types beside llama.cpp's.

    python smollm2.py FOLDER [--hayloft .build/release/hayloft] [--tokens 2000]

FOLDER is what Tests/Support/make_smollm2.py makes. llama.cpp quantizes a GGUF file of the same f32 weights. Measured over
the beginning of the repository's README.md, in texts of 500 tokens: the mean Kullback-Leibler divergence of the next token from that of
transformers in f32, in nats, and how often the likeliest token is the same. Needs torch, transformers, gguf and
llama-cpp-python (Benchmarks/peers/install.py).
"""

import argparse
import ctypes
import pathlib
import subprocess
import sys
import tempfile

import llama_cpp.llama_cpp as llama
import numpy as np
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from divergence import compare, ours, reference

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "peers"))
import gguf_file  # noqa: E402

PROSE = pathlib.Path(__file__).resolve().parents[2] / "README.md"
LENGTH = 500


@llama.llama_log_callback
def silent(level, text, data):
    """Takes what llama.cpp would print."""


class Peer:
    """A file that llama.cpp reads."""

    def __init__(self, path):
        llama.llama_log_set(silent, ctypes.c_void_p(0))
        llama.llama_backend_init()
        self.model = llama.llama_model_load_from_file(str(path).encode(), llama.llama_model_default_params())
        self.size = llama.llama_vocab_n_tokens(llama.llama_model_get_vocab(self.model))

    def logits(self, ids):
        """Logits at every position [T, V]."""
        params = llama.llama_context_default_params()
        params.n_ctx = params.n_batch = params.n_ubatch = len(ids)
        context = llama.llama_init_from_model(self.model, params)
        batch = llama.llama_batch_init(len(ids), 0, 1)
        batch.n_tokens = len(ids)
        for place, token in enumerate(ids):
            batch.token[place], batch.pos[place], batch.logits[place] = token, place, 1
            batch.n_seq_id[place], batch.seq_id[place][0] = 1, 0
        if llama.llama_decode(context, batch) != 0:
            raise RuntimeError("llama.cpp refused a batch")
        found = np.ctypeslib.as_array(llama.llama_get_logits(context), (len(ids), self.size)).copy()
        llama.llama_batch_free(batch)
        llama.llama_free(context)
        return torch.from_numpy(found).double()


def peers(folder, work):
    """The types of llama.cpp with their files."""
    source = work / "f32.gguf"
    gguf_file.write(folder, source, "f32")
    yield "f32", source
    for kind in ["q8_0", "q4_k_m"]:
        gguf_file.quantize(source, work / f"{kind}.gguf", kind, 2)
        yield kind.upper(), work / f"{kind}.gguf"


def size(program, folder, dtype, work):
    """The bytes of the weights as Hayloft quantizes them."""
    if dtype == "f32":
        return (folder / "model.safetensors").stat().st_size
    command = [program, "quantize", "--quiet", "--model", str(folder), "--dtype", dtype, "--output", work / dtype]
    subprocess.run(command, check=True)
    return (work / dtype / "model.safetensors").stat().st_size


def report(who, dtype, megabytes, results):
    divergences = [d for result in results for d in result[0]]
    agreed = [a for result in results for a in result[1]]
    print(
        f"| {who} | {dtype} | {megabytes / 1e6:.0f} | {np.mean(divergences):.5f} | {100 * np.mean(agreed):.2f} % "
        f"| {len(agreed)} |", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--hayloft", default=".build/release/hayloft")
    parser.add_argument("--tokens", type=int, default=2000)
    options = parser.parse_args()
    tokenizer = AutoTokenizer.from_pretrained(options.folder)
    ids = tokenizer(PROSE.read_text()).input_ids[: options.tokens]
    texts = [ids[place : place + LENGTH] for place in range(0, len(ids), LENGTH)]
    model = AutoModelForCausalLM.from_pretrained(options.folder, dtype=torch.float32).eval()
    expected = [reference(model, text, None).float() for text in texts]
    print("| by | weights | MB | divergence | same token | positions |\n| --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        for dtype in ["f32", "int8", "int4"]:
            found = (ours(options.hayloft, str(options.folder), dtype, text, None) for text in texts)
            results = [compare(a.double(), b) for a, b in zip(expected, found)]
            report("Hayloft", dtype, size(options.hayloft, options.folder, dtype, work), results)
        for kind, path in peers(options.folder, work):
            peer = Peer(path)
            results = [compare(a.double(), peer.logits(text)) for a, text in zip(expected, texts)]
            report("llama.cpp", kind, path.stat().st_size, results)


if __name__ == "__main__":
    main()
