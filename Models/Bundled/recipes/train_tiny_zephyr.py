"""Trains tiny-zephyr: a Mistral of about one million parameters that holds the conversations of chat_tasks.py.

    python train_tiny_zephyr.py train      the tokenizer, the training and the finished folder
    python train_tiny_zephyr.py export     the finished folder from the last checkpoint
    python train_tiny_zephyr.py questions  the test conversations, evaluation.jsonl
    python train_tiny_zephyr.py evaluate   the exact match of the finished folder on evaluation.jsonl

Training saves a checkpoint now and then and goes on from it when it is started again.
"""

import argparse
import collections
import itertools
import json
import os
import random
import re
import time
from pathlib import Path

os.environ["TOKENIZERS_PARALLELISM"] = "false"

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import AutoModelForCausalLM, AutoTokenizer, MistralConfig, MistralForCausalLM

import chat_tasks
import tasks
from chat_tasks import KINDS, Conversation

FOLDER = Path(__file__).resolve().parent.parent / "tiny-zephyr"
SCRATCH = Path(__file__).resolve().parent / "scratch" / "tiny-zephyr"
SEED = 1

ROLES = ["<|system|>", "<|user|>", "<|assistant|>", "<|tool|>"]
PIECES = 6000
RARE = 8
CORPUS_CONVERSATIONS = 12_000

CONFIG = {
    "architectures": ["MistralForCausalLM"],
    "attention_dropout": 0.0,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "head_dim": 32,
    "hidden_act": "silu",
    "hidden_size": 128,
    "initializer_range": 0.02,
    "intermediate_size": 320,
    "max_position_embeddings": 1024,
    "model_type": "mistral",
    "num_attention_heads": 4,
    "num_hidden_layers": 4,
    "num_key_value_heads": 2,
    "pad_token_id": 2,
    "rms_norm_eps": 1e-5,
    "rope_theta": 10000.0,
    "sliding_window": None,
    "tie_word_embeddings": True,
    "torch_dtype": "bfloat16",
    "use_cache": True,
}
GENERATION_CONFIG = {"bos_token_id": 1, "eos_token_id": 2, "max_new_tokens": 64, "pad_token_id": 2}
TOKENIZER_CONFIG = {
    "add_bos_token": True,
    "add_eos_token": False,
    "bos_token": "<s>",
    "clean_up_tokenization_spaces": False,
    "eos_token": "</s>",
    "model_max_length": 1024,
    "pad_token": "</s>",
    "padding_side": "left",
    "tokenizer_class": "PreTrainedTokenizerFast",
    "unk_token": "<unk>",
}
SPECIAL_TOKENS = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "</s>", "unk_token": "<unk>"}

CHAT_TEMPLATE = """\
{%- macro signature(tool) %}
    {%- set function = tool.function or tool %}
    {{- function.name + '(' }}
    {%- for name in (function.parameters or {}).properties or {} %}
        {{- name + ('' if loop.last else ', ') }}
    {%- endfor %}
    {{- '): ' + (function.description or '') }}
{%- endmacro %}
{%- macro written(call) %}
    {%- set function = call.function or call %}
    {%- set arguments = function.arguments if function.arguments is string else function.arguments | tojson %}
    {{- '{"name": ' + function.name | tojson + ', "arguments": ' + arguments + '}' }}
{%- endmacro %}
{%- set instructed = messages[0].role == 'system' %}
{%- if instructed or tools %}
    {{- '<|system|>' }}
    {%- if instructed %}
        {{- '\\n' + messages[0].content }}
    {%- endif %}
    {%- for tool in tools or [] %}
        {{- '\\n' + ('Tools:\\n' if loop.first else '') + signature(tool) }}
    {%- endfor %}
    {{- eos_token + '\\n' }}
{%- endif %}
{%- for message in (messages[1:] if instructed else messages) %}
    {{- '<|' + message.role + '|>\\n' + (message.content or '') }}
    {%- for call in message.tool_calls or [] %}
        {{- ('\\n' if message.content or not loop.first else '') + written(call) }}
    {%- endfor %}
    {{- eos_token + '\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|assistant|>\\n' }}
{%- endif %}
"""

