"""Compares the logits processors with transformers on random logits, histories and options.

    python3 Tests/HayGenerationTests/compare_processors.py FOLDER [--cases 400] [--seed 0]
    HAYLOFT_FIXTURES=FOLDER swift test --filter ProcessorFixtureTests

Writes FOLDER/logits_processors/cases.json and tensors.safetensors, which the tests of the fixtures read. Half of the
cases are single processors, half chains in the order of generate(). A case whose removed tokens are not the same in
float64 is left out, as rounding decides it. Needs transformers, torch and safetensors.
"""

import argparse
import functools
import json
import os
import random

import torch
from safetensors.torch import save_file
from transformers.generation import logits_process

VOCABULARIES = [1, 5, 16, 157, 1000, 4099]
SOURCE_LENGTH = 18


def logits(kind, batch, size):
    x = torch.randn(batch, size)
    if kind == "flat":
        x *= 0.05
    elif kind == "wide":
        x *= 8
    elif kind == "large":
        x *= 40
    elif kind == "shifted":
        x = x * 3 - 200
    elif kind == "ties":
        x = (x * 4).round() / 2
    elif kind == "equal":
        x = torch.full_like(x, 1.5)
    elif kind == "masked":
        x[:, torch.rand(size) < 0.7] = -float("inf")
        x[:, 0] = 0
    elif kind == "peaked":
        x[:, size // 2] += 12
    else:
        x *= 3
    return x


KINDS = ["normal", "flat", "wide", "large", "shifted", "ties", "equal", "masked", "peaked"]


def ids(count, size):
    return [random.randrange(size) for _ in range(count)]


def some_ids(size, most=4):
    return random.sample(range(size), min(size, random.randint(1, most)))


def sequences(size, history):
    """Random sequences, most of which the history is about to complete."""
    found = []
    for _ in range(random.randint(1, 6)):
        row = random.choice(history)
        length = random.randint(0, 3)
        prefix = row[len(row) - length :] if length <= len(row) and random.random() < 0.7 else ids(length, size)
        found.append(prefix + [random.randrange(size)])
    return found


def uniform(low, high):
    return round(random.uniform(low, high), 4)


def processors(size, length, history, source):
    """Every processor with random arguments, in the order of generate()."""
    least = random.choice([1, 1, 1, 2, 3, 7])
    kept = {} if least == 1 else {"min_tokens_to_keep": least}
    prefix = random.randint(0, length)
    return {
        "SequenceBiasLogitsProcessor": {"sequence_bias": [[s, uniform(-10, 10)] for s in sequences(size, history)]},
        "EncoderRepetitionPenaltyLogitsProcessor": {"penalty": uniform(0.5, 2), "encoder_input_ids": source},
        "RepetitionPenaltyLogitsProcessor": {"penalty": uniform(0.5, 2)},
        "NoRepeatNGramLogitsProcessor": {"ngram_size": random.randint(1, 5)},
        "EncoderNoRepeatNGramLogitsProcessor": {
            "encoder_ngram_size": random.randint(1, 4),
            "encoder_input_ids": source,
        },
        "NoBadWordsLogitsProcessor": {
            "bad_words_ids": sequences(size, history) + [[size // 2, 0]],
            "eos_token_id": some_ids(size),
        },
        "MinLengthLogitsProcessor": {
            "min_length": random.randint(0, 2 * length),
            "eos_token_id": some_ids(size),
        },
        "MinNewTokensLengthLogitsProcessor": {
            "prompt_length_to_skip": prefix,
            "min_new_tokens": random.randint(0, length),
            "eos_token_id": some_ids(size),
        },
        "ForcedBOSTokenLogitsProcessor": {"bos_token_id": random.randrange(size)},
        "ForcedEOSTokenLogitsProcessor": {
            "max_length": length + random.choice([0, 1, 1, 2]),
            "eos_token_id": some_ids(size, 2),
        },
        "InfNanRemoveLogitsProcessor": {},
        "ExponentialDecayLengthPenalty": {
            "exponential_decay_length_penalty": [random.randint(0, length), uniform(0.8, 1.4)],
            "eos_token_id": some_ids(size),
            "input_ids_seq_length": random.randint(0, length // 2),
        },
        "SuppressTokensLogitsProcessor": {"suppress_tokens": some_ids(size)},
        "SuppressTokensAtBeginLogitsProcessor": {
            "begin_suppress_tokens": some_ids(size),
            "begin_index": random.choice([length, length - 1]),
        },
        "TemperatureLogitsWarper": {"temperature": uniform(0.2, 3)},
        "TopHLogitsWarper": {"top_h": uniform(0.1, 0.95)},
        "TopKLogitsWarper": {"top_k": random.randint(1, 200)} | kept,
        "TopPLogitsWarper": {"top_p": random.choice([0.0, uniform(0.01, 0.999)])} | kept,
        "MinPLogitsWarper": {"min_p": random.choice([0.0, uniform(0.001, 1)])} | kept,
        "TypicalLogitsWarper": {"mass": uniform(0.01, 0.999)} | kept,
        "EpsilonLogitsWarper": {"epsilon": random.choice([uniform(0.0001, 0.01), uniform(0.01, 0.5)])} | kept,
        "EtaLogitsWarper": {"epsilon": random.choice([uniform(0.0001, 0.01), uniform(0.01, 0.5)])} | kept,
        "LogitNormalization": {},
    }


def apply(chain, scores, history):
    for name, params in chain:
        params = dict(params)
        if "encoder_input_ids" in params:
            params["encoder_input_ids"] = torch.tensor(params["encoder_input_ids"])
        if "exponential_decay_length_penalty" in params:
            params["exponential_decay_length_penalty"] = tuple(params["exponential_decay_length_penalty"])
        scores = getattr(logits_process, name)(**params)(history, scores)
    return scores


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--cases", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    random.seed(options.seed)
    torch.manual_seed(options.seed)
    torch.set_num_threads(1)
    # Which of equal logits the warpers sort first is not defined either, except for a stable sort.
    torch.sort = functools.partial(torch.sort, stable=True)
    cases, tensors, left_out = [], {}, 0
    while len(cases) < options.cases:
        number, batch, size = len(cases), 2, random.choice(VOCABULARIES)
        kind, length = random.choice(KINDS), random.choice([1, 2, 5, 12, 60])
        scores = logits(kind, batch, size)
        few = min(size, 12)  # so that runs of tokens repeat
        history = [ids(length, few) for _ in range(batch)]
        source = [ids(SOURCE_LENGTH, few) for _ in range(batch)]
        all_processors = list(processors(size, length, history, source).items())
        is_chain = number % 2 == 1
        count = random.randint(2, 8) if is_chain else 1
        places = sorted(random.sample(range(len(all_processors)), count))
        chain = [all_processors[place] for place in places]
        tokens = torch.tensor(history)
        try:
            found = apply(chain, scores.clone(), tokens)
            wide = apply(chain, scores.double(), tokens)
        except ValueError:  # torch has no distribution of nothing
            left_out += 1
            continue
        # Which of equal logits torch.topk chooses is not defined.
        names = {name for name, _ in chain}
        tied = kind in ("ties", "equal") or names & {"InfNanRemoveLogitsProcessor", "ForcedEOSTokenLogitsProcessor"}
        tied = tied and bool(names & {"TopHLogitsWarper", "MinPLogitsWarper"})
        if tied or not torch.equal(found.isinf(), wide.isinf()) or found.isnan().any() or (found == float("inf")).any():
            left_out += 1
            continue
        steps = [{"processor": name, "params": params} for name, params in chain]
        case = {"chain": steps} if is_chain else steps[0]
        case |= {"input": str(number), "history": str(number), "output": f"out.{number}"}
        tensors |= {f"in.{number}": scores, f"history.{number}": tokens, f"out.{number}": found.float().contiguous()}
        if is_chain and not (found == -float("inf")).all(dim=-1).any():
            case["probabilities"] = f"out.{number}.probs"
            tensors[f"out.{number}.probs"] = found.softmax(dim=-1)
        cases.append(case)
    folder = os.path.join(options.folder, "logits_processors")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "cases.json"), "w") as file:
        json.dump({"cases": cases}, file)
    save_file(tensors, os.path.join(folder, "tensors.safetensors"))
    print(f"{len(cases)} cases in {folder}; {left_out} left out")


if __name__ == "__main__":
    main()
