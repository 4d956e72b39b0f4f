"""What is measured: the models, the types in which each engine takes them, and the work."""

MIXTURES = ["qwen3-30b-a3b-4-layers", "gpt-oss-20b-4-layers"]
DECODERS = ["tinyllama-1.1b", "zephyr-7b", *MIXTURES]
LARGE = ["zephyr-7b", *MIXTURES]  # too large for f32 and for converters that hold a whole model in memory
TRANSLATORS = ["flan-t5-small", "flan-t5-base", "flan-t5-large"]
DEFAULT_MODELS = ["tinyllama-1.1b", *TRANSLATORS]
ENGINES = ["hayloft", "llama.cpp", "ctranslate2", "transformers"]

# Bytes a weight without its scales, to say what may be compared with what.
WIDTHS = {"f32": 4, "bf16": 2, "f16": 2, "int8": 1, "q8_0": 1, "int4": 0.5, "q4_0": 0.5, "q4_k_m": 0.5}
# Bytes a weight as they are read, scales of groups of 32 included. Files of llama.cpp are asked for theirs.
BYTES = WIDTHS | {"int8": 1 + 2 / 32, "int4": 0.5 + 3 / 32}


def types(model, engine):
    """The types of a model's weights, in the engine's own names. CTranslate2's int8 computes as int8_float32 here."""
    if engine == "hayloft":
        return [*([] if model in LARGE else ["f32"]), "bf16", "int8", "int4"]
    if engine == "llama.cpp":
        if model in TRANSLATORS:
            return ["f16", "q8_0"]
        if model in MIXTURES:
            return ["bf16", "q8_0", "q4_0"]
        return ["bf16", *([] if model == "zephyr-7b" else ["f16"]), "q8_0", "q4_0", "q4_k_m"]
    if engine == "ctranslate2":
        return [] if model in LARGE else ["f32", "int8"]
    return ["bf16"] if model in LARGE else ["f32", "bf16"]


def jobs(model, engine):
    """The work: a name, tokens to read, tokens to write, texts at once, beams."""
    def job(name, prompt, new=64, batch=1, beams=1):
        return dict(name=name, prompt=prompt, new=new, batch=batch, beams=beams)

    if model in DECODERS:
        return [job("128", 128), job("512", 512, new=2)]
    work = [job("128", 128)]
    if model == "flan-t5-base":
        work.append(job("512", 512))
    if engine != "llama.cpp":  # It holds one source and offers no beams.
        work += [job("batch 8", 128, batch=8), job("beam 4", 128, beams=4)]
    return work


def active_share(config):
    """The share of its experts that a token of a mixture is given to."""
    experts = config.get("num_experts") or config.get("num_local_experts")
    return config["num_experts_per_tok"] / experts if experts else 1


def token_weights(names_and_shapes, config):
    """How many weights one new token needs: all but the embedding's other rows, experts that were not chosen, the
    encoder, and the projection of the source's keys and values, which a text needs once. A tied table is an output
    layer too."""
    count = 0
    tied = config.get("tie_word_embeddings")
    for name, shape in names_and_shapes:
        source = name.startswith("encoder.") or "EncDecAttention.k." in name or "EncDecAttention.v." in name
        if not source and (tied or name not in ("shared.weight", "model.embed_tokens.weight")):
            size = 1
            for extent in shape:
                size *= extent
            count += size * (active_share(config) if ".experts." in name else 1)
    return count
