"""Writes what transformers' beam search makes of random tables of logits.

    make_beam_cases.py FILE [--count N] [--seed N]

With transformers 5 the cases are of one group (`Tests/Golden/beams/plain.json`), with transformers 4 of several
(`groups.json`; made with 4.49.0, as 5 no longer has them). The model is a table: the logits of a token follow from the
two tokens before it, times 1 + length / 8, so that two orders of the same tokens differ. null is minus infinity. Cases whose result hangs on the order of equal scores are left out.
"""

import argparse
import json
import logging
import random

import torch
import transformers
from transformers import GenerationConfig, GenerationMixin, PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import CausalLMOutput

IS_GROUPED = transformers.__version__.startswith("4")
topk = torch.topk


class Table(PreTrainedModel, GenerationMixin):
    config_class = PretrainedConfig
    main_input_name = "input_ids"

    def __init__(self, logits):
        super().__init__(PretrainedConfig(vocab_size=len(logits), is_encoder_decoder=False))
        self.table = logits
        self.weight = torch.nn.Parameter(torch.zeros(1))

    def prepare_inputs_for_generation(self, input_ids, attention_mask=None, **_):
        return {"input_ids": input_ids}

    def forward(self, input_ids, attention_mask=None, **_):
        logits = self.table[input_ids[:, -2], input_ids[:, -1]] * (1 + 0.125 * input_ids.shape[1])
        return CausalLMOutput(logits=logits[:, None])


def stable_topk(values, k, dim=-1, largest=True, sorted=True, latest=False):
    """torch.topk with a known order of equal values."""
    if latest:
        top, places = stable_topk(values.flip(-1), k)
        return torch.return_types.topk((top, values.shape[-1] - 1 - places))
    top, places = torch.sort(values, dim=-1, descending=True, stable=True)
    return torch.return_types.topk((top[..., :k], places[..., :k]))


def rounded(logits):
    return [[[None if x == float("-inf") else round(x, 2) for x in row] for row in rows] for rows in logits]


def random_table(size, rng):
    spread = rng.choice([0.5, 1.5, 3])
    sparse = rng.random() < 0.3
    rows = [[[rng.gauss(0, spread) for _ in range(size)] for _ in range(size)] for _ in range(size)]
    for row in (row for rows_ in rows for row in rows_):
        if sparse:
            for place in rng.sample(range(size), rng.randrange(size)):
                row[place] = float("-inf")
    return rounded(rows)


def random_options(size, rng):
    ends = rng.sample(range(size), rng.choice([0, 1, 1, 2, 2]))
    options = {"max_new_tokens": rng.choice([1, 2, 3, 5, 8, 12]), "eos_token_id": ends or None, "pad_token_id": size}
    options["length_penalty"] = rng.choice([1.0, 1.0, 0.0, -1.0, 0.5, 1.7, 3.0])
    options["early_stopping"] = rng.choice([True, False, "never"])
    groups = rng.choice([2, 3]) if IS_GROUPED else 1
    options["num_beams"] = groups * rng.choice([1, 2, 3]) if IS_GROUPED else rng.choice([2, 3, 4, 5])
    options["num_return_sequences"] = rng.randint(1, options["num_beams"])
    if IS_GROUPED:
        options["num_beam_groups"] = groups
        options["diversity_penalty"] = rng.choice([0.2, 0.5, 1.0, 3.0])
        options["pad_token_id"] = rng.choice([size, rng.randrange(size)])
    return options


def generate(model, prompt, options, latest):
    torch.topk = lambda *a, **k: stable_topk(*a, **k, latest=latest)
    try:
        config = GenerationConfig(
            **options, do_sample=False, use_cache=False, return_dict_in_generate=True, output_scores=True)
        ids = torch.tensor([prompt])
        out = model.generate(ids, attention_mask=torch.ones_like(ids), generation_config=config)
    finally:
        torch.topk = topk
    return out.sequences.tolist(), out.sequences_scores.tolist()


def case(tables, index, rng):
    size = len(tables[index])
    options = random_options(size, rng)
    prompt = [rng.randrange(size) for _ in range(rng.choice([2, 3, 7]))]
    logits = torch.tensor([[[float("-inf") if x is None else x for x in row] for row in rows] for rows in tables[index]])
    model = Table(logits).eval()
    try:
        results = [generate(model, prompt, options, latest) for latest in (False, True)]
    except (ValueError, RuntimeError, IndexError, OverflowError, ZeroDivisionError) as error:
        return str(error)[:60]
    if results[0] != results[1]:
        return "equal scores"
    return {"table": index, "input_ids": prompt, "generate": options, "sequences": results[0][0],
            "sequences_scores": results[0][1]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)
    rng = random.Random(arguments.seed)
    torch.set_num_threads(1)
    tables = [random_table(rng.choice([3, 5, 6, 9]), rng) for _ in range(max(4, arguments.count // 20))]
    while all(x is not None for table in tables for rows in table for row in rows for x in row):
        tables[0] = random_table(5, rng)
    cases, left_out = [], {}
    for _ in range(arguments.count * 3):
        if len(cases) == arguments.count:
            break
        made = case(tables, rng.randrange(len(tables)), rng)
        if isinstance(made, dict):
            cases.append(made)
        else:
            left_out[made] = left_out.get(made, 0) + 1
    lines = [json.dumps(x, separators=(",", ":")) for x in tables], [json.dumps(x) for x in cases]
    with open(arguments.file, "w") as file:
        file.write('{"transformers": "%s",\n"tables": [\n' % transformers.__version__)
        file.write(",\n".join(lines[0]) + '\n],\n"cases": [\n' + ",\n".join(lines[1]) + "\n]}\n")
    print(f"{len(cases)} cases, left out: {left_out}")


main()
