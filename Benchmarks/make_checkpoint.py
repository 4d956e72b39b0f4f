#!/usr/bin/env python3
"""Makes checkpoints of random weights in the shapes of well-known models, for measuring speed.

    python3 Benchmarks/make_checkpoint.py tinyllama-1.1b --dtype bf16 --output /tmp/tinyllama-bf16

Needs numpy only. Weights are normal with a deviation of 0.02; a bf16 weight is a truncated f32.
"""

import argparse
import json
import pathlib
import struct

import numpy as np

LLAMA = {"model_type": "llama", "hidden_act": "silu", "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
         "tie_word_embeddings": False, "bos_token_id": 1, "eos_token_id": 2, "vocab_size": 32000}
T5 = {"model_type": "t5", "feed_forward_proj": "gated-gelu", "vocab_size": 32128, "d_kv": 64,
      "relative_attention_num_buckets": 32, "relative_attention_max_distance": 128, "layer_norm_epsilon": 1e-6,
      "tie_word_embeddings": False, "decoder_start_token_id": 0, "pad_token_id": 0, "eos_token_id": 1,
      "is_encoder_decoder": True}
SHAPES = {
    "tinyllama-1.1b": LLAMA | {"hidden_size": 2048, "intermediate_size": 5632, "num_hidden_layers": 22,
                               "num_attention_heads": 32, "num_key_value_heads": 4, "max_position_embeddings": 2048},
    "zephyr-7b": LLAMA | {"model_type": "mistral", "hidden_size": 4096, "intermediate_size": 14336,
                          "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
                          "max_position_embeddings": 32768, "sliding_window": 4096},
    "flan-t5-small": T5 | {"d_model": 512, "d_ff": 1024, "num_layers": 8, "num_decoder_layers": 8, "num_heads": 6},
    "flan-t5-base": T5 | {"d_model": 768, "d_ff": 2048, "num_layers": 12, "num_decoder_layers": 12, "num_heads": 12},
    "flan-t5-large": T5 | {"d_model": 1024, "d_ff": 2816, "num_layers": 24, "num_decoder_layers": 24,
                           "num_heads": 16},
}


def llama_tensors(c):
    """Names and shapes of a Llama or Mistral checkpoint."""
    hidden, mlp = c["hidden_size"], c["intermediate_size"]
    kv = hidden // c["num_attention_heads"] * c["num_key_value_heads"]
    yield "model.embed_tokens.weight", (c["vocab_size"], hidden)
    for i in range(c["num_hidden_layers"]):
        layer = f"model.layers.{i}"
        yield f"{layer}.input_layernorm.weight", (hidden,)
        for name, rows in [("q", hidden), ("k", kv), ("v", kv), ("o", hidden)]:
            yield f"{layer}.self_attn.{name}_proj.weight", (rows, hidden)
        yield f"{layer}.post_attention_layernorm.weight", (hidden,)
        yield f"{layer}.mlp.gate_proj.weight", (mlp, hidden)
        yield f"{layer}.mlp.up_proj.weight", (mlp, hidden)
        yield f"{layer}.mlp.down_proj.weight", (hidden, mlp)
    yield "model.norm.weight", (hidden,)
    yield "lm_head.weight", (c["vocab_size"], hidden)


def t5_tensors(c):
    """Names and shapes of a T5 1.1 checkpoint."""
    hidden, mlp, inner = c["d_model"], c["d_ff"], c["num_heads"] * c["d_kv"]
    yield "shared.weight", (c["vocab_size"], hidden)
    for side, layers in [("encoder", c["num_layers"]), ("decoder", c["num_decoder_layers"])]:
        for i in range(layers):
            parts = ["SelfAttention"] + (["EncDecAttention"] if side == "decoder" else [])
            for place, part in enumerate(parts):
                layer = f"{side}.block.{i}.layer.{place}"
                yield f"{layer}.layer_norm.weight", (hidden,)
                for name in "qkv":
                    yield f"{layer}.{part}.{name}.weight", (inner, hidden)
                yield f"{layer}.{part}.o.weight", (hidden, inner)
                if i == 0 and place == 0:
                    buckets = c["relative_attention_num_buckets"]
                    yield f"{layer}.{part}.relative_attention_bias.weight", (buckets, c["num_heads"])
            layer = f"{side}.block.{i}.layer.{len(parts)}"
            yield f"{layer}.layer_norm.weight", (hidden,)
            yield f"{layer}.DenseReluDense.wi_0.weight", (mlp, hidden)
            yield f"{layer}.DenseReluDense.wi_1.weight", (mlp, hidden)
            yield f"{layer}.DenseReluDense.wo.weight", (hidden, mlp)
        yield f"{side}.final_layer_norm.weight", (hidden,)
    yield "lm_head.weight", (c["vocab_size"], hidden)


def values(shape, dtype, random):
    """Random numbers of a shape as the bytes of a type; norms are ones."""
    x = np.ones(shape, np.float32) if len(shape) == 1 else random.standard_normal(shape, np.float32) * 0.02
    if dtype == "f32":
        return x.tobytes()
    return (x.view(np.uint32) >> 16).astype(np.uint16).tobytes() if dtype == "bf16" else x.astype(np.float16).tobytes()


def write(path, tensors, dtype):
    """Writes a safetensors file, one tensor at a time."""
    size = 4 if dtype == "f32" else 2
    header, end = {}, 0
    for name, shape in tensors:
        begin, end = end, end + int(np.prod(shape)) * size
        header[name] = {"dtype": dtype.upper(), "shape": list(shape), "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    random = np.random.default_rng(1)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name, shape in tensors:
            file.write(values(shape, dtype, random))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shape", choices=SHAPES)
    parser.add_argument("--dtype", choices=["f32", "bf16", "f16"], default="bf16")
    parser.add_argument("--output", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    config = SHAPES[arguments.shape]
    tensors = list((t5_tensors if config["model_type"] == "t5" else llama_tensors)(config))
    arguments.output.mkdir(parents=True, exist_ok=True)
    torch_name = {"f32": "float32", "bf16": "bfloat16", "f16": "float16"}[arguments.dtype]
    (arguments.output / "config.json").write_text(json.dumps(config | {"torch_dtype": torch_name}, indent=2))
    write(arguments.output / "model.safetensors", tensors, arguments.dtype)


if __name__ == "__main__":
    main()
