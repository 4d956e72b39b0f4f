"""Random configurations of every architecture, as config.json spells them in transformers 4 or 5."""

import json

from tiny_models import load_config

PIXTRAL = {"model_type": "pixtral", "hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1,
           "num_attention_heads": 2, "head_dim": 4, "image_size": 8, "patch_size": 4}
SIGLIP = {"model_type": "siglip_vision_model", "hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1,
          "num_attention_heads": 2, "image_size": 8, "patch_size": 4}
ACTIVATIONS = ["silu", "gelu", "gelu_new", "gelu_pytorch_tanh", "relu"]
SCALED = ["linear", "dynamic", "llama3", "yarn", "longrope"]
THETAS = [50.0, 400.0, 10000.0, 1000000.0]
SLIDING, FULL = "sliding_attention", "full_attention"


class Draw:
    """Random choices of one case."""

    def __init__(self, rng):
        self.rng = rng

    def flag(self):
        return self.rng.random() < 0.5

    def one(self, *choices):
        return self.rng.choice(choices)

    def size(self, low, high, step=1):
        return self.rng.randrange(low, high + 1, step)

    def number(self, low, high):
        return round(self.rng.uniform(low, high), 2)

    def some(self, **members):
        """Some of these members: the others have the defaults of their class."""
        return {key: value for key, value in members.items() if self.flag()}

    # Parts of configurations

    def tokens(self):
        return {"vocab_size": self.size(40, 130), "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}

    def layer_count(self):
        return self.size(1, 4)

    def decoder(self, own_heads=True, groups=True, norm="rms_norm_eps"):
        """Sizes; heads have a size of their own or divide the hidden states."""
        heads = self.one(1, 2, 3, 4, 6, 8)
        head_size = self.one(2, 4, 6, 8, 10, 16, 20)
        found = self.tokens() | {"num_hidden_layers": self.layer_count(), "num_attention_heads": heads,
                                 "intermediate_size": self.size(8, 70), "max_position_embeddings": 128,
                                 "tie_word_embeddings": self.flag(), norm: self.one(1e-6, 1e-5, 1e-3)}
        found["num_key_value_heads"] = self.one(*[n for n in range(1, heads + 1) if heads % n == 0])
        if not groups:
            del found["num_key_value_heads"]
        if own_heads:
            return found | {"hidden_size": heads * self.size(8 // heads, 12), "head_dim": head_size}
        return found | {"hidden_size": heads * max(head_size, 8 // heads)}

    def activation(self, key="hidden_act"):
        return self.some(**{key: self.one(*ACTIVATIONS)})

    def window(self):
        return {"sliding_window": self.one(None, 2, 5, 9, 20)}

    def layer_types(self, count):
        return {"layer_types": [self.one(SLIDING, FULL) for _ in range(count)]}

    def scaling(self, kinds, turned):
        """A way of stretching positions, of heads of which `turned` values turn."""
        kind = self.one("default", *kinds) if turned > 2 else "default"
        original = self.one(8, 16, 30, 64)
        factor = self.one(1.5, 2.0, 4.0, 16.0)
        if kind in ("linear", "dynamic"):
            return {"rope_type": kind, "factor": factor}
        if kind == "llama3":
            return {"rope_type": kind, "factor": factor, "low_freq_factor": self.one(1.0, 1.5),
                    "high_freq_factor": self.one(2.0, 4.0, 8.0), "original_max_position_embeddings": original}
        if kind == "yarn":
            return {"rope_type": kind, "factor": factor} | self.some(
                original_max_position_embeddings=original, beta_fast=self.one(2.0, 8.0, 32.0),
                beta_slow=self.one(0.5, 1.0), truncate=self.flag(), mscale=self.number(0.5, 1.5),
                mscale_all_dim=self.number(0.5, 1.5), attention_factor=self.number(0.7, 1.4))
        if kind == "longrope":
            return {"rope_type": kind, "original_max_position_embeddings": original,
                    "short_factor": [self.number(1, 2) for _ in range(turned // 2)],
                    "long_factor": [self.number(1, 20) for _ in range(turned // 2)]} | self.some(
                        factor=factor, attention_factor=self.number(0.7, 1.4))
        return {"rope_type": "default"}

    def rope(self, found, kinds=SCALED, partial=None):
        """Settings of positions in the place that transformers 4 or 5 has for them.

        `partial` names the key of the part of each head that turns.
        """
        head_size = found.get("head_dim") or found["hidden_size"] // found["num_attention_heads"]
        turned, settings = head_size, {}
        if partial:
            parts = (0.25, 0.4, 0.5, 0.75, 1.0)
            settings[partial] = self.one(*[part for part in parts if int(head_size * part) in range(2, 21, 2)])
            turned = int(head_size * settings[partial])
        scaling = self.scaling(kinds, turned)
        if scaling["rope_type"] == "dynamic":
            found["max_position_embeddings"] = self.one(8, 16, 30)
        theta = self.some(rope_theta=self.one(*THETAS))
        if self.flag():
            return found | settings | {"rope_parameters": theta | scaling}
        if scaling["rope_type"] == "default":
            return found | settings | theta | self.some(rope_scaling=None)
        if self.flag() and scaling["rope_type"] != "llama3":  # llama3 came when the key was rope_type already
            scaling = {("type" if key == "rope_type" else key): value for key, value in scaling.items()}
        return found | settings | theta | {"rope_scaling": scaling}

    def experts(self, key="num_experts"):
        count = self.size(2, 8)
        return {key: count, "num_experts_per_tok": self.size(1, count)}

    def qwen_windows(self, count, has_types):
        found = {"use_sliding_window": self.flag(), "sliding_window": self.one(2, 5, 9, 20)}
        if has_types and found["use_sliding_window"] and self.flag():
            return found | self.layer_types(count)
        return found | self.some(max_window_layers=self.size(0, count))


def llama(draw):
    return draw.rope(draw.decoder() | draw.activation() | draw.some(attention_bias=draw.flag(), mlp_bias=draw.flag()))


def mistral(draw):
    return draw.rope(draw.decoder() | draw.activation() | draw.window())


def qwen2(draw):
    found = draw.decoder(own_heads=draw.flag()) | draw.activation()
    return draw.rope(found | draw.qwen_windows(found["num_hidden_layers"], True))


def qwen3(draw):
    found = draw.decoder() | draw.activation() | draw.some(attention_bias=draw.flag())
    return draw.rope(found | draw.qwen_windows(found["num_hidden_layers"], True))


def sparse(draw, count):
    return draw.experts() | draw.some(norm_topk_prob=draw.flag(), decoder_sparse_step=draw.size(1, 3)) | {
        "moe_intermediate_size": draw.size(4, 40), "mlp_only_layers": [n for n in range(count) if draw.size(0, 3) == 0]}


def qwen2_moe(draw):
    found = draw.decoder(own_heads=False) | draw.activation() | draw.some(qkv_bias=draw.flag())
    count = found["num_hidden_layers"]
    found |= sparse(draw, count) | {"shared_expert_intermediate_size": draw.size(4, 40)}
    return draw.rope(found | draw.qwen_windows(count, True))


def qwen3_moe(draw):
    found = draw.decoder() | draw.activation() | draw.some(attention_bias=draw.flag())
    found |= sparse(draw, found["num_hidden_layers"])
    return draw.rope(found | {"use_sliding_window": draw.flag(), "sliding_window": draw.one(2, 5, 9, 20)})


def mixtral(draw):
    found = draw.decoder() | draw.activation() | draw.window() | draw.experts("num_local_experts")
    return draw.rope(found)


def gpt_oss(draw):
    found = draw.decoder() | draw.experts("num_local_experts") | {"sliding_window": draw.one(2, 5, 9, 20)}
    found |= draw.some(swiglu_limit=draw.number(0.3, 3), swiglu_alpha=draw.number(0.5, 2), attention_bias=draw.flag())
    found |= draw.some(**draw.layer_types(found["num_hidden_layers"]))
    return draw.rope(found, ["yarn", "yarn", "linear"])


def gemma(draw):
    return draw.rope(draw.decoder() | draw.activation() | draw.some(attention_bias=draw.flag()))


def gemma2_sizes(draw):
    found = draw.decoder() | draw.activation("hidden_activation") | draw.some(attention_bias=draw.flag())
    found |= {"query_pre_attn_scalar": draw.size(4, 40), "sliding_window": draw.one(2, 5, 9, 20)}
    return found | draw.some(**draw.layer_types(found["num_hidden_layers"]))


def gemma2(draw):
    found = draw.rope(gemma2_sizes(draw))
    return found | draw.some(attn_logit_softcapping=draw.one(None, 0.7, 2.0, 50.0),
                             final_logit_softcapping=draw.one(None, 1.5, 5.0, 30.0))


def gemma3_text(draw):
    found = gemma2_sizes(draw) | draw.some(final_logit_softcapping=draw.one(None, 1.5, 5.0, 30.0))
    if "layer_types" not in found:
        found |= draw.some(sliding_window_pattern=draw.size(1, 3))
    if draw.flag():
        scaling = draw.one({}, {"rope_scaling": {"rope_type": "linear", "factor": draw.one(2.0, 8.0)}})
        return found | scaling | draw.some(rope_theta=draw.one(*THETAS), rope_local_base_freq=draw.one(*THETAS))
    places = {FULL: draw.scaling(["linear", "llama3"], found["head_dim"]), SLIDING: {"rope_type": "default"}}
    return found | {"rope_parameters": {
        place: settings | draw.some(rope_theta=draw.one(*THETAS)) for place, settings in places.items()}}


def gemma3(draw):
    text = gemma3_text(draw) | {"tie_word_embeddings": True}
    return {"text_config": text | draw.some(model_type="gemma3_text"), "vision_config": SIGLIP,
            "mm_tokens_per_image": draw.one(1, 4), "eos_token_id": 2}


def phi(draw):
    found = draw.decoder(own_heads=False, norm="layer_norm_eps") | draw.activation()
    return draw.rope(found | draw.some(qk_layernorm=draw.flag()), partial="partial_rotary_factor")


def phi3(draw):
    found = draw.rope(draw.decoder(own_heads=False) | draw.activation() | draw.window(), ["longrope", "longrope"],
                      partial="partial_rotary_factor")
    scaling = found.get("rope_scaling") or found.get("rope_parameters") or {}
    original = scaling.pop("original_max_position_embeddings", None)
    return found | ({"original_max_position_embeddings": original} if original else {})


def gpt2(draw):
    heads = draw.one(1, 2, 3, 4, 6)
    found = draw.tokens() | {
        "n_embd": heads * draw.size(8 // heads, 16), "n_layer": draw.layer_count(), "n_head": heads,
        "n_positions": draw.size(70, 128), "layer_norm_epsilon": draw.one(1e-6, 1e-5, 1e-3)}
    return found | draw.activation("activation_function") | draw.some(
        n_inner=draw.size(8, 70), scale_attn_weights=draw.flag(), scale_attn_by_inverse_layer_idx=draw.flag(),
        tie_word_embeddings=draw.flag())


def gpt_neox(draw):
    found = draw.decoder(own_heads=False, groups=False, norm="layer_norm_eps") | draw.activation()
    found |= draw.some(use_parallel_residual=draw.flag(), attention_bias=draw.flag())
    found = draw.rope(found, partial="partial_rotary_factor")
    part = found.pop("partial_rotary_factor")
    if "rope_parameters" in found and draw.flag():
        found["rope_parameters"]["partial_rotary_factor"] = part
    else:
        found["rotary_pct"] = part
    if "rope_theta" in found:
        found["rotary_emb_base"] = found.pop("rope_theta")
    return found


def olmo2(draw):
    return draw.rope(draw.decoder() | draw.activation() | draw.some(attention_bias=draw.flag()))


def smollm3(draw):
    found = draw.decoder() | draw.activation() | draw.some(attention_bias=draw.flag(), mlp_bias=draw.flag())
    count = found["num_hidden_layers"]
    found |= draw.one({"no_rope_layer_interval": draw.size(1, 4)},
                      {"no_rope_layers": [draw.one(0, 1) for _ in range(count)]})
    found |= {"use_sliding_window": draw.flag(), "sliding_window": draw.one(2, 5, 9, 20)}
    return draw.rope(found | (draw.some(**draw.layer_types(count)) if found["use_sliding_window"] else {}))


def granite(draw):
    found = draw.decoder() | draw.activation() | draw.some(attention_bias=draw.flag(), mlp_bias=draw.flag())
    return draw.rope(found | draw.some(
        embedding_multiplier=draw.number(0.5, 12), logits_scaling=draw.number(0.5, 8),
        residual_multiplier=draw.number(0.2, 1.5), attention_multiplier=draw.number(0.05, 1)))


def starcoder2(draw):
    found = draw.decoder(norm="norm_epsilon") | draw.activation() | draw.window() | draw.some(use_bias=draw.flag())
    return draw.rope(found)


def stablelm(draw):
    found = draw.decoder(own_heads=False, norm="layer_norm_eps") | draw.activation()
    return draw.rope(found | draw.some(use_qkv_bias=draw.flag(), qk_layernorm=draw.flag(),
                                       use_parallel_residual=draw.flag()), partial="partial_rotary_factor")


def ministral3(draw):
    found = draw.decoder() | draw.activation() | draw.window()
    settings = draw.scaling(["yarn"], found["head_dim"]) | draw.some(rope_theta=draw.one(*THETAS))
    settings |= {"original_max_position_embeddings": draw.one(8, 16, 30), "llama_4_scaling_beta": draw.number(0, 0.6)}
    return found | {"rope_parameters": settings}


def mistral3(draw):
    kind = draw.one("ministral3", "mistral")
    text = (ministral3(draw) if kind == "ministral3" else mistral(draw)) | {"model_type": kind}
    return {"text_config": text, "vision_config": PIXTRAL, "eos_token_id": 2,
            "tie_word_embeddings": text["tie_word_embeddings"]}


def t5(draw, default="relu"):
    found = {"vocab_size": draw.size(40, 130), "d_model": draw.size(8, 50), "d_kv": draw.size(1, 16),
             "d_ff": draw.size(8, 70), "num_heads": draw.size(1, 6), "num_layers": draw.size(1, 3),
             "decoder_start_token_id": 0, "pad_token_id": 0, "eos_token_id": 1, "tie_word_embeddings": draw.flag(),
             "relative_attention_num_buckets": draw.one(8, 12, 32),
             "relative_attention_max_distance": draw.size(20, 60)}
    return found | draw.some(num_decoder_layers=draw.size(1, 3), layer_norm_epsilon=draw.one(1e-5, 1e-3),
                             feed_forward_proj=draw.one(*["gated-" + name for name in ACTIVATIONS], *ACTIVATIONS))


def umt5(draw):
    return t5(draw) | {"tie_word_embeddings": True}


ARCHITECTURES = {function.__name__: function for function in (
    llama, mistral, qwen2, qwen3, qwen2_moe, qwen3_moe, mixtral, gpt_oss, gemma, gemma2, gemma3_text, gemma3, phi, phi3,
    gpt2, gpt_neox, olmo2, smollm3, granite, starcoder2, stablelm, ministral3, mistral3, t5, umt5)}
ARCHITECTURES["mt5"] = t5


def random_options(model_type, rng):
    """The members of a config.json: as few as it needs, or all that transformers 5 would write."""
    options = ARCHITECTURES[model_type](Draw(rng)) | {"model_type": model_type}
    if "t5" in model_type or rng.random() < 0.6:
        return options
    return json.loads(load_config(options).to_json_string(use_diff=False))
