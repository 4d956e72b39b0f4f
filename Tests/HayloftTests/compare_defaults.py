#!/usr/bin/env python3
"""Compares what generation_config.json, config.json and callers say with transformers: `compare_defaults.py [--count N] [--seed N] HAYLOFT`.

The bundled models get random options in generation_config.json, in config.json and from the caller: usual values,
values that transformers passes over, and values that it refuses. Replies must have the ids that transformers gives in f32.
Where transformers alone fails (as for end tokens that name no token, with other options), that is counted, and no
difference. Needs the packages of Models/Bundled/recipes/requirements.txt.
"""

import argparse
import json
import pathlib
import random
import shutil
import subprocess
import tempfile
import warnings

import torch
import transformers

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROMPTS = {
    "tiny-flan-t5": ["Write 347 in words.", "Sort alphabetically: pear apple lemon", "Reverse the words: fig sun map"],
    "tiny-zephyr": ["<|user|>\nWrite 21 in words.</s>\n<|assistant|>\n", "Write 8215", "the"],
}


def usual(rng, end):
    """A value of each option that changes greedy replies and beams."""
    some = lambda: rng.randrange(3, 200)
    return {
        "eos_token_id": rng.choice([end, [end], [end, some(), some()], some()]),
        "max_new_tokens": rng.randint(1, 24),
        "max_length": rng.randint(60, 90),
        "min_length": rng.randint(1, 70),
        "min_new_tokens": rng.randint(1, 20),
        "repetition_penalty": round(rng.uniform(0.7, 1.8), 2),
        "no_repeat_ngram_size": rng.randint(1, 4),
        "bad_words_ids": [[some()] for _ in range(3)],
        "suppress_tokens": [some() for _ in range(9)],
        "begin_suppress_tokens": [some() for _ in range(9)],
        "forced_bos_token_id": some(),
        "forced_eos_token_id": end,
        "exponential_decay_length_penalty": [rng.randint(0, 8), round(rng.uniform(1.01, 1.6), 2)],
        "sequence_bias": [[[some()], round(rng.uniform(-5, 5), 2)]],
        "num_beams": rng.randint(1, 4),
        "length_penalty": rng.choice([0.0, 1.0, 2.0]),
        "early_stopping": rng.choice([True, False, "never"]),
        "decoder_start_token_id": some(),
        "do_sample": False,
        "top_k": rng.choice([5, 50]),
        "temperature": rng.choice([0.5, 1.0]),
        "prompt_lookup_num_tokens": rng.randint(1, 5),
    }


def odd(rng):
    """Values that are passed over, or refused, as they come in files."""
    return {
        "temperature": rng.choice([0.0, 0, -1.0, "hot"]), "top_k": -1, "top_p": rng.choice([0.0, 2.0]),
        "typical_p": rng.choice([0.0, 3.0]), "min_p": rng.choice([0.0, 7.0]), "epsilon_cutoff": 0.0, "eta_cutoff": 3.0,
        "min_length": -1, "no_repeat_ngram_size": rng.choice([-1, 0]), "encoder_no_repeat_ngram_size": 0,
        "pad_token_id": -1, "max_length": 10_000_000, "suppress_tokens": None, "num_beams": None,
        "repetition_penalty": rng.choice([0.0, 1.0, -2.0]), "eos_token_id": rng.choice([-1, [-1, 2], None]),
        "num_return_sequences": 0, "transformers_version": "4.0.0", "_from_model_config": True, "use_cache": True,
        "length_penalty": "long", "my_own_option": 3, "trust_remote_code": False, "cache_implementation": None,
        "renormalize_logits": True, "remove_invalid_values": True, "output_scores": False, "bos_token_id": 1,
    }


def pick(rng, options, share):
    return {name: value for name, value in options.items() if rng.random() < share}


def make_folder(source, target, config, generation):
    for path in source.iterdir():
        if path.name not in ("config.json", "generation_config.json", "evaluation.jsonl", "README.md"):
            (target / path.name).symlink_to(path)
    base = json.loads((source / "config.json").read_text())
    (target / "config.json").write_text(json.dumps({**base, **config}))
    if generation is not None:
        (target / "generation_config.json").write_text(json.dumps(generation))


def reference(folder, prompt, caller):
    """The ids of transformers, or why it has none."""
    kind = transformers.AutoModelForSeq2SeqLM if "t5" in folder.name else transformers.AutoModelForCausalLM
    try:
        model = kind.from_pretrained(folder, dtype=torch.float32)
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        ids = torch.tensor([tokenizer(prompt)["input_ids"]])
        with torch.no_grad():
            out = model.generate(ids, attention_mask=torch.ones_like(ids), **caller)[0].tolist()
    except Exception as error:  # whatever it is, the reference has no reply
        return f"{type(error).__name__}: {error}"
    return out[1:] if model.config.is_encoder_decoder else out[ids.shape[1]:]


def ours(hayloft, folder, prompt, caller):
    command = [hayloft, "generate", "-q", "-m", folder, "--dtype", "f32", "--json", "--generation-config",
               json.dumps(caller), "--", prompt]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode != 0:
        return run.stderr.strip()
    return json.loads(run.stdout)["replies"][0]["token_ids"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("hayloft")
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    warnings.simplefilter("ignore")
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    equal = refused = lenient = 0
    differences = []
    for number in range(arguments.count):
        name = rng.choice(sorted(PROMPTS))
        source = ROOT / "Models" / "Bundled" / name
        end = 1 if name == "tiny-flan-t5" else 2
        generation = None
        if rng.random() < 0.8:
            generation = {"eos_token_id": end, **pick(rng, usual(rng, end), 0.15), **pick(rng, odd(rng), 0.1)}
            if rng.random() < 0.1:
                generation.pop("eos_token_id")
            if name == "tiny-flan-t5":
                generation.setdefault("decoder_start_token_id", 0)
        config = pick(rng, usual(rng, end), 0.1) if rng.random() < 0.4 else {}
        caller = {"max_new_tokens": rng.randint(1, 24), **pick(rng, usual(rng, end), 0.08)}
        counting = generation if generation is not None else config
        if counting.get("max_length", 99) < 99 or 0 < counting.get("max_new_tokens", 0) < 99:
            if rng.random() < 0.7 and caller.get("max_length") is None:
                caller.pop("max_new_tokens")
        prompt = rng.choice(PROMPTS[name])
        with tempfile.TemporaryDirectory() as place:
            folder = pathlib.Path(place) / name
            folder.mkdir()
            make_folder(source, folder, config, generation)
            expected = reference(folder, prompt, caller)
            found = ours(arguments.hayloft, str(folder), prompt, caller)
        if isinstance(expected, str) or isinstance(found, str):
            same = isinstance(expected, str)
            refused += same and isinstance(found, str)
            lenient += same and not isinstance(found, str)
        else:
            # A beam that is shorter than another is filled up there.
            same = expected[:len(found)] == found and len(set(expected[len(found):])) <= 1
            equal += same
        if not same:
            differences.append((number, name, config, generation, caller, prompt, expected, found))
    for difference in differences:
        print("DIFFERENT", *difference, sep="\n  ")
    print(f"{equal} equal, {refused} refused by both, {lenient} by transformers alone, {len(differences)} different")
    raise SystemExit(bool(differences))


if __name__ == "__main__":
    main()
