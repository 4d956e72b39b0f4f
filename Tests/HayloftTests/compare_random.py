#!/usr/bin/env python3
"""Compares random models of every architecture with transformers.

    compare_random.py [--count N] [--seed N] [--only N] [--jobs N] [--keep FOLDER] [ARCHITECTURE...] -- hayloft

Each case is a checkpoint of random sizes, settings and weights (random_models.py), whose logits and greedy
continuations transformers computes in f32 and `hayloft verify` has to find. Where they differ, transformers computes
them in f64: a difference counts when Hayloft is more than three times as far from that as f32 is, or as weights that
differ by a rounding of f32, or when it chose a token that f64 does not.
Settings that transformers refuses are drawn anew. An architecture is a model_type; without any all are tried.

Needs the packages of Models/Bundled/recipes/requirements.txt.
"""

import argparse
import collections
import copy
import json
import multiprocessing
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

import torch
import transformers
from safetensors.torch import load_file, save_file

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "Tests/Support"))

import tiny_models  # noqa: E402
from random_models import ARCHITECTURES, random_options  # noqa: E402

LENGTHS = [1, 3, 9, 20, 37, 48]
NEW_TOKENS = 12
FARTHER = 3  # two sums of f32, each in an order of its own
TIE = 1e-4  # logits this near are one to f32, whose sums differ by some 1e-5


def forget(model):
    """Runs a short text: dynamic rope keeps the frequencies of the longest text until then."""
    extra = {"decoder_input_ids": torch.tensor([[0]])} if model.config.is_encoder_decoder else {}
    model(input_ids=torch.tensor([[3]]), **extra)


def logits(model, prompt, decoder):
    forget(model)
    extra = {"decoder_input_ids": torch.tensor([decoder])} if model.config.is_encoder_decoder else {}
    return model(input_ids=torch.tensor([prompt]), **extra).logits[0]


def greedy(model, prompt, count=NEW_TOKENS):
    forget(model)
    tensor = torch.tensor([prompt])
    options = transformers.GenerationConfig(
        pad_token_id=0, decoder_start_token_id=0, eos_token_id=2, do_sample=False, max_new_tokens=count,
        output_logits=True, return_dict_in_generate=True)
    return model.generate(tensor, generation_config=options, attention_mask=torch.ones_like(tensor))


def make_case(folder, options, rng):
    """A checkpoint with what transformers makes of it, in the layout that `hayloft verify` reads."""
    seed, gain = rng.randrange(1 << 30), rng.choice([0.7, 1.0, 1.0, 1.3])
    dtype = rng.choice([torch.float32, torch.float32, torch.bfloat16, torch.float16])
    model = tiny_models.build(options, dtype, torch.Generator().manual_seed(seed), gain)
    vocabulary = model.config.get_text_config().vocab_size
    texts = [[rng.randrange(3, vocabulary) for _ in range(length)] for length in rng.sample(LENGTHS, 2)]
    decoders = [[0] + text[:9] for text in texts]
    tensors = {f"prompt_{i}.logits": logits(model, text, decoders[i]).contiguous() for i, text in enumerate(texts)}
    if not all(tensor.isfinite().all() for tensor in tensors.values()):
        raise ValueError("the numbers overflow")
    cases = [{"tag": f"greedy/{i}", "input_ids": text, "sequences": greedy(model, text).sequences.tolist(),
              "generate": {"do_sample": False, "max_new_tokens": NEW_TOKENS, "eos_token_id": 2}}
             for i, text in enumerate(texts)]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    tiny_models.save(model, options, dtype, folder)
    save_file(tensors, folder / "expected.safetensors")
    (folder / "expected.json").write_text(
        json.dumps({"prompts": texts, "decoder_prompts": decoders, "cases": cases, "seed": seed, "gain": gain}))


@torch.no_grad()
def make_cases(work):
    """The cases of an architecture from one number on, and why transformers refused settings."""
    output, architecture, seed, numbers = work
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    refused = collections.Counter()
    for number in numbers:
        rng = random.Random(f"{seed}/{architecture}/{number}")
        while True:
            try:
                make_case(output / f"{number:04}", random_options(architecture, rng), rng)
                break
            except (ValueError, RuntimeError, IndexError, TypeError, AttributeError) as error:
                refused[f"{type(error).__name__}: {str(error)[:90]}"] += 1
            if sum(refused.values()) > 20 + 5 * len(numbers):
                raise SystemExit(f"{architecture}: transformers refuses nearly all settings: {refused}")
    return refused


