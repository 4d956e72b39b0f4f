"""Times chat templates: Hayloft and Jinja2 as transformers sets it up, on a conversation of twenty turns.

    templates.py [FOLDER…]

Takes the templates of the bundled models and every `*.jinja` in the folders. Both render in one process each, from the
same messages, one after the other; times are the best of seven rounds, in seconds of the processor. "Rendering alone" is the compiled template on one side
and `Template.render` on the other; "the whole call" is `render_jinja_template` and `ChatTemplate.render`. Needs transformers and a Swift toolchain.
"""

import json
import pathlib
import statistics
import subprocess
import sys
import time

from transformers.utils.chat_template_utils import _compile_jinja_template, render_jinja_template

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOKENS = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
WORDS = "The quick brown fox, said to be lazy, asks: which of the 1,234 numbers is it?\n".split(" ")


def conversation():
    """Twenty turns of a user and an assistant, of 20 to 200 words each."""
    turn = lambda index: {"role": "user" if index % 2 == 0 else "assistant", "content": " ".join(WORDS * (2 + index * 7 % 12))}
    return [turn(index) for index in range(20)] + [{"role": "user", "content": "And now?"}]


def templates(folders):
    """The names and texts of all templates."""
    for path in sorted(ROOT.glob("Models/Bundled/*/tokenizer_config.json")):
        template = json.loads(path.read_text(encoding="utf-8")).get("chat_template")
        if template:
            yield path.parent.name, template
    for folder in folders:
        for path in sorted(pathlib.Path(folder).glob("*.jinja")):
            yield path.stem, path.read_text(encoding="utf-8")


def seconds_per_run(body, rounds=7):
    """The processor's seconds of one run, in the fastest of several rounds of at least 20 ms."""
    body()
    count, best, done = 1, float("inf"), 0
    while done < rounds:
        start = time.process_time()
        for _ in range(count):
            body()
        seconds = time.process_time() - start
        if seconds < 0.02:
            count *= 2
            continue
        best = min(best, seconds / count)
        done += 1
    return best


def main(folders):
    """Prints a row for each template that both render to the same text."""
    subprocess.run(["swift", "build", "-c", "release", "--package-path", ROOT / "Benchmarks", "--product", "TextBench"], check=True, stdout=sys.stderr)
    bench = subprocess.Popen([ROOT / "Benchmarks/.build/release/TextBench", "templates"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
    messages = conversation()
    ratios = []
    print(f"{'':52} {'rendering alone, µs':>24}   {'the whole call, µs':>30}")
    print(f"{'template':44} {'bytes':>7} {'Jinja2':>8} {'Hayloft':>8} {'ratio':>6}   {'transformers':>12} {'Hayloft':>8} {'ratio':>8}")
    for name, template in templates(folders):
        render = lambda: render_jinja_template([messages], chat_template=template, add_generation_prompt=True, **TOKENS)[0][0]
        try:
            text = render()
        except Exception as error:  # noqa: BLE001, a template may refuse the conversation
            print(f"{name:44} refuses the conversation: {str(error)[:60]}")
            continue
        compiled = _compile_jinja_template(template)
        theirs = seconds_per_run(lambda: compiled.render(messages=messages, tools=None, documents=None, add_generation_prompt=True, **TOKENS))
        bench.stdin.write(json.dumps({"template": template, "messages": messages, "special_tokens": TOKENS}) + "\n")
        bench.stdin.flush()
        ours = json.loads(bench.stdout.readline())
        if ours["text"] != text:
            print(f"{name:44} differs")
            continue
        whole = seconds_per_run(render)
        ratios.append(theirs / ours["render"])
        row = f"{len(text.encode()):7} {theirs * 1e6:8.1f} {ours['render'] * 1e6:8.1f} {ratios[-1]:5.1f}x"
        print(f"{name:44} {row}   {whole * 1e6:12.1f} {ours['chat'] * 1e6:8.1f} {whole / ours['chat']:7.1f}x", flush=True)
    print(f"{len(ratios)} templates; ratio: lowest {min(ratios):.1f}, median {statistics.median(ratios):.1f}, highest {max(ratios):.1f}")


if __name__ == "__main__":
    main(sys.argv[1:])
