"""Writes what fuzzing begins with: seeds.py FOLDER

A folder of seeds for each target, from the bundled models and the tests' own samples, and for templates a dictionary of
the language's words.
"""

import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORDS = """{{ }} {% %} {%- -%} {{- -}} {# #} {%+ if elif else endif for in endfor set endset macro endmacro call endcall filter endfilter with
endwith raw endraw block endblock generation endgeneration break continue recursive loop caller varargs kwargs namespace( range( dict( cycler(
joiner( not and or is defined none true false loop.index loop.last loop.previtem loop.cycle( loop.changed( self. | . [ ] ( ) : :: ::-1 ** // ~ == != <=
>= |length |tojson |tojson(indent= |join( |sort |map(attribute= |selectattr( |groupby( |batch( |slice( |default( |replace( |indent( |wordwrap(
|truncate( |center( |format( |round( |int(base= |float |unique |sum |min |max |dictsort |items |list |string |escape |safe |striptags |title |urlencode
|xmlattr |filesizeformat |attr( |first |last |reverse .format( .split( .strip( .replace( .join( .items() .get( .upper() .startswith( .zfill( .center(
.expandtabs( '{:>9,.2f}' '{0[a].b!r:^{1}}' '%-08.3f' '%(a)s' messages content role raise_exception( strftime_now( 9223372036854775807 1e308 'a' \\u00e9""".split()


def templates():
    """The bundled models' templates, and those of the tests with their contexts."""
    for path in sorted(ROOT.glob("Models/Bundled/*/tokenizer_config.json")):
        template = json.loads(path.read_text(encoding="utf-8")).get("chat_template")
        if template:
            yield template.encode()
    cases = ROOT / "Tests/HayTemplateTests/random_cases.json"
    if cases.exists():
        for case in json.loads(cases.read_text(encoding="utf-8")):
            yield case["template"].encode() + b"\0" + json.dumps(case["context"]).encode()
    for path in sorted(ROOT.glob("Tests/HayTemplateTests/*.swift")):
        for text in re.findall(r'\("((?:[^"\\]|\\.)*\{[{%](?:[^"\\]|\\.)*)"', path.read_text(encoding="utf-8")):
            yield text.replace('\\"', '"').replace("\\n", "\n").replace("\\\\", "\\").encode()


def tokenizers():
    """The bundled models' tokenizers with few pieces, each model's parts alone, and the samples of the tests."""
    for path in sorted(ROOT.glob("Models/Bundled/*/tokenizer.json")):
        whole = json.loads(path.read_text(encoding="utf-8"))
        model = whole["model"]
        for count in (40, 300):
            if isinstance(model["vocab"], dict):
                model["vocab"] = dict(list(model["vocab"].items())[:count])
                pairs = [merge if isinstance(merge, list) else merge.split(" ") for merge in model["merges"]]
                merges = [pair for pair in pairs if all(part in model["vocab"] for part in (*pair, "".join(pair)))]
                small = dict(model, merges=[" ".join(pair) for pair in merges[:count]])
            else:
                small = dict(model, vocab=model["vocab"][:count])
            whole["added_tokens"] = [token for token in whole["added_tokens"] if token["id"] < count]
            yield json.dumps(dict(whole, model=small), ensure_ascii=False).encode()
            model = json.loads(path.read_text(encoding="utf-8"))["model"]
    for path in sorted(ROOT.glob("Tests/HayTokenizerTests/*.swift")):
        parts = [part for part in re.findall(r'"""\n(.*?)"""', path.read_text(encoding="utf-8"), re.S) if part.strip().startswith("{")]
        models = [part for part in parts if '"BPE"' in part or '"Unigram"' in part or '"WordLevel"' in part or '"WordPiece"' in part]
        for model in models:
            yield ('{"model": ' + model + "}").encode()
            for part in parts:
                for key in ("normalizer", "pre_tokenizer", "decoder", "post_processor"):
                    yield ('{"model": ' + model + f', "{key}": ' + part + "}").encode()


    for item in json.loads((ROOT / "Tests/Golden/tokenizers/components.json").read_text(encoding="utf-8")):
        yield json.dumps(item["tokenizer"], ensure_ascii=False).encode()


def sentencepiece():
    """The models of the tests, which have few pieces."""
    for path in sorted(ROOT.glob("Tests/Golden/sentencepiece/*/*.model")):
        yield path.read_bytes()


def main(folder):
    """Writes all seeds."""
    for name, seeds in (("template", templates()), ("tokenizer", tokenizers()), ("sentencepiece", sentencepiece())):
        target = pathlib.Path(folder) / name
        target.mkdir(parents=True, exist_ok=True)
        count = 0
        for count, seed in enumerate(seeds, 1):
            (target / f"seed-{count:04}").write_bytes(seed)
        print(f"{count} seeds in {target}")
    lines = ['"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"' for word in WORDS]
    (pathlib.Path(folder) / "template.dict").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
