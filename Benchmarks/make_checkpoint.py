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
QWEN3 = {"model_type": "qwen3", "hidden_act": "silu", "rms_norm_eps": 1e-6, "rope_theta": 1e6, "head_dim": 128,
         "vocab_size": 151936, "max_position_embeddings": 40960, "eos_token_id": 151645}
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
    "qwen3-0.6b": QWEN3 | {"hidden_size": 1024, "intermediate_size": 3072, "num_hidden_layers": 28,
                           "num_attention_heads": 16, "num_key_value_heads": 8, "tie_word_embeddings": True},
    "gemma-3-1b": {"model_type": "gemma3_text", "hidden_activation": "gelu_pytorch_tanh", "vocab_size": 262144,
                   "hidden_size": 1152, "intermediate_size": 6912, "num_hidden_layers": 26, "num_attention_heads": 4,
                   "num_key_value_heads": 1, "head_dim": 256, "query_pre_attn_scalar": 256, "sliding_window": 512,
                   "sliding_window_pattern": 6, "rope_theta": 1e6, "rope_local_base_freq": 1e4, "rms_norm_eps": 1e-6,
                   "max_position_embeddings": 32768, "tie_word_embeddings": True, "eos_token_id": 1},
    "phi-4-mini": {"model_type": "phi3", "hidden_act": "silu", "vocab_size": 200064, "hidden_size": 3072,
                   "intermediate_size": 8192, "num_hidden_layers": 32, "num_attention_heads": 24,
                   "num_key_value_heads": 8, "partial_rotary_factor": 0.75, "rope_theta": 1e4,
                   "original_max_position_embeddings": 4096, "max_position_embeddings": 131072,
                   "rope_scaling": {"type": "longrope", "short_factor": [1.0] * 48,
                                    "long_factor": [1.0 + i / 2 for i in range(48)]},
                   "sliding_window": 262144, "rms_norm_eps": 1e-5, "tie_word_embeddings": True, "eos_token_id": 2},
    # The mixtures have four of their layers: a token reads all of those alike.
    "qwen3-30b-a3b-4-layers": QWEN3 | {
        "model_type": "qwen3_moe", "hidden_size": 2048, "intermediate_size": 6144, "moe_intermediate_size": 768,
        "num_experts": 128, "num_experts_per_tok": 8, "norm_topk_prob": True, "decoder_sparse_step": 1,
        "num_hidden_layers": 4, "num_attention_heads": 32, "num_key_value_heads": 4, "tie_word_embeddings": False},
    "gpt-oss-20b-4-layers": {
        "model_type": "gpt_oss", "hidden_act": "silu", "vocab_size": 201088, "hidden_size": 2880,
        "intermediate_size": 2880, "num_local_experts": 32, "num_experts_per_tok": 4, "num_hidden_layers": 4,
        "num_attention_heads": 64, "num_key_value_heads": 8, "head_dim": 64, "attention_bias": True,
        "sliding_window": 128, "layer_types": ["sliding_attention", "full_attention"] * 2, "swiglu_limit": 7.0,
        "rope_theta": 150000.0, "initial_context_length": 4096, "max_position_embeddings": 131072,
        "rope_scaling": {"rope_type": "yarn", "factor": 32.0, "beta_fast": 32.0, "beta_slow": 1.0, "truncate": False,
                         "original_max_position_embeddings": 4096},
        "rms_norm_eps": 1e-5, "tie_word_embeddings": False, "eos_token_id": 2},
}