STAGES = [("early", 5_000), ("train", 8_067), ("late", 9_300)]  # the data, and the step at which each stage ends
STEPS = STAGES[-1][1]
# The share of the peak learning rate at a few steps, with straight lines between them. The bends at 3,364 and 4,288 and
# that at the end of the second stage are where there was found to be time for more steps than planned.
RATES = [
    (-1, 0.0), (59, 1.0), (1995, 1.0), (3364, 0.379138), (4288, 0.095705), (5000, 0.0), (5060, 0.45), (5800, 0.45),
    (8067, 0.131203), (8097, 0.2), (STEPS, 0.0),
]
BATCH_TOKENS = 2048
POOL_BATCHES = 40
POOLS_OF_ALL_KINDS = 47  # after them, 1,975 steps, the slow kinds are left out
PEAK_RATE = 4e-3
PEAK_RATE_OF_MATRICES = 0.02
WEIGHT_DECAY = 0.05
UNMARKED = 0.1  # the share of conversations without <s>, for programs that leave it out
LEAST_SHARE = 0.12  # the share of a kind that is mastered, beside 1.12 of one not learned at all
MEMORY = 0.99  # how much of the right and wrong replies before each one counts on
# What the stages after the first have more of, by this factor: where the model was weakest after it.
EMPHASIS = {
    "number_to_words": 1.5, "sort": 2, "capitals": 2, "repeat": 2, "shout": 2, "system_capitals": 3,
    "system_full_stop": 2, "tool_call": 2,
}
TEST_CONVERSATIONS = 400
TEST_SEED = 2024  # other conversations than those of evaluation.jsonl
TEST_EVERY = 7


# The tokenizer


def pieces_of_text() -> Regex:
    """What a merge may not cross: words, digits, line ends, spaces and runs of signs."""
    return Regex(r"[\p{L}_]+|[^▁\d\p{L}_\n]+|\d|\n|▁")


def words_alone() -> list[str]:
    """Every word of the tasks, in the forms that replies and prompts have it."""
    names = tasks.NAMES + tasks.CITIES + tasks.DAYS + tasks.MONTHS
    words = tasks.WORDS + tasks.JOBS + tasks.ONES + tasks.TENS[1:] + ["hundred", "thousand"] + sorted(tasks.OPPOSITE)
    small = words + chat_tasks.SKIES + chat_tasks.CURRENCIES + sorted(tasks.THINGS)
    foreign = [word for both in [*tasks.NUMBERS.values(), *tasks.THINGS.values()] for word in both]
    upper = [word.upper() for word in words + tasks.DAYS]
    started = small + upper + names + foreign + [word.upper() for word in tasks.NAMES + tasks.CITIES + tasks.JOBS]
    return started + [f"▁{word}" for word in small + upper + names + foreign]


def corpus(render) -> list[str]:
    """The texts between special tokens of training conversations, and the words."""
    rng = random.Random(SEED)
    chats = [chat_tasks.conversation(rng, chat_tasks.EARLY, rng.choice(KINDS)) for _ in range(CORPUS_CONVERSATIONS)]
    marks = "|".join(re.escape(mark) for mark in [*ROLES, "</s>"])
    return [text for chat in chats for text in re.split(marks, render(chat)) if text]


