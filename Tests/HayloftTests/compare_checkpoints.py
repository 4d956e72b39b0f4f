#!/usr/bin/env python3
"""Compares how folders of odd shape are read: `compare_checkpoints.py [--count N] [--seed N] [--only N] -- hayloft`.

Makes tiny random checkpoints of each architecture and spoils them as those that people have are spoilt: names with and
without prefixes, heads that contradict the configuration, rope settings in every place and spelling, tensors in other
types, indices that name too much or too little, tensors that no model needs. transformers computes the logits in f32 and
`hayloft logits` has to agree. Where transformers refuses or fills what is missing with random numbers, Hayloft has to
refuse. Prefixes that transformers does not know and types that safetensors does not are left out of the copy it reads.

Needs the packages of Models/Bundled/recipes/requirements.txt.
"""

import argparse
import collections
import json
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile

import torch
import transformers
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TOLERANCE = 2e-4  # f32, a few hundred roundings of values up to some tens
VOCABULARY, SIZE, HEADS = 24, 16, 2
TYPES = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.float64: "F64", torch.int64: "I64",
         torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL"}


class Case:
    """A checkpoint: what Hayloft reads and, where that differs, what transformers reads."""

    def __init__(self, rng):
        self.rng = rng
        self.notes = []
        self.generator = torch.Generator().manual_seed(rng.randrange(1 << 30))
        self.family = rng.choice(["llama", "llama", "mistral", "t5", "mt5"])
        self.is_decoder = self.family in ("llama", "mistral")
        self.config, self.tensors = self.decoder() if self.is_decoder else self.encoder_decoder()
        self.rename = lambda name: name  # what transformers cannot find under the name
        self.unknown = {}  # tensors that only Hayloft gets: type, shape, bytes
        self.sharding = None

    def random(self, *shape):
        scale = shape[-1] ** -0.5 * 2 if len(shape) > 1 else 0.2
        values = torch.randn(*shape, generator=self.generator) * scale
        return values + 1 if len(shape) == 1 else values

    def decoder(self):
        config = {"model_type": self.family, "vocab_size": VOCABULARY, "hidden_size": SIZE, "intermediate_size": 24,
                  "num_hidden_layers": 2, "num_attention_heads": HEADS, "num_key_value_heads": 1,
                  "max_position_embeddings": 64, "rms_norm_eps": 1e-6, "tie_word_embeddings": False}
        tensors = {"model.embed_tokens.weight": self.random(VOCABULARY, SIZE), "model.norm.weight": self.random(SIZE),
                   "lm_head.weight": self.random(VOCABULARY, SIZE)}
        shapes = {"self_attn.q_proj": (SIZE, SIZE), "self_attn.k_proj": (8, SIZE), "self_attn.v_proj": (8, SIZE),
                  "self_attn.o_proj": (SIZE, SIZE), "mlp.gate_proj": (24, SIZE), "mlp.up_proj": (24, SIZE),
                  "mlp.down_proj": (SIZE, 24), "input_layernorm": (SIZE,), "post_attention_layernorm": (SIZE,)}
        for layer in range(2):
            for name, shape in shapes.items():
                tensors[f"model.layers.{layer}.{name}.weight"] = self.random(*shape)
        return config, tensors

    def encoder_decoder(self):
        config = {"model_type": self.family, "vocab_size": VOCABULARY, "d_model": SIZE, "d_kv": 8, "d_ff": 24,
                  "num_layers": 1, "num_heads": HEADS, "relative_attention_num_buckets": 8,
                  "relative_attention_max_distance": 20, "decoder_start_token_id": 0}
        gated = self.rng.random() < 0.5 or self.family == "mt5"
        config["feed_forward_proj"] = self.rng.choice(["gated-gelu", "gated-silu"]) if gated else "relu"
        tensors = {"shared.weight": self.random(VOCABULARY, SIZE), "lm_head.weight": self.random(VOCABULARY, SIZE)}
        for stack, attentions in (("encoder", ["Self"]), ("decoder", ["Self", "EncDec"])):
            for index, attention in enumerate(attentions):
                layer = f"{stack}.block.0.layer.{index}"
                tensors[f"{layer}.layer_norm.weight"] = self.random(SIZE)
                for part in "qkvo":
                    tensors[f"{layer}.{attention}Attention.{part}.weight"] = self.random(SIZE, SIZE)
            tensors[f"{stack}.block.0.layer.0.SelfAttention.relative_attention_bias.weight"] = self.random(8, HEADS)
            layer = f"{stack}.block.0.layer.{len(attentions)}"
            tensors[f"{layer}.layer_norm.weight"] = self.random(SIZE)
            for part in ["wi_0", "wi_1"] if gated else ["wi"]:
                tensors[f"{layer}.DenseReluDense.{part}.weight"] = self.random(24, SIZE)
            tensors[f"{layer}.DenseReluDense.wo.weight"] = self.random(SIZE, 24)
            tensors[f"{stack}.final_layer_norm.weight"] = self.random(SIZE)
        return config, tensors

    def note(self, text):
        self.notes.append(text)

    # What spoils a checkpoint

    def spoil(self):
        choices = [self.prefixes, self.ties, self.types, self.extras, self.shards, self.missing, self.settings]
        choices += [self.rope, self.rope, self.biases] if self.is_decoder else [self.scales, self.embeddings]
        for choice in self.rng.sample(choices, self.rng.choice([1, 1, 2, 2, 3])):
            choice()

    def prefixes(self):
        base = "model." if self.is_decoder else "transformer."
        kind = self.rng.choice(["none", "double", "mixed", "both", "foreign", "foreign", "foreign", "inner"])
        self.note(f"names {kind}")
        names = list(self.tensors)
        bare = {name: name.removeprefix(base) for name in names}
        if kind == "none":
            self.tensors = {bare[name]: tensor for name, tensor in self.tensors.items()}
        elif kind == "double":
            self.tensors = {base + name: tensor for name, tensor in self.tensors.items()}
        elif kind == "mixed":
            self.tensors = {self.rng.choice([name, bare[name], base + bare[name]]): tensor
                            for name, tensor in self.tensors.items()}
        elif kind == "both" and self.is_decoder:
            for name in self.rng.sample(names, 3):
                self.tensors[bare[name] if bare[name] != name else base + name] = self.random(
                    *self.tensors[name].shape)
        elif kind == "inner":
            self.rename = lambda name: name.replace("block.0.", "block.0._orig_mod.").replace(
                "layers.1.", "layers.1._fsdp_wrapped_module.")
        elif kind == "foreign":
            prefix = self.rng.choice(["module.", "_orig_mod.", "module._orig_mod.", "_orig_mod.module.",
                                      "language_model.", "model.language_model.", "transformer.", "base_model.model."])
            drops = self.rng.random() < 0.5
            self.note(prefix + (" for model." if drops else ""))
            self.rename = lambda name: prefix + (bare.get(name, name) if drops else name)

    def ties(self):
        if self.is_decoder:
            self.config["tie_word_embeddings"] = self.rng.choice([True, True, False])
        else:
            self.config["tie_word_embeddings"] = self.rng.choice([True, False])
        kind = self.rng.choice(["differs", "equal", "no head", "no embedding"])
        self.note(f"tie {self.config['tie_word_embeddings']}, {kind}")
        embedding = "model.embed_tokens.weight" if self.is_decoder else "shared.weight"
        if embedding not in self.tensors or "lm_head.weight" not in self.tensors:
            return
        if kind == "equal":
            self.tensors["lm_head.weight"] = self.tensors[embedding].clone()
        elif kind == "no head":
            del self.tensors["lm_head.weight"]
        elif kind == "no embedding":
            del self.tensors[embedding]

    def types(self):
        for name in self.rng.sample(list(self.tensors), self.rng.randint(1, 6)):
            tensor = self.tensors[name]
            kinds = [torch.float64, torch.float16, torch.bfloat16]
            if tensor.dim() == 1:
                kinds += [torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool]
            kind = self.rng.choice(kinds)
            self.note(f"{name} {kind}")
            self.tensors[name] = (tensor * (1 if kind.is_floating_point else 3)).to(kind)

    def extras(self):
        names = ["rotary_emb.inv_freq", "model.layers.0.self_attn.masked_bias", "visual.weight", "x",
                 "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight", "lm_head.weight_scale",
                 "model.layers.7.mlp.up_proj.weight"]
        for name in self.rng.sample(names, self.rng.randint(1, 4)):
            type, shape, size = self.rng.choice([
                ("F8_E4M3", [3], 3), ("F8_E5M2", [2, 2], 4), ("F8_E8M0", [1], 1), ("F8_E4M3FNUZ", [5], 5), ("F4", [4], 2),
                ("F6_E2M3", [4], 3), ("C64", [2], 16), ("U64", [1], 8), ("NEW8", [4, 1 << 40, 1 << 40], 4),
                ("F32", [], 4), ("F16", [0, 3], 0)])
            self.note(f"{name} {type}")
            self.unknown[name] = (type, shape, bytes(size))

    def shards(self):
        self.sharding = self.rng.choice(["plain", "incomplete", "swapped", "names too much", "names an absent file",
                                         "both layouts", "folder", "a tensor twice", "a file left out", "no map"])
        self.note(f"index: {self.sharding}")

    def missing(self):
        if self.rng.random() < 0.3:
            name = self.rng.choice(list(self.tensors))
            self.note(f"without {name}")
            del self.tensors[name]

    def settings(self):
        if self.is_decoder:
            changes = [{"hidden_act": self.rng.choice(["gelu", "gelu_new", "relu", "swish", "gelu_pytorch_tanh"])},
                       {"head_dim": None}, {"rms_norm_eps": 0.01}, {"sliding_window": self.rng.choice([None, 2, 5])},
                       {"layer_types": self.rng.choices(["sliding_attention", "full_attention"], k=2),
                        "sliding_window": 2, "head_dim": 8}, {"head_dim": 4}, {"vocab_size": 23}]
        else:
            changes = [{"dense_act_fn": self.rng.choice(["gelu", "gelu_new", "relu", "silu"])}, {"num_decoder_layers": None},
                       {"is_gated_act": self.rng.choice([True, False])}, {"layer_norm_epsilon": 0.01}, {"d_kv": 4}]
        change = self.rng.choice(changes)
        self.note(json.dumps(change))
        self.config |= change

    def biases(self):
        flags = {key: self.rng.random() < 0.5 for key in ("attention_bias", "mlp_bias")}
        self.config |= flags
        names = [name for name in self.tensors if "_proj.weight" in name] + ["lm_head.weight"]
        for name in self.rng.sample(names, 4):
            shape = self.tensors.get(name, self.random(VOCABULARY, SIZE)).shape
            self.tensors[name.removesuffix("weight") + "bias"] = self.random(shape[0])
        self.note(f"biases {flags}")

    def scales(self):
        if self.rng.random() < 0.8:
            self.config["scale_decoder_outputs"] = self.rng.choice([True, False, False, None, 0, "no"])
        if self.rng.random() < 0.7:
            # null is an error in mT5 and not in T5; Hayloft takes it for absent everywhere
            self.config["tie_word_embeddings"] = self.rng.choice([True, False] + [None] * (self.family == "t5"))
        self.note(f"scale {self.config.get('scale_decoder_outputs')}, tie {self.config.get('tie_word_embeddings')}")

    def embeddings(self):
        names = ["shared.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight", "lm_head.weight"]
        kept = self.rng.sample(names, self.rng.randint(0, 4))
        table = self.random(VOCABULARY, SIZE)
        for name in names:
            self.tensors.pop(name, None)
            if name in kept:
                self.tensors[name] = table.clone() if self.rng.random() < 0.4 else self.random(VOCABULARY, SIZE)
        self.note(f"embeddings {kept}")

    def rope(self):
        kind = self.rng.choice(["default", "linear", "dynamic", "yarn", "llama3", "longrope", "proportional", "spiral"])
        half = self.config.get("head_dim") or SIZE // HEADS
        settings = {"linear": {"factor": 2.5}, "dynamic": {"factor": 3.0}, "proportional": {"factor": 2.0},
                    "yarn": {"factor": 4.0, "beta_fast": self.rng.choice([32, 8, 0, None]), "beta_slow": 1,
                             "truncate": self.rng.choice([True, False, None]), "mscale": self.rng.choice([0, 0.7]),
                             "mscale_all_dim": self.rng.choice([0, 0.5]),
                             "attention_factor": self.rng.choice([None, None, 0.8])},
                    "llama3": {"factor": 8.0, "low_freq_factor": self.rng.choice([1, 4]), "high_freq_factor": 4},
                    "longrope": {"short_factor": [self.rng.uniform(1, 2) for _ in range(half // 2)],
                                 "long_factor": [self.rng.uniform(2, 4) for _ in range(half // 2)],
                                 "factor": self.rng.choice([None, 2.0])}}.get(kind, {})
        settings = {key: value for key, value in settings.items() if self.rng.random() < 0.93}
        if self.rng.random() < 0.95:
            settings[self.rng.choice(["rope_type", "rope_type", "type"])] = kind
        if kind == "proportional" and self.rng.random() < 0.5:
            settings["partial_rotary_factor"] = 0.5
        if self.rng.random() < 0.4:
            settings["original_max_position_embeddings"] = self.rng.choice([4, 16, 32])
        if self.rng.random() < 0.4:
            settings["rope_theta"] = self.rng.choice([100.0, 500, 1e6, None])
        if self.rng.random() < 0.15:
            settings[self.rng.choice(["factor", "rope_type", "type"])] = self.rng.choice([None, 2, "linear"])
        place = self.rng.choice(["rope_scaling", "rope_parameters"])
        self.config[place] = settings
        if self.rng.random() < 0.5:
            other = "rope_scaling" if place == "rope_parameters" else "rope_parameters"
            empty = [None, {}] + [[], False] * (other == "rope_scaling")
            self.config[other] = self.rng.choice([*empty, {"rope_theta": 70.0, "rope_type": "default"}])
        for key, values in {"rope_theta": [50.0, 3000, 0.5], "original_max_position_embeddings": [8, 24],
                            "partial_rotary_factor": [0.5, 1.0], "max_position_embeddings": [4, 16, 64]}.items():
            if self.rng.random() < 0.25:
                self.config[key] = self.rng.choice(values)
        self.note("rope " + json.dumps({key: value for key, value in self.config.items()
                                        if "rop" in key or "posit" in key or "rotary" in key}))

    # Files

    def write(self, folder, for_reference):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps(self.config))
        entries = {}
        for name, tensor in self.tensors.items():
            data = tensor.contiguous().view(torch.uint8).numpy().tobytes() if tensor.dim() else b""
            entries[name if for_reference else self.rename(name)] = (TYPES[tensor.dtype], list(tensor.shape), data)
        if not for_reference:
            entries |= {name: entry for name, entry in self.unknown.items() if name not in entries}
        names = sorted(entries)
        if self.sharding is None:
            return write_file(folder / "model.safetensors", entries)
        half = len(names) // 2
        shards = {"a.safetensors": names[:half], "b.safetensors": names[half:]}
        self.write_shards(folder, entries, shards)

    def write_shards(self, folder, entries, shards):
        kind = self.sharding
        if kind == "a tensor twice":
            shards["b.safetensors"] = shards["b.safetensors"] + shards["a.safetensors"][:2]
        for shard, names in shards.items():
            path = folder / "part" / shard if kind == "folder" else folder / shard
            path.parent.mkdir(exist_ok=True)
            found = {name: entries[name] for name in names}
            if kind == "a tensor twice" and shard[0] == "a":  # the last file counts
                found |= {name: (entries[name][0], entries[name][1], bytes(len(entries[name][2]))) for name in names[:2]}
            write_file(path, found)
        map = {name: shard for shard, names in shards.items() for name in names}
        if kind == "incomplete":
            map = {shards["a.safetensors"][0]: "a.safetensors", shards["b.safetensors"][0]: "b.safetensors"}
        elif kind == "swapped":
            map = {name: "a.safetensors" if shard[0] == "b" else "b.safetensors" for name, shard in map.items()}
        elif kind == "names too much":
            map |= {"absent": "a.safetensors", "z": "b.safetensors"}
        elif kind == "names an absent file":
            map["absent"] = "c.safetensors"
        elif kind == "folder":
            map = {name: f"part/{shard}" for name, shard in map.items()}
        elif kind == "a file left out":
            map = {name: shard for name, shard in map.items() if shard[0] == "a"}
        elif kind == "no map":
            map = {}
        elif kind == "both layouts":
            write_file(folder / "model.safetensors", entries)
            for shard in shards:
                write_file(folder / shard, {})
        index = {"metadata": {"total_size": 17}, "weight_map": map}
        (folder / "model.safetensors.index.json").write_text(json.dumps(index))


def write_file(path, entries):
    """A safetensors file of any types."""
    header, data = {}, b""
    for name, (type, shape, bytes) in entries.items():
        header[name] = {"dtype": type, "shape": shape, "data_offsets": [len(data), len(data) + len(bytes)]}
        data += bytes
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def reference(case, folder, prompt, decoder):
    """Logits by transformers, or why there are none."""
    loader = AutoModelForCausalLM if case.is_decoder else AutoModelForSeq2SeqLM
    try:
        model, info = loader.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager",
                                             output_loading_info=True)
        # Biases that are not in the file are zero; everything else would be random.
        missing = [name for name in info["missing_keys"] if not name.endswith(".bias")]
        if missing:
            return None, f"random {sorted(missing)[0]}"
        if case.is_decoder:
            return model(input_ids=torch.tensor([prompt])).logits[0], None
        return model(input_ids=torch.tensor([prompt]), decoder_input_ids=torch.tensor([decoder])).logits[0], None
    except Exception as error:  # whatever transformers stumbles over
        return None, f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"


def ours(command, case, folder, prompt, decoder):
    output = folder / "logits.safetensors"
    text = lambda ids: ",".join(map(str, ids))
    extra = [] if case.is_decoder else ["--decoder-input-ids", text(decoder)]
    result = subprocess.run([*command, "logits", "-q", "--model", folder, "--input-ids", text(prompt), *extra,
                             "--output", output], capture_output=True, text=True)
    if result.returncode != 0:
        return None, result.stderr.strip().replace(str(folder), "FOLDER")
    return load_file(output)["logits"][0], None


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="run just this case and keep its folders")
    parser.add_argument("hayloft", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    command = [part for part in arguments.hayloft if part != "--"] or [str(ROOT / ".build/release/hayloft")]
    transformers.logging.set_verbosity(50)
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)
    work = pathlib.Path(tempfile.mkdtemp())
    counts, refusals, failures = collections.Counter(), collections.Counter(), 0
    for number in range(arguments.count) if arguments.only is None else [arguments.only]:
        case = Case(random.Random(f"{arguments.seed}/{number}"))
        case.spoil()
        # Longer texts than the context are an error in Hayloft.
        longest = min(24, case.config.get("max_position_embeddings", 24))
        prompt = [case.rng.randrange(VOCABULARY - 2) for _ in range(case.rng.randint(1, longest))]
        decoder = [0] + [case.rng.randrange(VOCABULARY - 2) for _ in range(case.rng.randint(0, 6))]
        case.write(work / "ours", for_reference=False)
        case.write(work / "reference", for_reference=True)
        expected, refusal = reference(case, work / "reference", prompt, decoder)
        found, error = ours(command, case, work / "ours", prompt, decoder)
        if expected is not None and found is not None:
            gap = (expected - found).abs().max().item() if expected.isfinite().all() else float("nan")
            bound = TOLERANCE * max(1, expected.abs().max().item() / 10)
            verdict = "equal" if gap <= bound else f"DIFFERS by {gap:.2g}"
        elif expected is None and found is None:
            verdict = "both refuse"
            refusals[f"{refusal[:90]} | {error[:110]}"] += 1
        else:
            verdict = "REFUSED BY HAYLOFT ONLY" if found is None else "REFUSED BY TRANSFORMERS ONLY"
        counts[verdict.split(" by ")[0]] += 1
        if verdict[0].isupper() or arguments.only is not None:
            failures += 1
            print(f"{number} {case.family} {verdict}: {'; '.join(case.notes)}\n    {refusal} | {error}", flush=True)
    for text, count in sorted(refusals.items()):
        print(f"both refuse {count}x: {text}")
    print(", ".join(f"{count} {verdict}" for verdict, count in counts.items()))
    if arguments.only is None:
        shutil.rmtree(work)
    else:
        print(work)
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
