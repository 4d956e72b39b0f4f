"""Writes rope_cases.json: random rotary settings with the frequencies that transformers 5.23 computes for them.

Each case has a family, which says how its model file reads the settings (RoPECaseTests.swift), the configuration, the
sizes, and what the reference's rotary embedding holds: frequencies and attention factor at first, and the frequencies of a
text of `length` tokens. Run in this folder: python make_rope_cases.py
"""

import importlib
import json
import random

import torch

FAMILIES = {
    "llama": ("llama", "LlamaConfig", "LlamaRotaryEmbedding"),
    "phi": ("phi", "PhiConfig", "PhiRotaryEmbedding"),
    "gpt_neox": ("gpt_neox", "GPTNeoXConfig", "GPTNeoXRotaryEmbedding"),
    "stablelm": ("stablelm", "StableLmConfig", "StableLmRotaryEmbedding"),
    "phi3": ("phi3", "Phi3Config", "Phi3RotaryEmbedding"),
    "gpt_oss": ("gpt_oss", "GptOssConfig", "GptOssRotaryEmbedding"),
    "ministral3": ("ministral3", "Ministral3Config", "Ministral3RotaryEmbedding"),
    "gemma3": ("gemma3", "Gemma3TextConfig", "Gemma3RotaryEmbedding"),
}
PARTIAL = {"phi", "gpt_neox", "stablelm"}


def settings(kind, pairs, rng, base):
    """The members of an object of settings of one type."""
    found = {rng.choice(["rope_type", "type"]): kind}
    if base is not None:
        found["rope_theta"] = base
    if kind in ("linear", "dynamic", "llama3", "yarn"):
        found["factor"] = rng.choice([1.0, 1.5, 2.0, 4, 8.0, 32.0])
    if kind == "llama3":
        found |= {"low_freq_factor": 1.0, "high_freq_factor": rng.choice([4.0, 8.0, 3.5])}
    if kind in ("llama3", "yarn") and rng.random() < 0.8:
        found["original_max_position_embeddings"] = rng.choice([16, 33, 256, 4096])
    if kind == "yarn":
        extra = {
            "truncate": rng.random() < 0.5,
            "beta_fast": rng.choice([32, 16.0, 4]),
            "beta_slow": rng.choice([1, 2.0]),
            "attention_factor": rng.choice([1.0, 1.3]),
        }
        found |= {key: value for key, value in extra.items() if rng.random() < 0.5}
        if rng.random() < 0.4:
            found |= {"mscale": rng.choice([1.0, 0.707]), "mscale_all_dim": rng.choice([1.0, 0.5])}
    if kind in ("longrope", "su"):
        found["short_factor"] = [round(rng.uniform(1, 3), 3) for _ in range(pairs)]
        found["long_factor"] = [round(rng.uniform(1, 60), 3) for _ in range(pairs)]
        if rng.random() < 0.3:
            found["attention_factor"] = 1.19
        found["original_max_position_embeddings"] = rng.choice([16, 48])
    return found


def configuration(family, rng):
    """A configuration of the family in one of its spellings."""
    head = rng.choice([8, 16, 24, 32, 40])
    config = {"hidden_size": 4 * head, "num_attention_heads": 4, "max_position_embeddings": rng.choice([64, 96, 512])}
    if family in ("llama", "gpt_oss", "ministral3", "gemma3"):
        config |= {"head_dim": head, "num_key_value_heads": 2}
    base = rng.choice([None, 10_000.0, 500.0, 1_000_000.0])
    dim = head
    if family in PARTIAL:
        part = rng.choice([None, 0.25, 0.5, 1.0])
        dim = int(head * (part if part is not None else {"phi": 0.5}.get(family, 0.25)))
        if part is not None:
            config["rotary_pct" if family == "gpt_neox" else "partial_rotary_factor"] = part
    kinds = ["default", "linear", "dynamic", "llama3", "yarn", "longrope"]
    if family == "phi3":
        kinds = ["default", "longrope", "su"]
    kind = rng.choice(kinds + [None])
    if family == "gemma3":
        layers = rng.choice(["old", "new", "none"])
        config["num_hidden_layers"] = 6
        kind = rng.choice(["linear", "dynamic", "llama3", "yarn"])
        if layers == "old":
            config |= {"rope_theta": 250_000.0, "rope_local_base_freq": rng.choice([10_000.0, 700.0])}
            scaling = settings(kind, dim // 2, rng, None)
            scaling["rope_type"] = kind
            config["rope_scaling"] = rng.choice([None, scaling])
        if layers == "new":
            config["rope_parameters"] = {
                "full_attention": settings(kind, dim // 2, rng, base),
                "sliding_attention": settings("default", dim // 2, rng, rng.choice([None, 9000.0])),
            }
        return config, head
    if kind is None or kind == "default":
        if base is not None:
            config["rotary_emb_base" if family == "gpt_neox" else "rope_theta"] = base
        if kind == "default":
            config["rope_parameters"] = settings("default", dim // 2, rng, rng.choice([None, 77.0]))
    elif rng.random() < 0.5:
        config["rope_parameters"] = settings(kind, dim // 2, rng, base)
    else:
        config["rope_scaling"] = settings(kind, dim // 2, rng, None)
        if base is not None and family != "gpt_neox":
            config["rope_theta"] = base
    if kind in ("longrope", "su") and (family == "phi3" or rng.random() < 0.5):
        config["original_max_position_embeddings"] = rng.choice([32, 64])
    return config, head


def shortened(values):
    """The same f32 numbers in at most nine digits, which is all they have."""
    return [float(f"{value:.9g}") for value in values]


def case(family, rng):
    """The cases of one configuration: one, or one for each kind of layer."""
    module, config_class, rotary_class = FAMILIES[family]
    values, head = configuration(family, rng)
    package = f"transformers.models.{module}"
    config = getattr(importlib.import_module(f"{package}.configuration_{module}"), config_class)(
        **json.loads(json.dumps(values))
    )
    rotary = getattr(importlib.import_module(f"{package}.modeling_{module}"), rotary_class)(config)
    length = rng.choice([700, 1500])
    layers = ["full_attention", "sliding_attention"] if family == "gemma3" else [None]
    found = []
    for layer in layers:
        prefix = f"{layer}_" if layer else ""
        first = getattr(rotary, f"{prefix}inv_freq").tolist()
        factor = float(getattr(rotary, f"{prefix}attention_scaling"))
        rotary(torch.zeros(1), torch.arange(length)[None], *([layer] if layer else []))
        found.append(
            {
                "family": family,
                "layer": layer,
                "config": values,
                "head_size": head,
                "frequencies": shortened(first),
                "attention_factor": factor,
                "length": length,
                "long_frequencies": shortened(getattr(rotary, f"{prefix}inv_freq").tolist()),
            }
        )
    return found


def main():
    rng = random.Random(17)
    cases = []
    for family in FAMILIES:
        wanted = len(cases) + 16
        while len(cases) < wanted:
            cases += case(family, rng)
    with open("rope_cases.json", "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(each) for each in cases) + "\n]\n")


main()