class Judge:
    """A case computed by transformers in f64, asked where f32 and Hayloft differ."""

    def __init__(self, folder, command):
        self.folder, self.command = folder, command
        self.expected = json.loads((folder / "expected.json").read_text())
        config = json.loads((folder / "config.json").read_text())
        dtype, gain, seed = getattr(torch, config["dtype"]), self.expected["gain"], self.expected["seed"]
        generator = torch.Generator().manual_seed(seed)
        self.model = tiny_models.build(config | {"dtype": None}, dtype, generator, gain).double()

    def verdict(self, name, difference):
        """Whether f64 shares the difference, and what the numbers are."""
        index = int(re.search(r"\d+", name)[0])
        return self.of_logits(index) if "logits" in name else self.of_ids(index, difference)

    def of_logits(self, index):
        text, decoder = self.expected["prompts"][index], self.expected["decoder_prompts"][index]
        exact = logits(self.model, text, decoder)
        output = self.folder / "logits.safetensors"
        command = [*self.command, "logits", "--model", str(self.folder), "--dtype", "f32", "--quiet", "--input-ids",
                   ",".join(map(str, text)), "--output", str(output)]
        if self.model.config.is_encoder_decoder:
            command += ["--decoder-input-ids", ",".join(map(str, decoder))]
        subprocess.run(command, capture_output=True, check=True)
        found = load_file(output)["logits"][0]
        reference = load_file(self.folder / "expected.safetensors")[f"prompt_{index}.logits"]
        errors = [(each - exact).abs().max().item() for each in (found, reference, *self.rounded(text, decoder))]
        allowed = FARTHER * max(errors[1:])
        row = (found - exact).abs().amax(-1).gt(TIE).nonzero().flatten().tolist()[:1]
        return errors[0] <= allowed, f"{errors[0]:.2g} from f64, {allowed:.2g} would be rounding, first at row {row}"

    def rounded(self, text, decoder):
        """Logits in f64 of weights that differ by about half a unit of f32: what no sum of f32 can tell apart."""
        for seed in range(4):
            generator = torch.Generator().manual_seed(seed)
            model = copy.deepcopy(self.model)
            for parameter in model.parameters():
                parameter.mul_(1 + 6e-8 * torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
            yield logits(model, text, decoder)

    def of_ids(self, index, difference):
        parts = re.search(r"place (\d+): \[(\d+).*expected \[(\d+)", difference)
        if not parts:
            return False, "not the same length"
        place, found, wanted = map(int, parts.groups())
        case = self.expected["cases"][index]
        start = 1 if self.model.config.is_encoder_decoder else len(case["input_ids"])
        exact = greedy(self.model, case["input_ids"], place - start + 1)
        if exact.sequences[0, :place].tolist() != case["sequences"][0][:place]:
            return True, "f64 leaves f32 before"
        gap = (exact.logits[-1][0, wanted] - exact.logits[-1][0, found]).item()
        return gap <= TIE, f"in f64 the token expected is {gap:.2g} better"


def verify(folder, command):
    """What `hayloft verify` says of each case: (number of the case, check, outcome)."""
    result = subprocess.run([*command, "verify", "--reference", str(folder)], capture_output=True, text=True)
    found = re.findall(r"^(\S+) (\S+): (passed|FAILED|skipped), (.*)$", result.stdout, re.MULTILINE)
    if not found:
        sys.exit(result.stderr)
    return found


def report(architecture, folder, command, refused):
    """Prints what came of an architecture; the number of differences that f64 does not share."""
    checks = verify(folder, command)
    skipped = [text for *_, outcome, text in checks if outcome == "skipped"]
    if skipped:
        print(f"{architecture}: skipped, {skipped[0]}", flush=True)
        return 0
    errors = [float(text.split()[1].rstrip(",")) for *_, text in checks if text.startswith("error")]
    shared, unshared = 0, []
    for case, name, outcome, text in checks:
        if outcome == "FAILED":
            ours, why = (False, "") if name == "all" else Judge(pathlib.Path(case), command).verdict(name, text)
            shared += ours
            unshared += [] if ours else [(case, name, text, why)]
    cases = len({case for case, *_ in checks})
    print(f"{architecture}: {cases} cases, {len(checks)} comparisons, largest error {max(errors, default=0):.2g}, "
          f"{shared} differences that f64 shares, {len(unshared)} that it does not "
          f"({sum(refused.values())} settings refused)", flush=True)
    plain = transformers.PreTrainedConfig().to_dict() | {"_name_or_path": ""}
    for case, name, text, why in unshared:
        config = json.loads((pathlib.Path(case) / "config.json").read_text())
        config = {key: value for key, value in config.items() if key not in plain or value != plain[key]}
        print(f"  {pathlib.Path(case).name} {name}: {text}; {why}\n    {json.dumps(config)[:1500]}", flush=True)
    return len(unshared)


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="the number of one case")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--keep", type=pathlib.Path, help="where the cases stay")
    own, _, command = " ".join(sys.argv[1:]).partition(" -- ")
    parser.add_argument("architectures", nargs="*")
    arguments = parser.parse_args(own.split())
    unknown = set(arguments.architectures) - set(ARCHITECTURES)
    if unknown:
        parser.error(f"no architecture {', '.join(unknown)}; there are {', '.join(ARCHITECTURES)}")
    numbers = range(arguments.count) if arguments.only is None else [arguments.only]
    command = command.split() or [str(ROOT / ".build/release/hayloft")]
    transformers.logging.set_verbosity_error()
    unshared = 0
    with tempfile.TemporaryDirectory() as temporary, multiprocessing.Pool(arguments.jobs) as pool:
        output = arguments.keep or pathlib.Path(temporary)
        names = arguments.architectures or list(ARCHITECTURES)
        works = [(output / name, name, arguments.seed, numbers) for name in names]
        for (folder, name, *_), refused in zip(works, pool.imap(make_cases, works)):
            unshared += report(name, folder, command, refused)
    print(f"{unshared} differences that f64 does not share")
    sys.exit(unshared > 0)


if __name__ == "__main__":
    main()
