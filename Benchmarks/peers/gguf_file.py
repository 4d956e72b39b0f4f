"""Writes a checkpoint in Hugging Face layout as GGUF, one tensor at a time, with a vocabulary of numbers only."""

import ctypes
import json
import struct

import gguf
import numpy as np

FILE_TYPES = {"q4_0": 2, "q8_0": 7, "q4_k_m": 15}


def tensors(path):
    """The names of a safetensors file's tensors with their values: f32, or the bits of bf16."""
    with open(path, "rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(size))
    data = np.memmap(path, np.uint8, "r", 8 + size)
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        types = {"BF16": np.uint16, "F32": np.float32}
        if entry["dtype"] not in types:
            raise ValueError(f"{path}: '{name}' is {entry['dtype']}, expected BF16 or F32")
        begin, end = entry["data_offsets"]
        yield name, data[begin:end].view(types[entry["dtype"]]).reshape(entry["shape"])


def stacked(found, config):
    """The tensors as llama.cpp has them: an expert's matrix is one of a stack, [out, in]."""
    waiting = []
    for name, bits in found:
        parts = name.split(".experts.")
        if len(parts) == 1:
            yield name, bits
        elif config["model_type"] == "gpt_oss":
            yield from gpt_oss_experts(parts[0], parts[1], bits)
        else:
            waiting.append((parts[0], parts[1].split(".", 1)[1], bits))
            if len(waiting) == 3 * config["num_experts"]:
                for kind in ("gate_proj.weight", "up_proj.weight", "down_proj.weight"):
                    yield f"{parts[0]}.experts.{kind}", np.stack([b for _, part, b in waiting if part == kind])
                waiting = []


def gpt_oss_experts(mlp, part, bits):
    """gpt-oss keeps its matrices [in, out], and gate and up in turn in one."""
    suffix = "bias" if part.endswith("_bias") else "weight"
    if suffix == "weight":
        bits = bits.swapaxes(1, 2)
    if part.startswith("gate_up_proj"):
        yield f"{mlp}.experts.gate_proj.{suffix}", np.ascontiguousarray(bits[:, 0::2])
        yield f"{mlp}.experts.up_proj.{suffix}", np.ascontiguousarray(bits[:, 1::2])
    else:
        yield f"{mlp}.experts.down_proj.{suffix}", np.ascontiguousarray(bits)


def permuted(name, bits, config):
    """llama.cpp rotates neighbours in Llama, Hugging Face halves: its rows of queries and keys lie in another order."""
    if config["model_type"] not in ("llama", "mistral"):
        return bits
    heads = {"q_proj": "num_attention_heads", "k_proj": "num_key_value_heads"}
    for part, key in heads.items():
        if f".{part}." in name:
            rows = bits.reshape(config[key], 2, -1, bits.shape[1])
            return np.ascontiguousarray(rows.swapaxes(1, 2)).reshape(bits.shape)
    return bits


def converted(bits, kind):
    """The values in a type of GGUF: vectors and the few position biases stay f32, as its kernels want them."""
    if kind == "bf16" or kind == "f32" and bits.dtype == np.float32:
        return bits
    wide = bits if bits.dtype == np.float32 else (bits.astype(np.uint32) << 16).view(np.float32)
    return wide if kind == "f32" else wide.astype(np.float16)


def write(folder, path, kind):
    """Writes all tensors of a folder in bf16, f16 or f32; in bf16 only those that are stored so."""
    config = json.loads((folder / "config.json").read_text())
    t5 = config["model_type"] == "t5"
    arch = {"t5": gguf.MODEL_ARCH.T5, "qwen3_moe": gguf.MODEL_ARCH.QWEN3MOE, "gpt_oss": gguf.MODEL_ARCH.GPT_OSS}.get(
        config["model_type"], gguf.MODEL_ARCH.LLAMA)
    writer = gguf.GGUFWriter(path, gguf.MODEL_ARCH_NAMES[arch])
    (add_t5 if t5 else add_decoder)(writer, config)
    writer.add_vocab_size(config["vocab_size"])
    writer.add_tokenizer_model("no_vocab")
    layers = config["num_layers"] if t5 else config["num_hidden_layers"]
    names = gguf.get_tensor_name_map(arch, layers)
    wide = ("relative", ".bias", ".mlp.gate.", ".router.")
    of = lambda name, bits: "f32" if bits.ndim == 1 or any(part in name for part in wide) else kind
    renamed = lambda name: names.get_name(name, (".weight", ".bias")) + (".weight" if name.endswith("sinks") else "")
    types = {"f32": (np.float32, 4), "f16": (np.float16, 2), "bf16": (np.uint16, 2)}
    source = folder / "model.safetensors"
    for name, bits in stacked(tensors(source), config):
        dtype, size = types[of(name, bits)]
        raw = gguf.GGMLQuantizationType.BF16 if dtype == np.uint16 else None
        writer.add_tensor_info(
            renamed(name), bits.shape, np.dtype(dtype), bits.size * size, raw)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for name, bits in stacked(tensors(source), config):
        writer.write_tensor_data(converted(permuted(name, bits, config), of(name, bits)))
    writer.close()


def add_decoder(writer, c):
    """What llama.cpp wants to know of a decoder."""
    head = c.get("head_dim") or c["hidden_size"] // c["num_attention_heads"]
    writer.add_context_length(c["max_position_embeddings"])
    writer.add_embedding_length(c["hidden_size"])
    writer.add_block_count(c["num_hidden_layers"])
    writer.add_feed_forward_length(c["intermediate_size"])
    writer.add_head_count(c["num_attention_heads"])
    writer.add_head_count_kv(c["num_key_value_heads"])
    writer.add_key_length(head)
    writer.add_value_length(head)
    writer.add_rope_dimension_count(head)
    writer.add_rope_freq_base(c["rope_theta"] if "rope_theta" in c else c["rope_parameters"]["rope_theta"])
    writer.add_layer_norm_rms_eps(c["rms_norm_eps"])
    if "num_experts_per_tok" in c:
        writer.add_expert_count(c.get("num_experts") or c["num_local_experts"])
        writer.add_expert_used_count(c["num_experts_per_tok"])
        writer.add_expert_feed_forward_length(c.get("moe_intermediate_size") or c["intermediate_size"])
    if c["model_type"] == "gpt_oss":
        writer.add_sliding_window(c["sliding_window"])
        writer.add_rope_scaling_type(gguf.RopeScalingType.YARN)
        writer.add_rope_scaling_factor(c["rope_scaling"]["factor"])
        writer.add_rope_scaling_orig_ctx_len(c["rope_scaling"]["original_max_position_embeddings"])


def add_t5(writer, c):
    """What llama.cpp wants to know of a T5 model."""
    writer.add_context_length(512)
    writer.add_embedding_length(c["d_model"])
    writer.add_feed_forward_length(c["d_ff"])
    writer.add_block_count(c["num_layers"])
    writer.add_decoder_block_count(c["num_decoder_layers"])
    writer.add_head_count(c["num_heads"])
    writer.add_key_length(c["d_kv"])
    writer.add_value_length(c["d_kv"])
    writer.add_layer_norm_eps(c["layer_norm_epsilon"])
    writer.add_layer_norm_rms_eps(c["layer_norm_epsilon"])
    writer.add_relative_attn_buckets_count(c["relative_attention_num_buckets"])
    writer.add_decoder_start_token_id(c["decoder_start_token_id"])


def quantize(source, path, kind, threads):
    """Has llama.cpp make a quantized file of another."""
    import llama_cpp.llama_cpp as llama

    llama.llama_backend_init()
    params = llama.llama_model_quantize_default_params()
    params.ftype, params.nthread = FILE_TYPES[kind], threads
    if llama.llama_model_quantize(str(source).encode(), str(path).encode(), ctypes.byref(params)) != 0:
        raise RuntimeError(f"llama.cpp did not quantize {source} to {kind}")
