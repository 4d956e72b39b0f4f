#!/usr/bin/env python3
"""Makes the golden checkpoints of Tests/Golden: small random weights and what transformers makes of them in f32.

    python3 -m venv .venv && .venv/bin/pip install -r Models/Bundled/recipes/requirements.txt
    .venv/bin/python Tests/Support/make_golden.py [--output FOLDER] [NAME...]

golden_recipes.py says which; a NAME is one of them or how it begins, and without any all are made.

Each folder holds a checkpoint, expected.json (prompts and cases: input ids, arguments of generate, the sequence that
came out) and expected.safetensors (logits at every position of each prompt, probabilities at each step of a sampled
case). Weights in half precision are widened to f32 before they are run. Greedy cases with two nearly equal best
logits are left out, as any order of summation may decide them.
"""

import argparse
import json
import pathlib
import shutil

import torch
from safetensors.torch import save_file
from transformers import (EpsilonLogitsWarper, EtaLogitsWarper, GenerationConfig, LogitsProcessorList,
                          MinPLogitsWarper, TemperatureLogitsWarper, TopHLogitsWarper, TopKLogitsWarper,
                          TopPLogitsWarper, TypicalLogitsWarper)

import golden_recipes
import tiny_models
from tiny_models import VOCABULARY

OUTPUT = pathlib.Path(__file__).resolve().parent.parent / "Golden"
LEAST_GAP = 1e-3
LENGTHS = [1, 5, 18, 47]
NEW_TOKENS = 24
SAMPLING = [{"temperature": 0.7, "top_k": 0}, {"top_k": 5}, {"top_k": 0, "top_p": 0.8},
            {"temperature": 1.4, "top_k": 20, "top_p": 0.9}, {"top_k": 0, "min_p": 0.1}, {"top_k": 0, "top_h": 0.5},
            {"top_k": 0, "typical_p": 0.7}, {"top_k": 0, "epsilon_cutoff": 0.02}, {"top_k": 0, "eta_cutoff": 0.05},
            {"temperature": 0.9, "top_k": 40, "top_p": 0.95, "min_p": 0.01, "typical_p": 0.9}]
WARPERS = [("temperature", TemperatureLogitsWarper), ("top_h", TopHLogitsWarper), ("top_k", TopKLogitsWarper),
           ("top_p", TopPLogitsWarper), ("min_p", MinPLogitsWarper), ("typical_p", TypicalLogitsWarper),
           ("epsilon_cutoff", EpsilonLogitsWarper), ("eta_cutoff", EtaLogitsWarper)]
# Processors of greedy search; "eos" stands for a token that comes up.
PROCESSORS = [("repetition", {"repetition_penalty": 1.3}), ("no-repeat", {"no_repeat_ngram_size": 2}),
              ("bad-words", {"bad_words_ids": [[7], [11, 12], [5]]}),
              ("bias", {"sequence_bias": [[[9], -3.0], [[20], 2.5], [[20, 9], 4.0]]}),
              ("suppress", {"suppress_tokens": list(range(10, 40))}),
              ("begin-suppress", {"begin_suppress_tokens": list(range(40, 70))}),
              ("forced-eos", {"forced_eos_token_id": 2}), ("min-length", {"min_length": 12, "eos_token_id": "eos"}),
              ("decay", {"exponential_decay_length_penalty": (4, 1.5), "eos_token_id": "eos"}),
              ("forced-bos", {"forced_bos_token_id": 8}), ("encoder-repetition", {"encoder_repetition_penalty": 1.4}),
              ("encoder-no-repeat", {"encoder_no_repeat_ngram_size": 1})]
BEAMS = [{"num_beams": 2}, {"num_beams": 4, "num_return_sequences": 3}, {"num_beams": 3, "length_penalty": 2.0},
         {"num_beams": 4, "length_penalty": 0.6, "early_stopping": True, "num_return_sequences": 2},
         {"num_beams": 4, "length_penalty": -0.5, "early_stopping": "never"},
         {"num_beams": 3, "no_repeat_ngram_size": 2, "repetition_penalty": 1.2}]


def prompts(generator):
    return [torch.randint(3, VOCABULARY, (length,), generator=generator).tolist() for length in LENGTHS]


def forward(model, prompt, decoder):
    """Logits [T, V] of a decoder's ids, or of a source and the decoder's ids."""
    if model.config.is_encoder_decoder:
        return model(input_ids=torch.tensor([prompt]), decoder_input_ids=torch.tensor([decoder])).logits[0]
    return model(input_ids=torch.tensor([prompt])).logits[0]


