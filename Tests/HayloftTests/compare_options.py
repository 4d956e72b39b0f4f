#!/usr/bin/env python3
"""Compares generation with transformers on random options: `compare_options.py [--count N] [--seed N] -- hayloft`.

For each golden checkpoint random prompts are continued by transformers under random combinations of options (greedy
and beams; processors, lengths, end tokens, penalties, guidance), in f32 and in f64; cases whose ids differ
between the two hang on a tie and are left out. What is left is written in the layout of Tests/Golden and checked by
`hayloft verify`. Needs the packages of Models/Bundled/recipes/requirements.txt.
"""

import argparse
import copy
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

import torch
from safetensors.torch import load_file, save_file
from transformers import GenerationConfig

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "Tests/Support"))

import golden_recipes  # noqa: E402
import tiny_models  # noqa: E402

VOCABULARY = tiny_models.VOCABULARY


def ids(rng, low, high):
    return [rng.randrange(3, VOCABULARY) for _ in range(rng.randint(low, high))]


def random_options(rng, is_decoder, prompt):
    """A combination in which each option is set now and then."""
    choices = {
        "repetition_penalty": lambda: round(rng.uniform(0.6, 1.8), 2),
        "no_repeat_ngram_size": lambda: rng.randint(1, 4),
        "encoder_repetition_penalty": lambda: round(rng.uniform(0.7, 1.6), 2),
        "encoder_no_repeat_ngram_size": lambda: rng.randint(1, 3),
        "bad_words_ids": lambda: [ids(rng, 1, 3) for _ in range(rng.randint(1, 6))],
        "sequence_bias": lambda: [[ids(rng, 1, 3), round(rng.uniform(-5, 5), 2)] for _ in range(rng.randint(1, 5))],
        "min_length": lambda: rng.randint(1, 40),
        "min_new_tokens": lambda: rng.randint(1, 20),
        "forced_bos_token_id": lambda: rng.randrange(3, VOCABULARY),
        "forced_eos_token_id": lambda: rng.choice([2, [2, 7]]),
        "exponential_decay_length_penalty": lambda: [rng.randint(0, 8), round(rng.uniform(1.01, 1.6), 2)],
        "suppress_tokens": lambda: ids(rng, 1, 30),
        "begin_suppress_tokens": lambda: ids(rng, 1, 30),
        "renormalize_logits": lambda: True,
        "remove_invalid_values": lambda: True,
    }
    options = {name: make() for name, make in choices.items() if rng.random() < 0.15}
    if "sequence_bias" in options:  # a sequence that stands twice has the last bias in one library, the first in none
        unique = {tuple(sequence): bias for sequence, bias in options["sequence_bias"]}
        options["sequence_bias"] = [[list(sequence), bias] for sequence, bias in unique.items()]
    options["eos_token_id"] = rng.choice([2, [2], ids(rng, 1, 4), ids(rng, 6, 12)])
    options["max_new_tokens"] = rng.randint(1, 24)
    if rng.random() < 0.5:
        beams = rng.randint(2, 6)
        if "forced_eos_token_id" in options:  # of two forced tokens neither is better: which comes first is chance
            options["forced_eos_token_id"] = 2
        options |= {"num_beams": beams, "num_return_sequences": rng.randint(1, beams),
                    "length_penalty": rng.choice([-0.5, 0.0, 0.6, 1.0, 2.0]),
                    "early_stopping": rng.choice([True, False, "never"])}
    elif is_decoder and rng.random() < 0.2:
        options |= {"guidance_scale": round(rng.uniform(0.5, 3), 2), "negative_prompt_ids": ids(rng, 1, 20)}
    return options


def generate(model, prompt, options):
    options = dict(options)
    negative = options.pop("negative_prompt_ids", None)
    extra = {"negative_prompt_ids": torch.tensor([negative])} if negative else {}
    tensor = torch.tensor([prompt])
    config = GenerationConfig(pad_token_id=0, decoder_start_token_id=0, do_sample=False, output_scores=True,
                              return_dict_in_generate=True, **options)
    return model.generate(tensor, generation_config=config, attention_mask=torch.ones_like(tensor), **extra)


def cases(folder, rng, count):
    """Random cases of a checkpoint, and how many were left out."""
    config = json.loads((folder / "config.json").read_text())
    is_decoder = config["model_type"] not in tiny_models.ENCODER_DECODERS
    model = tiny_models.loader(config["model_type"]).from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager").eval()
    if tiny_models.is_untied_t5(config):  # transformers 5 ties what the configuration does not
        model.lm_head.weight = torch.nn.Parameter(load_file(folder / "model.safetensors")["lm_head.weight"].float())
        model.config.tie_word_embeddings = False
    double = copy.deepcopy(model).double()
    found, dropped = [], 0
    while len(found) < count:
        prompt = ids(rng, 1, 50)
        options = random_options(rng, is_decoder, prompt)
        try:
            results = [generate(each, prompt, options) for each in (model, double)]
        except (ValueError, RuntimeError, IndexError):
            dropped += 1  # options that contradict each other, or a forced token that nothing may follow
            continue
        if not torch.equal(results[0].sequences, results[1].sequences):
            dropped += 1
            continue
        case = {"tag": f"random/{len(found)}", "input_ids": prompt, "generate": {"do_sample": False} | options,
                "sequences": results[0].sequences.tolist()}
        if "num_beams" in options:
            case["sequences_scores"] = results[0].sequences_scores.tolist()
            if not all(abs(score) < 1e6 for score in case["sequences_scores"]):
                dropped += 1  # placeholders of beams that found nothing
                continue
        found.append(case)
    return found, dropped


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("hayloft", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    command = [part for part in arguments.hayloft if part != "--"] or [str(ROOT / ".build/release/hayloft")]
    rng = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as output:
        for folder in sorted((ROOT / "Tests/Golden").iterdir()):
            if not (folder / "config.json").exists() or folder.name in golden_recipes.STRETCHED:
                continue
            found, dropped = cases(folder, rng, arguments.count)
            target = pathlib.Path(output) / folder.name
            shutil.copytree(folder, target, ignore=shutil.ignore_patterns("expected*"))
            (target / "expected.json").write_text(json.dumps({"cases": found}))
            save_file({"sample_0.unused": torch.zeros(1)}, target / "expected.safetensors")
            print(f"{folder.name}: {len(found)} cases, {dropped} left out", flush=True)
        result = subprocess.run([*command, "verify", "--reference", output], capture_output=True, text=True)
        lines = result.stdout.splitlines()
        print("\n".join(line for line in lines if "FAILED" in line))
        for line in lines:
            if "FAILED" in line:
                name = line.split(" ")[0].split("/")[-1]
                tag = line.split(" ")[1].split(":")[0].removesuffix("/scores")
                for case in json.loads((pathlib.Path(output) / name / "expected.json").read_text())["cases"]:
                    if case["tag"] == tag:
                        print(json.dumps(case))
        print(lines[-1] if lines else result.stderr)
        sys.exit(result.returncode)


if __name__ == "__main__":
    main()
