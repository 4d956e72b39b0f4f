"""Small models of random weights, built by transformers from a config.json and saved as checkpoints are published."""

import json

import torch
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForImageTextToText, AutoModelForSeq2SeqLM
from transformers.core_model_loading import revert_weight_conversion

VOCABULARY = 96
ENCODER_DECODERS = ("t5", "mt5", "umt5")
MULTIMODAL = ("gemma3", "mistral3")


def load_config(options):
    """The configuration of the members of a config.json."""
    options = json.loads(json.dumps(options))  # transformers changes lists and dictionaries in place
    config = AutoConfig.for_model(options.pop("model_type"), **options)
    config._attn_implementation = "eager"
    config._experts_implementation = "eager"
    return config


def empty_model(options):
    """The model of a config.json in f32, its weights not yet chosen."""
    config = load_config(options)
    model = loader(config.model_type).from_config(config).eval()
    if is_untied_t5(options):  # transformers 5 ties every T5 that it makes
        model.lm_head.weight = torch.nn.Parameter(torch.empty_like(model.shared.weight))
        model.config.tie_word_embeddings = False
    return model


def loader(model_type):
    """The class that makes models with an output layer."""
    if model_type in ENCODER_DECODERS:
        return AutoModelForSeq2SeqLM
    return AutoModelForImageTextToText if model_type in MULTIMODAL else AutoModelForCausalLM


def is_untied_t5(options):
    return options["model_type"] in ENCODER_DECODERS and not options.get("tie_word_embeddings", True)


def build(options, dtype, generator, gain=1.0):
    """A model of random weights rounded to `dtype`; matrices multiply the size of what passes through them by `gain`."""
    model = empty_model(options)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator) * scale(model.config.model_type, name, parameter)
            if parameter.dim() == 1 and "bias" not in name and "sinks" not in name:
                # Gemma's norms scale by 1 + weight, and mixed signs would not show it.
                noise = (0 if model.config.model_type.startswith("gemma") else 1) + 0.1 * noise
            elif parameter.dim() > 1:
                noise *= gain
            parameter.copy_(noise.to(dtype).float())
    return model


def scale(model_type, name, parameter):
    """The standard deviation of a parameter's numbers."""
    if model_type.startswith("gemma") and "embed_tokens" in name:
        return parameter.shape[-1] ** -0.5  # Gemma multiplies by the root; larger ones make each token repeat itself
    if parameter.dim() == 1 or "embed" in name or "shared" in name or "_bias" in name and model_type == "gpt_oss":
        return 1.0
    is_transposed = model_type == "gpt_oss" and "experts" in name or model_type == "gpt2" and ".c_" in name
    return parameter.shape[-2 if is_transposed else -1] ** -0.5


def published_tensors(model, dtype=torch.float32):
    """Tensors under the names and in the form that checkpoints have them, each once."""
    tensors = {name: parameter.detach() for name, parameter in model.named_parameters()}  # tied ones once
    tensors = revert_weight_conversion(model, tensors)
    return {name: tensor.to(dtype).contiguous() for name, tensor in tensors.items()}


def save(model, options, dtype, folder, sharded=False):
    """Writes a checkpoint and its config.json."""
    tensors = published_tensors(model, dtype)
    if sharded:
        save_shards(tensors, folder)
    else:
        save_file(tensors, folder / "model.safetensors")
    config = options | {"dtype": str(dtype).removeprefix("torch.")}
    (folder / "config.json").write_text(json.dumps(config, indent=1))


def save_shards(tensors, folder):
    """Two files and an index."""
    names = sorted(tensors)
    index = {}
    for number, part in enumerate([names[::2], names[1::2]], 1):
        file = f"model-{number:05}-of-00002.safetensors"
        save_file({name: tensors[name] for name in part}, folder / file)
        index |= {name: file for name in part}
    total = sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())
    text = json.dumps({"metadata": {"total_size": total}, "weight_map": index}, indent=1)
    (folder / "model.safetensors.index.json").write_text(text)