def decoder_tensors(c):
    """Names and shapes of a decoder's checkpoint."""
    kind, hidden, mlp = c["model_type"], c["hidden_size"], c["intermediate_size"]
    head = c.get("head_dim") or hidden // c["num_attention_heads"]
    inner, kv = head * c["num_attention_heads"], head * c["num_key_value_heads"]
    yield "model.embed_tokens.weight", (c["vocab_size"], hidden)
    for i in range(c["num_hidden_layers"]):
        layer = f"model.layers.{i}"
        attention = f"{layer}.self_attn"
        yield f"{layer}.input_layernorm.weight", (hidden,)
        if kind == "phi3":
            yield f"{attention}.qkv_proj.weight", (inner + 2 * kv, hidden)
            yield f"{attention}.o_proj.weight", (hidden, inner)
        else:
            for name, shape in [("q", (inner, hidden)), ("k", (kv, hidden)), ("v", (kv, hidden)),
                                ("o", (hidden, inner))]:
                yield f"{attention}.{name}_proj.weight", shape
                if kind == "gpt_oss":
                    yield f"{attention}.{name}_proj.bias", shape[:1]
        if kind in ("qwen3", "qwen3_moe", "gemma3_text"):
            yield f"{attention}.q_norm.weight", (head,)
            yield f"{attention}.k_norm.weight", (head,)
        yield f"{layer}.post_attention_layernorm.weight", (hidden,)
        if kind == "gemma3_text":
            yield f"{layer}.pre_feedforward_layernorm.weight", (hidden,)
            yield f"{layer}.post_feedforward_layernorm.weight", (hidden,)
        if kind == "gpt_oss":
            yield f"{attention}.sinks", (c["num_attention_heads"],)
            yield from gpt_oss_experts(c, f"{layer}.mlp")
        elif kind == "qwen3_moe":
            yield f"{layer}.mlp.gate.weight", (c["num_experts"], hidden)
            for expert in range(c["num_experts"]):
                yield from gated_mlp(f"{layer}.mlp.experts.{expert}", hidden, c["moe_intermediate_size"])
        elif kind == "phi3":
            yield f"{layer}.mlp.gate_up_proj.weight", (2 * mlp, hidden)
            yield f"{layer}.mlp.down_proj.weight", (hidden, mlp)
        else:
            yield from gated_mlp(f"{layer}.mlp", hidden, mlp)
    yield "model.norm.weight", (hidden,)
    if not c["tie_word_embeddings"]:
        yield "lm_head.weight", (c["vocab_size"], hidden)


def gated_mlp(name, hidden, mlp):
    """Names and shapes of a gated MLP."""
    yield f"{name}.gate_proj.weight", (mlp, hidden)
    yield f"{name}.up_proj.weight", (mlp, hidden)
    yield f"{name}.down_proj.weight", (hidden, mlp)


def gpt_oss_experts(c, name):
    """Names and shapes of a router and its stacked experts, whose matrices are [in, out]."""
    hidden, mlp, experts = c["hidden_size"], c["intermediate_size"], c["num_local_experts"]
    yield f"{name}.router.weight", (experts, hidden)
    yield f"{name}.router.bias", (experts,)
    yield f"{name}.experts.gate_up_proj", (experts, hidden, 2 * mlp)
    yield f"{name}.experts.gate_up_proj_bias", (experts, 2 * mlp)
    yield f"{name}.experts.down_proj", (experts, mlp, hidden)
    yield f"{name}.experts.down_proj_bias", (experts, hidden)


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


def tensors(c):
    """Names and shapes of a checkpoint."""
    return (t5_tensors if c["model_type"] == "t5" else decoder_tensors)(c)


def values(shape, dtype, random, is_norm):
    """Random numbers of a shape as the bytes of a type; norms are ones."""
    x = np.ones(shape, np.float32) if is_norm else random.standard_normal(shape, np.float32) * 0.02
    if dtype == "f32":
        return x.tobytes()
    return (x.view(np.uint32) >> 16).astype(np.uint16).tobytes() if dtype == "bf16" else x.astype(np.float16).tobytes()


def write(path, tensors, dtype):
    """Writes a safetensors file, some rows of a tensor at a time."""
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
            step = max(1, (1 << 26) // int(np.prod(shape[1:])))
            for first in range(0, shape[0], step):
                rows = min(step, shape[0] - first)
                file.write(values((rows, *shape[1:]), dtype, random, name.endswith("norm.weight")))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shape", choices=SHAPES)
    parser.add_argument("--dtype", choices=["f32", "bf16", "f16"], default="bf16")
    parser.add_argument("--output", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    config = SHAPES[arguments.shape]
    arguments.output.mkdir(parents=True, exist_ok=True)
    torch_name = {"f32": "float32", "bf16": "bfloat16", "f16": "float16"}[arguments.dtype]
    (arguments.output / "config.json").write_text(json.dumps(config | {"torch_dtype": torch_name}, indent=2))
    write(arguments.output / "model.safetensors", list(tensors(config)), arguments.dtype)


if __name__ == "__main__":
    main()
