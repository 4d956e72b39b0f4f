"""How near int8 and int4 weights are to those that they are made of, beside the types of llama.cpp.

    python weights.py [--hayloft .build/release/hayloft] [--ggml libggml-base.so]

Prints the relative error of random matrices, the root of the sum of squared errors over that of squares. Needs numpy and
gguf; Q4_K is measured where llama.cpp's library is at hand.
"""

import argparse
import ctypes
import json
import os
import subprocess
import tempfile

import numpy as np
from gguf import GGMLQuantizationType, quants

from blocks import read

HIDDEN, MLP = 1024, 2048
SHAPES = {
    "self_attn.q_proj": (HIDDEN, HIDDEN),
    "self_attn.k_proj": (HIDDEN, HIDDEN),
    "self_attn.v_proj": (HIDDEN, HIDDEN),
    "self_attn.o_proj": (HIDDEN, HIDDEN),
    "mlp.gate_proj": (MLP, HIDDEN),
    "mlp.up_proj": (MLP, HIDDEN),
    "mlp.down_proj": (HIDDEN, MLP),
}


def write_checkpoint(folder, matrices):
    """A Llama of one layer with these matrices."""
    config = {
        "model_type": "llama", "vocab_size": 16, "hidden_size": HIDDEN, "intermediate_size": MLP,
        "num_hidden_layers": 1, "num_attention_heads": 16, "tie_word_embeddings": True,
    }
    tensors = {f"model.layers.0.{name}.weight": matrix for name, matrix in matrices.items()}
    tensors["model.embed_tokens.weight"] = np.ones((16, HIDDEN), np.float32)
    for name in ["model.norm", "model.layers.0.input_layernorm", "model.layers.0.post_attention_layernorm"]:
        tensors[f"{name}.weight"] = np.ones(HIDDEN, np.float32)
    header, end = {}, 0
    for name, tensor in tensors.items():
        header[name] = {"dtype": "F32", "shape": tensor.shape, "data_offsets": [end, end + tensor.nbytes]}
        end += tensor.nbytes
    text = json.dumps(header).encode()
    with open(f"{folder}/model.safetensors", "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for tensor in tensors.values():
            file.write(tensor.tobytes())
    with open(f"{folder}/config.json", "w") as file:
        json.dump(config, file)


def hayloft(program, matrices, dtype):
    """The matrices as Hayloft quantizes them."""
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(f"{folder}/model")
        write_checkpoint(f"{folder}/model", matrices)
        command = [program, "quantize", "--quiet", "--model", f"{folder}/model", "--dtype", dtype]
        subprocess.run([*command, "--output", f"{folder}/out"], check=True)
        found = read(f"{folder}/out/model.safetensors")
        return {name: np.array(found[f"model.layers.0.{name}.weight"]) for name in matrices}


def llama(library, matrices, kind):
    """The matrices as llama.cpp quantizes them."""

    def one(matrix):
        if library is None:
            return quants.dequantize(quants.quantize(matrix, kind), kind)
        rows, columns = matrix.shape
        size = library.ggml_row_size(int(kind), ctypes.c_int64(columns))
        data = np.empty((rows, size), np.uint8)
        library.ggml_quantize_chunk(
            int(kind), ctypes.c_void_p(matrix.ctypes.data), ctypes.c_void_p(data.ctypes.data), ctypes.c_int64(0),
            ctypes.c_int64(rows), ctypes.c_int64(columns), None)
        return quants.dequantize(data, kind)

    return {name: one(matrix) for name, matrix in matrices.items()}


def error(matrices, found):
    squares = sum(float((m.astype(np.float64) ** 2).sum()) for m in matrices.values())
    errors = sum(float(((m.astype(np.float64) - found[name]) ** 2).sum()) for name, m in matrices.items())
    return (errors / squares) ** 0.5


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hayloft", default=".build/release/hayloft")
    parser.add_argument("--ggml", help="llama.cpp's libggml-base.so")
    options = parser.parse_args()
    library = None
    types = ["Q8_0", "Q4_0", "Q4_1"]
    if options.ggml:
        library = ctypes.CDLL(options.ggml)
        library.ggml_row_size.restype = library.ggml_quantize_chunk.restype = ctypes.c_size_t
        types.append("Q4_K")
    random = np.random.default_rng(1)
    draws = {
        "Gaussian": random.standard_normal,
        "Student's t, 4 degrees": lambda shape: random.standard_t(4, shape),
    }
    drawn = {
        draw: {name: (0.02 * make(shape)).astype(np.float32) for name, shape in SHAPES.items()}
        for draw, make in draws.items()
    }
    print("| type | bits a weight | " + " | ".join(draws) + " |\n| --- | --- |" + " --- |" * len(draws))
    for dtype, bits in [("int8", 8.5), ("int4", 4.75)]:
        errors = [error(m, hayloft(options.hayloft, m, dtype)) for m in drawn.values()]
        print(f"| {dtype} | {bits} | " + " | ".join(f"{e:.5f}" for e in errors) + " |")
    for name in types:
        kind = GGMLQuantizationType[name]
        block, size = quants.GGML_QUANT_SIZES[kind]
        errors = [error(m, llama(library, m, kind)) for m in drawn.values()]
        print(f"| {name} | {8 * size / block} | " + " | ".join(f"{e:.5f}" for e in errors) + " |")


if __name__ == "__main__":
    main()