def generate(model, prompt, **arguments):
    """What `generate` gives, and the smallest gap between the two best logits on the way."""
    forward(model, [3], [0])  # a short text: dynamic rope forgets the length of the last case
    rows = prompt if isinstance(prompt[0], list) else [prompt]
    longest = max(map(len, rows))
    pads = [[0] * (longest - len(row)) for row in rows]
    decoder = not model.config.is_encoder_decoder
    ids = torch.tensor([pad + row if decoder else row + pad for row, pad in zip(rows, pads)])
    mask = torch.tensor([pad + [1] * len(row) if decoder else [1] * len(row) + pad for row, pad in zip(rows, pads)])
    negative = arguments.pop("negative_prompt_ids", None)
    extra = {"negative_prompt_ids": torch.tensor([negative])} if negative else {}
    options = GenerationConfig(pad_token_id=0, decoder_start_token_id=0, **arguments)
    result = model.generate(ids, generation_config=options, attention_mask=mask, output_scores=True,
                            return_dict_in_generate=True, **extra)
    best = torch.stack(result.scores).topk(2).values
    return result, (best[..., 0] - best[..., 1]).min().item(), ids.tolist(), mask.tolist()


def sampled(model, prompt, options, generator):
    """A sequence drawn under some options and the probabilities [steps, V] that it was drawn with."""
    warpers = LogitsProcessorList(
        [warper(options[name]) for name, warper in WARPERS if options.get(name) not in (None, 0, 1.0)])
    text = [0] if model.config.is_encoder_decoder else list(prompt)
    rows = []
    for _ in range(6):
        logits = forward(model, prompt if model.config.is_encoder_decoder else text, text)[-1:]
        rows.append(warpers(torch.tensor([text]), logits).softmax(-1)[0])
        text.append(torch.multinomial(rows[-1], 1, generator=generator).item())
    return text, torch.stack(rows)


def contrastive(model, prompt, alpha, count, steps):
    """Contrastive search as in its paper, every step computed anew, and the smallest gap of the two best scores.

    transformers 5 has it no longer; 4.49 chooses alike.
    """
    def run(text):
        if model.config.is_encoder_decoder:
            result = model(input_ids=torch.tensor([prompt]), decoder_input_ids=torch.tensor([text]),
                           output_hidden_states=True)
            return result.logits[0, -1], result.decoder_hidden_states[-1][0]
        result = model(input_ids=torch.tensor([text]), output_hidden_states=True)
        return result.logits[0, -1], result.hidden_states[-1][0]

    text, gap = [0] if model.config.is_encoder_decoder else list(prompt), float("inf")
    for _ in range(steps):
        logits, context = run(text)
        likelihoods, choices = logits.softmax(-1).topk(count)
        states = torch.stack([run(text + [choice])[1][-1] for choice in choices.tolist()])
        resemblance = torch.nn.functional.cosine_similarity(states[:, None], context[None], dim=-1).max(-1).values
        scores = (1 - alpha) * likelihoods - alpha * resemblance
        best = scores.topk(2).values
        gap = min(gap, (best[0] - best[1]).item())
        text.append(choices[scores.argmax()].item())
        if text[-1] == model.config.eos_token_id:
            break
    return text, gap


def case(tag, model, prompt, **arguments):
    """A case and the gap of its closest choice."""
    defaults = {"do_sample": False, "max_new_tokens": NEW_TOKENS, "eos_token_id": model.config.eos_token_id}
    arguments = defaults | arguments
    result, gap, ids, mask = generate(model, prompt, **arguments)
    found = {"tag": tag, "input_ids": prompt, "sequences": result.sequences.tolist(), "generate": arguments}
    if isinstance(prompt[0], list):
        found |= {"input_ids": ids, "attention_mask": mask}
    if arguments.get("num_beams", 1) > 1:
        found["sequences_scores"] = result.sequences_scores.tolist()
    return found, gap


