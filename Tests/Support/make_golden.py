#!/usr/bin/env python3
"""Makes the golden checkpoints of Tests/Golden: small random weights and what transformers makes of them in f32.

    python3 -m venv .venv && .venv/bin/pip install -r Models/Bundled/recipes/requirements.txt
    .venv/bin/python Tests/Support/make_golden.py

Each folder holds a checkpoint, expected.json (prompts and cases: input ids, arguments of generate, the sequence that
came out) and expected.safetensors (logits at every position of each prompt, probabilities at each step of a sampled
case). Weights in half precision are widened to f32 before they are run. Greedy cases with two nearly equal best
logits are left out, as any order of summation may decide them.
"""

import json
import pathlib
import shutil

import torch
from safetensors.torch import load_file, save_file
from transformers import (LlamaConfig, LlamaForCausalLM, MistralConfig, MistralForCausalLM, T5Config,
                          T5ForConditionalGeneration)
from transformers import GenerationConfig, LogitsProcessorList, TemperatureLogitsWarper, TopKLogitsWarper
from transformers import TopPLogitsWarper

OUTPUT = pathlib.Path(__file__).resolve().parent.parent / "Golden"
VOCABULARY = 96
LEAST_GAP = 1e-3
LENGTHS = [1, 5, 18, 47]
NEW_TOKENS = 24
SAMPLING = [{"temperature": 0.7, "top_k": 0}, {"top_k": 5}, {"top_k": 0, "top_p": 0.8},
            {"temperature": 1.4, "top_k": 20, "top_p": 0.9}]

DECODER = {"vocab_size": VOCABULARY, "hidden_size": 48, "intermediate_size": 80, "num_hidden_layers": 2,
           "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 12, "max_position_embeddings": 128,
           "rms_norm_eps": 1e-6, "bos_token_id": 1, "eos_token_id": 2, "tie_word_embeddings": False}
T5_BASE = {"vocab_size": VOCABULARY, "d_model": 48, "d_ff": 80, "d_kv": 12, "num_heads": 4, "num_layers": 2,
           "num_decoder_layers": 2, "decoder_start_token_id": 0, "pad_token_id": 0, "eos_token_id": 1}


def rope(kind, **scaling):
    """A rope_parameters entry."""
    return {"rope_parameters": {"rope_type": kind, "rope_theta": 10000.0} | scaling}


