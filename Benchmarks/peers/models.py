#!/usr/bin/env python3
"""Makes one model's files for one engine, of the same random weights for all; what is there already stays.

    VENV/bin/python Benchmarks/peers/models.py WORK SHAPE ENGINE TYPE

prints, as JSON, the path and how many weights a new token needs. Each model is a folder WORK/SHAPE with `hf` (bf16),
`TYPE.gguf` and `ct2-TYPE`.
"""

import json
import pathlib
import subprocess
import sys

import plan

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))
import make_checkpoint


def make(work, shape, engine, kind, threads=2):
    """The path of a model in an engine's own layout."""
    folder = work / shape
    checkpoint = folder / "hf"
    if not (checkpoint / "model.safetensors").exists():
        script = HERE.parent / "make_checkpoint.py"
        subprocess.run([sys.executable, script, shape, "--dtype", "bf16", "--output", checkpoint], check=True)
    if engine in ("hayloft", "transformers"):
        return checkpoint
    path = folder / (f"{kind}.gguf" if engine == "llama.cpp" else f"ct2-{'f32' if kind == 'f32' else 'int8'}")
    if path.exists():
        return path
    part = path.with_name(path.name + ".part")
    if engine == "llama.cpp":
        make_gguf(work, shape, kind, part, threads)
    else:
        make_ctranslate2(checkpoint, "float32" if kind == "f32" else "int8", part)
    part.rename(path)
    return path


def make_gguf(work, shape, kind, path, threads):
    """A GGUF file; quantized ones are made of one with 16 bits."""
    import gguf_file

    if kind in ("bf16", "f16"):
        return gguf_file.write(work / shape / "hf", path, kind)
    source = make(work, shape, "llama.cpp", "f16" if shape.startswith("flan-t5") else "bf16", threads)
    gguf_file.quantize(source, path, kind, threads)


def make_ctranslate2(checkpoint, quantization, path):
    """A model of CTranslate2, by its own converter but with a made-up vocabulary."""
    from ctranslate2.converters import TransformersConverter

    size = json.loads((checkpoint / "config.json").read_text())["vocab_size"]

    class Vocabulary:
        pad_token, eos_token, unk_token, bos_token = "t0", "t1", "t2", "t1"

        def get_vocab(self):
            return {self.convert_ids_to_tokens(index): index for index in range(size)}

        def convert_ids_to_tokens(self, index):
            return f"t{index}"

    class Converter(TransformersConverter):
        def load_tokenizer(self, *_, **__):
            return Vocabulary()

    Converter(str(checkpoint), low_cpu_mem_usage=True).convert(str(path), quantization=quantization, force=True)


def tensors(shape):
    """Names and shapes of a checkpoint's tensors."""
    return make_checkpoint.tensors(make_checkpoint.SHAPES[shape])


if __name__ == "__main__":
    work, shape, engine, kind = sys.argv[1:]
    path = make(pathlib.Path(work), shape, engine, kind)
    weights = plan.token_weights(tensors(shape), make_checkpoint.SHAPES[shape])
    print(json.dumps({"path": str(path), "token_weights": weights}))