def cases(model, texts, tensors, generator, is_stretched, is_thorough):
    """Greedy cases, with the end token and with one that comes up; processors, beams, batches, and sampled ones.

    Options of generation see nothing but logits, so all of them are tried on a few architectures only.
    """
    eos = model.config.eos_token_id
    found, stop = [], eos
    is_decoder = not model.config.is_encoder_decoder

    def add(tag, prompt, **arguments):
        made, gap = case(tag, model, prompt, **arguments)
        # Beams are decided by sums, of which no gap is known: they are checked by their scores.
        if gap >= LEAST_GAP or "num_beams" in arguments:
            found.append(made)
            return made["sequences"][0]

    for index, prompt in enumerate(texts):
        sequence = add(f"greedy/{index}", prompt)
        if sequence is None:
            continue
        start = len(prompt) if is_decoder else 1
        stop = sequence[min(start + 6, len(sequence) - 1)]
        add(f"greedy-eos/{index}", prompt, eos_token_id=[stop, eos])
        add(f"greedy-eos-min-new/{index}", prompt, eos_token_id=[stop, eos], min_new_tokens=9)
    for tag, options in PROCESSORS if is_thorough else []:
        if options.get("eos_token_id") == "eos":
            options = options | {"eos_token_id": [stop]}
        add(f"processor-{tag}", texts[2], max_new_tokens=12, **{"eos_token_id": eos} | options)
    if is_decoder and is_thorough:
        add("guidance", texts[2], guidance_scale=1.5, negative_prompt_ids=texts[1])
        add("guidance-last", texts[2], guidance_scale=2.0)
        # One step: later ones read another text than guidance means, as its cache does not follow the beams.
        add("guidance-beams", texts[2], guidance_scale=2.0, num_beams=3, num_return_sequences=3, max_new_tokens=1)
    for alpha, count in [(0.6, 4), (0.3, 6)] if is_thorough else []:
        sequence, gap = contrastive(model, texts[2], alpha, count, 10)
        if gap > 1e-4:
            found.append({"tag": f"contrastive/{count}", "input_ids": texts[2], "sequences": [sequence],
                          "generate": {"do_sample": False, "max_new_tokens": 10, "eos_token_id": eos,
                                       "penalty_alpha": alpha, "top_k": count}})
    for index, options in enumerate(BEAMS if is_thorough else BEAMS[:2]):
        add(f"beams/{index}", texts[1], max_new_tokens=10, eos_token_id=[stop, eos], **options)
    add("batch-greedy", texts[:3], eos_token_id=[stop, eos])
    add("batch-beams", texts[:3], max_new_tokens=10, num_beams=3, num_return_sequences=2)
    # Rows of stretched positions look at the longest of their batch, which no row alone does.
    if is_stretched:
        for made in found:
            made["each_row_equals_unbatched_run"] = "batch" not in made["tag"]
    for index, options in enumerate(SAMPLING if is_thorough else SAMPLING[:1]):
        sequence, rows = sampled(model, texts[1], options, generator)
        tensors[f"sample_{index}.probs"] = rows.contiguous()
        found.append({"tag": f"sample/{index}", "input_ids": texts[1], "sequences": [sequence],
                      "generate": {"do_sample": True, "max_new_tokens": 6, "eos_token_id": eos} | options})
    return found


def make(name, options, dtype, seed, output):
    generator = torch.Generator().manual_seed(seed)
    folder = output / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    model = tiny_models.build(options, dtype, generator)
    tiny_models.save(model, options, dtype, folder, sharded=name.endswith("sharded"))
    texts = prompts(generator)
    decoders = [[0] + text[:9] for text in texts]
    tensors = {f"prompt_{i}.logits": forward(model, text, decoders[i]).contiguous() for i, text in enumerate(texts)}
    expected = {"prompts": texts}
    if model.config.is_encoder_decoder:
        expected["decoder_prompts"] = decoders
    if not model.config.is_encoder_decoder:
        states = model(input_ids=torch.tensor([texts[1]]), output_hidden_states=True).hidden_states
        tensors |= {f"prompt_1.hidden_{j}": state[0].contiguous() for j, state in enumerate(states)}
    expected["cases"] = cases(model, texts, tensors, generator, name in golden_recipes.STRETCHED,
                              name.startswith(golden_recipes.THOROUGH))
    save_file({key: value.detach().float() for key, value in tensors.items()}, folder / "expected.safetensors")
    lines = ",\n".join(json.dumps(case) for case in expected.pop("cases"))
    (folder / "expected.json").write_text(json.dumps(expected)[:-1] + ',\n"cases": [\n' + lines + "\n]}\n")
    print(name, len(list(folder.iterdir())), "files", sum(file.stat().st_size for file in folder.iterdir()), "bytes")


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", type=pathlib.Path, default=OUTPUT)
    parser.add_argument("names", nargs="*", default=[""])
    arguments = parser.parse_args()
    for seed, (name, (model_type, options, dtype)) in enumerate(golden_recipes.MODELS.items(), 1):
        if name.startswith(tuple(arguments.names)):
            make(name, options | {"model_type": model_type}, dtype, seed, arguments.output)


if __name__ == "__main__":
    main()