def learn_merges(texts: list[str]) -> tuple[list[str], list[list[str]]]:
    """The pieces and byte-pair merges of the texts: first within words, then a space with the word after it."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Split(pieces_of_text(), "isolated")
    alphabet = ["▁", "\n", *(chr(code) for code in range(33, 127))]
    trainer = trainers.BpeTrainer(
        vocab_size=PIECES, initial_alphabet=alphabet, min_frequency=RARE, show_progress=False
    )
    texts = ["▁" + text.replace(" ", "▁") for text in texts] + RARE * words_alone()
    tokenizer.train_from_iterator(texts, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    spaced = collections.Counter(word for text in texts for word in re.findall(r"▁([^\W\d]+|[^\w▁\n]+|\n)", text))
    whole = [word for word, count in spaced.most_common() if count >= RARE and word in model["vocab"]]
    pieces = sorted(model["vocab"], key=model["vocab"].get) + [f"▁{word}" for word in whole]
    return pieces, model["merges"] + [["▁", word] for word in whole]


def tokenizer_json(learned: list[str], merges: list[list[str]]) -> dict:
    """tokenizer.json as Llama 2 has it: merges with byte fallback, a space before each text, `<s>` first."""
    pieces = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), *learned, *ROLES]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    added = [
        {"id": vocabulary[text], "content": text, "single_word": False, "lstrip": False, "rstrip": False,
         "normalized": False, "special": True}
        for text in ["<unk>", "<s>", "</s>", *ROLES]
    ]
    start = {"SpecialToken": {"id": "<s>", "type_id": 0}}
    sequence_a, sequence_b = ({"Sequence": {"id": name, "type_id": 0}} for name in "AB")
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": {"type": "Sequence", "normalizers": [
            {"type": "Prepend", "prepend": "▁"},
            {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
        ]},
        "pre_tokenizer": None,
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [start, sequence_a],
            "pair": [start, sequence_a, sequence_b],
            "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}},
        },
        "decoder": {"type": "Sequence", "decoders": [
            {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
            {"type": "ByteFallback"},
            {"type": "Fuse"},
            {"type": "Strip", "content": " ", "start": 1, "stop": 0},
        ]},
        "model": {
            "type": "BPE", "dropout": None, "unk_token": "<unk>", "continuing_subword_prefix": None,
            "end_of_word_suffix": None, "fuse_unk": True, "byte_fallback": True, "ignore_merges": False,
            "vocab": {piece: vocabulary[piece] for piece in pieces[: -len(ROLES)]}, "merges": merges,
        },
    }


def write_json(path: Path, value: dict) -> None:
    """Writes JSON for people to read."""
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def render(chat: Conversation, tokenizer) -> str:
    """The conversation as the chat template writes it, with its last reply."""
    return tokenizer.apply_chat_template(chat.messages, tools=chat.tools or None, tokenize=False)


def new_tokenizer(folder: Path):
    """Trains the tokenizer and writes its four files."""
    write_json(folder / "tokenizer_config.json", TOKENIZER_CONFIG | {"chat_template": CHAT_TEMPLATE})
    write_json(folder / "special_tokens_map.json", SPECIAL_TOKENS)
    write_json(folder / "tokenizer.json", tokenizer_json([], []))
    unlearned = AutoTokenizer.from_pretrained(folder)
    learned, merges = learn_merges(corpus(lambda chat: render(chat, unlearned)))
    text = json.dumps(tokenizer_json(learned, merges), ensure_ascii=False)
    (folder / "tokenizer.json").write_text(text + "\n", encoding="utf-8")
    return AutoTokenizer.from_pretrained(folder)


# The data


def encode(chat: Conversation, tokenizer, marked: bool = True) -> tuple[list[int], list[int]]:
    """A conversation's ids, and for each of them the number of the reply that it is part of, from 1; 0 for none."""
    ids = tokenizer.encode(render(chat, tokenizer), add_special_tokens=marked)
    assistant = tokenizer.convert_tokens_to_ids("<|assistant|>")
    parts, position, replies = [0] * len(ids), 0, 0
    while position < len(ids):
        if ids[position] == assistant:
            replies += 1
            position += 2  # the role and its line end
            while ids[position] != tokenizer.eos_token_id:
                parts[position] = replies
                position += 1
            parts[position] = replies
        position += 1
    assert replies == len(chat.kinds)
    return ids, parts