MODELS = {
    "llama-plain": (LlamaConfig, DECODER | rope("default"), torch.float32),
    "llama-tied-linear-bf16": (LlamaConfig, DECODER | {"tie_word_embeddings": True} | rope("linear", factor=4.0),
                               torch.bfloat16),
    "llama-dynamic": (LlamaConfig, DECODER | {"max_position_embeddings": 32, "num_key_value_heads": 4}
                      | rope("dynamic", factor=2.0), torch.float32),
    "llama-llama3-bf16-sharded": (LlamaConfig, DECODER | {"attention_bias": True} | rope(
        "llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=32),
        torch.bfloat16),
    "llama-yarn-f16": (LlamaConfig, DECODER | rope("yarn", factor=4.0, original_max_position_embeddings=32),
                       torch.float16),
    "mistral-sliding": (MistralConfig, DECODER | {"sliding_window": 7, "num_key_value_heads": 1} | rope("default"),
                        torch.float32),
    "t5-relu-tied": (T5Config, T5_BASE | {"feed_forward_proj": "relu", "tie_word_embeddings": True}, torch.float32),
    "t5-gated-untied-f16": (T5Config, T5_BASE | {"feed_forward_proj": "gated-gelu", "tie_word_embeddings": False,
                                                 "relative_attention_num_buckets": 8,
                                                 "relative_attention_max_distance": 20}, torch.float16),
}


def make_model(config, ties_embeddings, dtype, generator):
    """A model of random weights rounded to `dtype`; matrices keep the size of what passes through them."""
    classes = {"llama": LlamaForCausalLM, "mistral": MistralForCausalLM, "t5": T5ForConditionalGeneration}
    config._attn_implementation = "eager"
    model = classes[config.model_type](config).eval()
    if config.model_type == "t5" and not ties_embeddings:  # transformers 5 ties every T5 that it makes
        model.lm_head.weight = torch.nn.Parameter(torch.empty_like(model.shared.weight))
        model.config.tie_word_embeddings = False
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            scale = 1.0 if parameter.dim() == 1 or "embed" in name or "shared" in name else parameter.shape[-1] ** -0.5
            noise = torch.randn(parameter.shape, generator=generator) * scale
            noise = 1 + 0.1 * noise if parameter.dim() == 1 and "bias" not in name else noise
            parameter.copy_(noise.to(dtype).float())
    return model


def prompts(generator):
    return [torch.randint(3, VOCABULARY, (length,), generator=generator).tolist() for length in LENGTHS]


def forward(model, prompt, decoder):
    """Logits [T, V] of a decoder's ids, or of a source and the decoder's ids."""
    if model.config.is_encoder_decoder:
        return model(input_ids=torch.tensor([prompt]), decoder_input_ids=torch.tensor([decoder])).logits[0]
    return model(input_ids=torch.tensor([prompt])).logits[0]


def generate(model, prompt, **arguments):
    """Ids that `generate` gives, and the smallest gap between the two best logits on the way."""
    forward(model, [3], [0])  # a short text: dynamic rope forgets the length of the last case
    ids = torch.tensor([prompt])
    options = GenerationConfig(pad_token_id=0, decoder_start_token_id=0, **arguments)
    result = model.generate(ids, generation_config=options, attention_mask=torch.ones_like(ids), output_scores=True,
                            return_dict_in_generate=True)
    best = torch.stack(result.scores).topk(2).values
    return result.sequences[0].tolist(), (best[..., 0] - best[..., 1]).min().item()


def sampled(model, prompt, options, generator):
    """A sequence drawn under some options and the probabilities [steps, V] that it was drawn with."""
    warpers = LogitsProcessorList()
    if options.get("temperature", 1.0) != 1.0:
        warpers.append(TemperatureLogitsWarper(options["temperature"]))
    if options["top_k"] if "top_k" in options else 0:
        warpers.append(TopKLogitsWarper(options["top_k"]))
    if options.get("top_p", 1.0) < 1.0:
        warpers.append(TopPLogitsWarper(options["top_p"]))
    text = [0] if model.config.is_encoder_decoder else list(prompt)
    rows = []
    for _ in range(6):
        logits = forward(model, prompt if model.config.is_encoder_decoder else text, text)[-1:]
        rows.append(warpers(torch.tensor([text]), logits).softmax(-1)[0])
        text.append(torch.multinomial(rows[-1], 1, generator=generator).item())
    return text, torch.stack(rows)


def cases(model, texts, tensors, generator):
    """Greedy cases, with the end token and with one that comes up, and sampled ones."""
    eos = model.config.eos_token_id
    found = []
    for index, prompt in enumerate(texts):
        sequence, gap = generate(model, prompt, do_sample=False, max_new_tokens=NEW_TOKENS, eos_token_id=eos)
        if gap < LEAST_GAP:
            continue
        found.append({"tag": f"greedy/{index}", "input_ids": prompt, "sequences": [sequence],
                      "generate": {"do_sample": False, "max_new_tokens": NEW_TOKENS, "eos_token_id": eos}})
        start = 1 if model.config.is_encoder_decoder else len(prompt)
        stop = sequence[min(start + 6, len(sequence) - 1)]
        for tag, extra in [("greedy-eos", {}), ("greedy-eos-min-new", {"min_new_tokens": 9})]:
            arguments = {"do_sample": False, "max_new_tokens": NEW_TOKENS, "eos_token_id": [stop, eos]} | extra
            ids, gap = generate(model, prompt, **arguments)
            if gap >= LEAST_GAP:
                found.append({"tag": f"{tag}/{index}", "input_ids": prompt, "generate": arguments,
                              "sequences": [ids]})
    for index, options in enumerate(SAMPLING):
        sequence, rows = sampled(model, texts[1], options, generator)
        tensors[f"sample_{index}.probs"] = rows.contiguous()
        found.append({"tag": f"sample/{index}", "input_ids": texts[1], "sequences": [sequence],
                      "generate": {"do_sample": True, "max_new_tokens": 6, "eos_token_id": eos} | options})
    return found


def shard(folder):
    """Splits model.safetensors into two files and an index."""
    tensors = load_file(folder / "model.safetensors")
    names = sorted(tensors)
    index = {}
    for number, part in enumerate([names[::2], names[1::2]], 1):
        file = f"model-{number:05}-of-00002.safetensors"
        save_file({name: tensors[name] for name in part}, folder / file)
        index |= {name: file for name in part}
    total = sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())
    text = json.dumps({"metadata": {"total_size": total}, "weight_map": index}, indent=1)
    (folder / "model.safetensors.index.json").write_text(text)
    (folder / "model.safetensors").unlink()


def save_weights(model, dtype, folder):
    """Tensors under their checkpoint names, each once."""
    seen, tensors = set(), {}
    for name, parameter in model.named_parameters():
        if parameter.data_ptr() not in seen:
            seen.add(parameter.data_ptr())
            tensors[name] = parameter.detach().to(dtype).contiguous()
    save_file(tensors, folder / "model.safetensors")


def make(name, config_class, options, dtype, seed):
    generator = torch.Generator().manual_seed(seed)
    folder = OUTPUT / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    model = make_model(config_class(**options), options["tie_word_embeddings"], dtype, generator)
    save_weights(model, dtype, folder)
    if name.endswith("sharded"):
        shard(folder)
    config = options | {"model_type": model.config.model_type, "dtype": str(dtype).removeprefix("torch.")}
    (folder / "config.json").write_text(json.dumps(config, indent=1))
    texts = prompts(generator)
    decoders = [[0] + text[:9] for text in texts]
    tensors = {f"prompt_{i}.logits": forward(model, text, decoders[i]).contiguous() for i, text in enumerate(texts)}
    expected = {"prompts": texts}
    if model.config.is_encoder_decoder:
        expected["decoder_prompts"] = decoders
    expected["cases"] = cases(model, texts, tensors, generator)
    save_file({key: value.detach().float() for key, value in tensors.items()}, folder / "expected.safetensors")
    lines = ",\n".join(json.dumps(case) for case in expected.pop("cases"))
    (folder / "expected.json").write_text(json.dumps(expected)[:-1] + ',\n"cases": [\n' + lines + "\n]}\n")
    print(name, len(list(folder.iterdir())), "files", sum(file.stat().st_size for file in folder.iterdir()), "bytes")


@torch.no_grad()
def main():
    for seed, (name, (config_class, options, dtype)) in enumerate(MODELS.items(), 1):
        make(name, config_class, options, dtype, seed)


if __name__ == "__main__":
    main()
