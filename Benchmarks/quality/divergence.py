"""How far a model with int8 or int4 weights strays from the same model in f32.

    python divergence.py [--hayloft .build/release/hayloft] [--models Models/Bundled] [--texts 40]

For each bundled model, on texts that it was evaluated on: the mean Kullback-Leibler divergence of the next token from
that of transformers in f32, in nats, and how often the likeliest token is the same. `weights`: transformers with the
weights that the blocks stand for; `hayloft`: all of Hayloft, which rounds activations to int8 too. Needs torch,
transformers and safetensors.
"""

import argparse
import json
import subprocess
import tempfile

import numpy as np
import torch
from safetensors.numpy import load_file
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer

from blocks import read

MODELS = {"tiny-zephyr": AutoModelForCausalLM, "tiny-flan-t5": AutoModelForSeq2SeqLM}


def texts(folder, tokenizer, count):
    """Pairs of source and decoder ids, or of ids and none."""
    with open(f"{folder}/evaluation.jsonl") as file:
        lines = [json.loads(line) for line in file]
    for line in lines[:: max(1, len(lines) // count)][:count]:
        if "messages" in line:
            messages = line["messages"] + [{"role": "assistant", "content": line["answer"]}]
            text = tokenizer.apply_chat_template(messages, tokenize=False)
            yield tokenizer(text, add_special_tokens=False).input_ids, None
        else:
            yield tokenizer(line["prompt"]).input_ids, [0] + tokenizer(line["answer"]).input_ids[:-1]


def reference(model, ids, decoder_ids):
    """Logits of transformers [T, V]."""
    inputs = {"input_ids": torch.tensor([ids])}
    if decoder_ids:
        inputs["decoder_input_ids"] = torch.tensor([decoder_ids])
    with torch.no_grad():
        return model(**inputs).logits[0].double()


def ours(program, folder, dtype, ids, decoder_ids):
    """Logits of Hayloft [T, V]."""
    with tempfile.NamedTemporaryFile(suffix=".safetensors") as file:
        command = [program, "logits", "--quiet", "--model", folder, "--dtype", dtype, "--output", file.name]
        command += ["--input-ids", ",".join(map(str, ids))]
        if decoder_ids:
            command += ["--decoder-input-ids", ",".join(map(str, decoder_ids))]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return torch.from_numpy(load_file(file.name)["logits"][0]).double()


def compare(expected, found):
    """Divergences and whether the likeliest agree, position by position."""
    p, q = expected.log_softmax(-1), found.log_softmax(-1)
    return (p.exp() * (p - q)).sum(-1).tolist(), (p.argmax(-1) == q.argmax(-1)).tolist()


def quantized(model_class, program, folder, dtype):
    """The model of transformers with the weights that blocks stand for."""
    model = model_class.from_pretrained(folder, dtype=torch.float32).eval()
    with tempfile.TemporaryDirectory() as output:
        command = [program, "quantize", "--quiet", "--model", folder, "--dtype", dtype, "--output", f"{output}/out"]
        subprocess.run(command, check=True)
        matrices = {name: np.array(m) for name, m in read(f"{output}/out/model.safetensors").items()}
    parameters = dict(model.named_parameters())
    with torch.no_grad():
        for name, matrix in matrices.items():
            parameters[name].copy_(torch.from_numpy(matrix))
    return model


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hayloft", default=".build/release/hayloft")
    parser.add_argument("--models", default="Models/Bundled")
    parser.add_argument("--texts", type=int, default=40)
    options = parser.parse_args()
    print("| model | weights | what | divergence | same token | positions |\n| --- | --- | --- | --- | --- | --- |")
    for name, model_class in MODELS.items():
        folder = f"{options.models}/{name}"
        pairs = list(texts(folder, AutoTokenizer.from_pretrained(folder), options.texts))
        model = model_class.from_pretrained(folder, dtype=torch.float32).eval()
        expected = [reference(model, *pair) for pair in pairs]
        for dtype in ["f32", "int8", "int4"]:
            found = {"hayloft": [ours(options.hayloft, folder, dtype, *pair) for pair in pairs]}
            if dtype != "f32":
                other = quantized(model_class, options.hayloft, folder, dtype)
                found["weights"] = [reference(other, *pair) for pair in pairs]
            for what, logits in sorted(found.items(), reverse=True):
                results = [compare(a, b) for a, b in zip(expected, logits)]
                divergences = [d for result in results for d in result[0]]
                agreed = [a for result in results for a in result[1]]
                print(
                    f"| {name} | {dtype} | {what} | {np.mean(divergences):.6f} | {100 * np.mean(agreed):.2f} % "
                    f"| {len(agreed)} |", flush=True)


if __name__ == "__main__":
    main()