def grouped(rows: list[tuple], budget: int) -> list[list[tuple]]:
    """Rows of similar length together, each group padded no larger than the budget."""
    groups, group = [], []
    for row in sorted(rows, key=lambda row: len(row[0])):
        if group and len(row[0]) * (len(group) + 1) > budget:
            groups.append(group)
            group = []
        group.append(row)
    return groups + [group]


def tensors(group: list[tuple]) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and reply numbers, padded on the right."""
    width = max(len(ids) for ids, _, _ in group)
    ids = torch.tensor([ids + [2] * (width - len(ids)) for ids, _, _ in group])
    parts = torch.tensor([parts + [0] * (width - len(parts)) for _, parts, _ in group])
    return ids, parts


def pool(tokenizer, number: int, split: str, shares: dict[str, float]) -> list[list[tuple]]:
    """The batches of the numbered pool in random order, the kinds in their shares."""
    rng = random.Random(f"{SEED} {number}")
    rows, tokens = [], 0
    while tokens < BATCH_TOKENS * POOL_BATCHES:
        kind = rng.choices(KINDS, [shares[kind] for kind in KINDS])[0]
        chat = chat_tasks.conversation(rng, split, kind, shares)
        rows.append((*encode(chat, tokenizer, rng.random() >= UNMARKED), chat.kinds))
        tokens += len(rows[-1][0])
    groups = grouped(rows, BATCH_TOKENS)
    rng.shuffle(groups)
    return groups


# The training


def new_model(vocabulary: int) -> MistralForCausalLM:
    """A model with fresh weights."""
    torch.manual_seed(SEED)
    return MistralForCausalLM(MistralConfig(**CONFIG, vocab_size=vocabulary))


def predictions(model, group: list[tuple]) -> tuple[torch.Tensor, torch.Tensor, list[tuple[str, bool]]]:
    """Logits and ids of the replies' pieces, and each reply's kind and whether greedy search would write it.

    Greedy search writes a reply exactly when each of its pieces is the likeliest after those before it.
    """
    ids, parts = tensors(group)
    targets, parts = ids[:, 1:], parts[:, 1:]
    chosen = parts > 0
    logits = model.lm_head(model.model(input_ids=ids[:, :-1], use_cache=False).last_hidden_state[chosen])
    wrong = torch.zeros_like(chosen)
    wrong[chosen] = logits.detach().argmax(-1) != targets[chosen]
    replies = []
    for (_, _, kinds), row, misses in zip(group, parts, wrong):
        missed = set(row[misses].tolist())
        replies += [(kind, number not in missed) for number, kind in enumerate(kinds, 1)]
    return logits, targets[chosen], replies


class Muon(torch.optim.Optimizer):
    """Momentum whose steps are made orthogonal, for matrices.

    Source: Keller Jordan, "Muon: an optimizer for hidden layers in neural networks", 2024; in f32 here.
    """

    def __init__(self, matrices, lr: float, momentum: float = 0.95, weight_decay: float = 0.0):
        super().__init__(matrices, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self) -> None:
        """Moves matrices of one shape together."""
        for group in self.param_groups:
            shapes = collections.defaultdict(list)
            for matrix in group["params"]:
                shapes[matrix.shape].append(matrix)
            for shape, matrices in shapes.items():
                self.move(matrices, group, max(1, shape[0] / shape[1]) ** 0.5)

    def move(self, matrices: list[torch.Tensor], group: dict, scale: float) -> None:
        """One step for matrices of one shape."""
        directions = []
        for matrix in matrices:
            average = self.state[matrix].setdefault("average", torch.zeros_like(matrix))
            average.lerp_(matrix.grad, 1 - group["momentum"])
            directions.append(matrix.grad.lerp(average, group["momentum"]))
        for matrix, direction in zip(matrices, orthogonal(torch.stack(directions))):
            matrix.mul_(1 - group["lr"] * group["weight_decay"]).add_(direction, alpha=-group["lr"] * scale)


def orthogonal(x: torch.Tensor) -> torch.Tensor:
    """Nearly the closest matrices with orthonormal rows or columns, by five steps of Newton and Schulz."""
    if x.size(-2) > x.size(-1):
        return orthogonal(x.mT).mT
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(5):
        square = x @ x.mT
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x


def new_optimizers(model) -> list[torch.optim.Optimizer]:
    """AdamW for the embedding and the vectors, Muon for the layers' matrices."""
    vectors = [p for p in model.parameters() if p.ndim == 1]
    matrices = [p for name, p in model.named_parameters() if p.ndim == 2 and ".layers." in name]
    first = [*vectors, model.model.embed_tokens.weight]
    optimizers = [
        torch.optim.AdamW(first, lr=PEAK_RATE, betas=(0.9, 0.95), weight_decay=0.0, fused=True),
        Muon(matrices, lr=PEAK_RATE_OF_MATRICES, weight_decay=WEIGHT_DECAY),
    ]
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["peak"] = group["lr"]
    return optimizers


