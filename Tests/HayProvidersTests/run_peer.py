#!/usr/bin/env python3
"""Runs PeerTests against llama.cpp's server, as an interface of OpenAI's kind that is not our own.

    python3 -m venv .venv && .venv/bin/pip install 'llama-cpp-python[server]' gguf numpy
    .venv/bin/python Tests/HayProvidersTests/run_peer.py

The model is made here: two layers of random weights over the letters of ASCII. What it says means nothing, but it says it
again when asked again, and grammars of tools and formats hold it to JSON.
"""

import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import gguf
import numpy as np

SIZE, LAYERS, HEADS, INNER = 64, 2, 4, 128
ROOT = pathlib.Path(__file__).resolve().parents[2]


def vocabulary():
    """Tokens with their scores and types: marks, bytes, and the printable characters."""
    types = gguf.TokenType
    tokens = [("<unk>", types.UNKNOWN), ("<s>", types.CONTROL), ("</s>", types.CONTROL)]
    tokens += [(f"<0x{byte:02X}>", types.BYTE) for byte in range(256)]
    tokens += [("▁", types.NORMAL)] + [(chr(code), types.NORMAL) for code in range(33, 127)]
    return tokens


def write_model(path):
    """Writes the model. A constant in each embedding makes printable characters likelier than bytes and marks."""
    random = np.random.default_rng(7)
    tokens = vocabulary()
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(4096)
    writer.add_embedding_length(SIZE)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(SIZE // HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_tokenizer_model("llama")
    writer.add_token_list([token for token, _ in tokens])
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types([kind for _, kind in tokens])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)

    def add(name, *shape):
        writer.add_tensor(name, random.normal(0, 0.1, shape).astype(np.float32))

    embedding = random.normal(0, 1, (len(tokens), SIZE)).astype(np.float32)
    embedding[:, 0] = 4
    output = random.normal(0, 0.5, (len(tokens), SIZE)).astype(np.float32)
    output[:, 0] = [5 if kind == gguf.TokenType.NORMAL else -5 for _, kind in tokens]
    writer.add_tensor("token_embd.weight", embedding)
    writer.add_tensor("output.weight", output)
    writer.add_tensor("output_norm.weight", np.ones(SIZE, np.float32))
    for layer in range(LAYERS):
        block = f"blk.{layer}"
        for name in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"{block}.{name}.weight", np.ones(SIZE, np.float32))
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            add(f"{block}.{name}.weight", SIZE, SIZE)
        add(f"{block}.ffn_gate.weight", INNER, SIZE)
        add(f"{block}.ffn_up.weight", INNER, SIZE)
        add(f"{block}.ffn_down.weight", SIZE, INNER)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def free_port():
    """A port of the loopback interface that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url, server):
    """Waits until the server answers."""
    for _ in range(120):
        if server.poll() is not None:
            sys.exit(f"the server has ended with status {server.returncode}")
        try:
            return urllib.request.urlopen(url, timeout=2).read()
        except OSError:
            time.sleep(0.5)
    sys.exit(f"{url} does not answer")


def main():
    with tempfile.TemporaryDirectory() as folder:
        model = pathlib.Path(folder) / "random.gguf"
        write_model(model)
        port = free_port()
        server = subprocess.Popen(
            [
                sys.executable, "-m", "llama_cpp.server", "--model", model, "--model_alias", "random", "--n_ctx",
                "4096", "--chat_format", "chatml-function-calling", "--host", "127.0.0.1", "--port", str(port),
                "--n_threads", "2", "--interrupt_requests", "False", "--verbose", "False",
            ])
        try:
            url = f"http://127.0.0.1:{port}/v1"
            wait_for(f"{url}/models", server)
            tests = ["swift", "test", "-c", "release", "--scratch-path", ".build-test", "--filter", "PeerTests"]
            return subprocess.run(tests, cwd=ROOT, env=os.environ | {"HAYLOFT_PEER": url}).returncode
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    sys.exit(main())