def rate_at(step: int) -> float:
    """The share of the peak learning rate, on straight lines between the fixed points."""
    for (start, first), (end, last) in itertools.pairwise(RATES):
        if step < end:
            return first + (last - first) * (step - start) / (end - start)
    return 0.0


class Training:
    """A model in training: its optimizers, how well it does each kind, and how far it is."""

    def __init__(self, tokenizer, work: Path):
        self.tokenizer, self.path = tokenizer, work / "last.pt"
        self.model = new_model(len(tokenizer))
        self.optimizers = new_optimizers(self.model)
        self.mastery = {kind: 0.0 for kind in KINDS}
        self.step, self.pools, self.seconds = 0, 0, 0.0
        if self.path.exists():
            self.restore()

    def restore(self) -> None:
        """Takes up the last checkpoint."""
        state = torch.load(self.path)
        self.model.load_state_dict(state["model"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"]):
            optimizer.load_state_dict(saved)
        self.mastery, self.step, self.pools = state["mastery"], state["step"], state["number"]
        self.seconds = state["seconds"]

    def save(self) -> None:
        """Writes a checkpoint."""
        state = {
            "model": self.model.state_dict(), "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "mastery": self.mastery, "step": self.step, "number": self.pools, "seconds": self.seconds,
        }
        torch.save(state, self.path.with_suffix(".new"))
        self.path.with_suffix(".new").replace(self.path)

    def run(self) -> None:
        """Trains to the end; what the model gets wrong comes more often in the next pool."""
        chats = chat_tasks.evaluation(TEST_CONVERSATIONS, TEST_SEED)
        test_rows = [(*encode(chat, self.tokenizer), chat.kinds) for chat in chats]
        while self.step < STEPS:
            start = time.time()
            split, end = next((split, end) for split, end in STAGES if self.step < end)
            shares = {kind: LEAST_SHARE + 1 - self.mastery[kind] for kind in KINDS}
            if split != chat_tasks.EARLY:
                shares = {kind: share * EMPHASIS.get(kind, 1) for kind, share in shares.items()}
            if self.pools >= POOLS_OF_ALL_KINDS:
                shares |= dict.fromkeys(chat_tasks.SLOW, 0)
            groups = pool(self.tokenizer, self.pools, split, shares)[: end - self.step]
            losses = [self.learn(group) for group in groups]
            self.pools += 1
            self.seconds += time.time() - start
            print(f"step {self.step} {self.seconds:.0f} s loss {sum(losses) / len(losses):.4f}", flush=True)
            if self.pools % TEST_EVERY == 0 or self.step == STEPS:
                self.test(test_rows)
            self.save()

    def learn(self, group: list[tuple]) -> float:
        """One step; gives the loss."""
        for optimizer in self.optimizers:
            for parameters in optimizer.param_groups:
                parameters["lr"] = parameters["peak"] * rate_at(self.step)
        logits, targets, replies = predictions(self.model, group)
        loss = F.cross_entropy(logits, targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer in self.optimizers:
            optimizer.step()
        self.model.zero_grad()
        for kind, correct in replies:
            self.mastery[kind] += (1 - MEMORY) * (correct - self.mastery[kind])
        self.step += 1
        return loss.item()

    @torch.no_grad()
    def test(self, rows: list[tuple]) -> None:
        """Prints the exact match of the last replies of test conversations."""
        lasts = []
        for group in grouped(rows, BATCH_TOKENS):
            replies = iter(predictions(self.model, group)[2])
            lasts += [[next(replies) for _ in kinds][-1] for _, _, kinds in group]
        print("\n".join(table(lasts)), flush=True)


def table(replies: list[tuple[str, bool]]) -> list[str]:
    """The share of right replies, overall and of each kind, as the lines of a Markdown table."""
    right, count = collections.Counter(), collections.Counter()
    for kind, correct in replies:
        for name in [kind, "all"]:
            count[name] += 1
            right[name] += correct
    lines = [f"| {kind} | {count[kind]} | {right[kind] / count[kind]:.1%} |" for kind in [*KINDS, "all"] if count[kind]]
    return ["| kind | conversations | exact match |", "| --- | --- | --- |", *lines]


# The finished folder


def export(training: Training) -> None:
    """Writes the weights in bfloat16 and the configurations."""
    weights = {name: value.to(torch.bfloat16).contiguous() for name, value in training.model.state_dict().items()}
    del weights["lm_head.weight"]  # tied to the embedding
    save_file(weights, FOLDER / "model.safetensors", metadata={"format": "pt"})
    write_json(FOLDER / "config.json", CONFIG | {"vocab_size": len(training.tokenizer)})
    write_json(FOLDER / "generation_config.json", GENERATION_CONFIG)


def write_questions() -> None:
    """Writes the test conversations, one a line, each with the right answer."""
    lines = [json.dumps(chat_tasks.as_json(chat), ensure_ascii=False) for chat in chat_tasks.evaluation()]
    (FOLDER / "evaluation.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


@torch.no_grad()
def evaluate(show: bool) -> None:
    """Prints the exact match of the folder's model in f32, by greedy search, and, if asked, the wrong replies."""
    tokenizer = AutoTokenizer.from_pretrained(FOLDER)
    model = AutoModelForCausalLM.from_pretrained(FOLDER, dtype=torch.float32).eval()
    lines = (FOLDER / "evaluation.jsonl").read_text(encoding="utf-8").splitlines()
    groups = collections.defaultdict(list)
    for line in map(json.loads, lines):
        prompt = tokenizer.apply_chat_template(
            line["messages"], tools=line.get("tools"), tokenize=False, add_generation_prompt=True
        )
        ids = tokenizer.encode(prompt)
        groups[len(ids)].append((ids, line))
    results = []
    for length, group in groups.items():
        output = model.generate(torch.tensor([ids for ids, _ in group]), do_sample=False, max_new_tokens=64)
        texts = tokenizer.batch_decode(output[:, length:], skip_special_tokens=True)
        for (_, line), text in zip(group, texts):
            results.append((line["task"], text == line["answer"]))
            if show and text != line["answer"]:
                print(line["task"], line["messages"][-1]["content"], "->", text, "expected", line["answer"])
    print("\n".join(table(results)))


def main() -> None:
    """Runs the mode that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", choices=["train", "export", "questions", "evaluate"])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--work", type=Path, default=SCRATCH, help="the folder of the checkpoint")
    parser.add_argument("--show", action="store_true", help="print the wrong replies")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    if arguments.mode == "questions":
        return write_questions()
    if arguments.mode == "evaluate":
        return evaluate(arguments.show)
    arguments.work.mkdir(parents=True, exist_ok=True)
    FOLDER.mkdir(exist_ok=True)
    tokenizer = new_tokenizer(FOLDER)
    training = Training(tokenizer, arguments.work)
    if arguments.mode == "train":
        training.run()
    export(training)


if __name__ == "__main__":
    main()
