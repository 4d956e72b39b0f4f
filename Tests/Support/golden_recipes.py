"""What make_golden.py makes: the settings of each golden checkpoint, chosen so that each changes the arithmetic.

Prompts have up to 47 tokens and are continued by 24: windows are shorter, the original contexts of stretched positions
too. Caps are small enough to bite, experts few enough for rows to share some.
"""

import torch

from tiny_models import VOCABULARY

BF16, F16, F32 = torch.bfloat16, torch.float16, torch.float32

TOKENS = {"vocab_size": VOCABULARY, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
DECODER = {"vocab_size": VOCABULARY, "hidden_size": 48, "intermediate_size": 80, "num_hidden_layers": 2,
           "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 12, "max_position_embeddings": 128,
           "rms_norm_eps": 1e-6, "bos_token_id": 1, "eos_token_id": 2, "tie_word_embeddings": False}
T5 = {"vocab_size": VOCABULARY, "d_model": 48, "d_ff": 80, "d_kv": 12, "num_heads": 4, "num_layers": 2,
      "num_decoder_layers": 2, "decoder_start_token_id": 0, "pad_token_id": 0, "eos_token_id": 1}
# The others are smaller: heads of 8 values unless head_dim is given.
SMALL = TOKENS | {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
                  "num_key_value_heads": 2, "max_position_embeddings": 128, "tie_word_embeddings": False}
THREE = SMALL | {"num_hidden_layers": 3}
SIGLIP = {"model_type": "siglip_vision_model", "hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1,
          "num_attention_heads": 2, "image_size": 8, "patch_size": 4}
PIXTRAL = {"model_type": "pixtral", "hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1,
           "num_attention_heads": 2, "head_dim": 4, "image_size": 8, "patch_size": 4}


def rope(kind, theta=10000.0, **scaling):
    """A rope_parameters entry."""
    return {"rope_parameters": {"rope_type": kind, "rope_theta": theta} | scaling}


def yarn(factor, original, **scaling):
    return rope("yarn", factor=factor, original_max_position_embeddings=original, **scaling)


def layers(*windowed):
    """A layer_types entry."""
    return {"layer_types": ["sliding_attention" if each else "full_attention" for each in windowed]}


SLIDING = {"use_sliding_window": True, "sliding_window": 7}
GEMMA2 = THREE | {"head_dim": 12, "query_pre_attn_scalar": 20, "sliding_window": 7, "tie_word_embeddings": True}
MINISTRAL3 = SMALL | {"head_dim": 12} | yarn(
    8.0, 24, theta=100.0, beta_fast=3.0, beta_slow=1.0, mscale=1.0, mscale_all_dim=0.8, llama_4_scaling_beta=0.4)

# A name, the model_type, the other members of config.json, the weights' type.
MODELS = {
    "llama-plain": ("llama", DECODER | rope("default"), F32),
    "llama-tied-linear-bf16": ("llama", DECODER | {"tie_word_embeddings": True} | rope("linear", factor=4.0), BF16),
    "llama-dynamic": ("llama", DECODER | {"max_position_embeddings": 32, "num_key_value_heads": 4}
                      | rope("dynamic", factor=2.0), F32),
    "llama-llama3-bf16-sharded": ("llama", DECODER | {"attention_bias": True} | rope(
        "llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=32), BF16),
    "llama-yarn-f16": ("llama", DECODER | yarn(4.0, 32), F16),
    "mistral-sliding": ("mistral", DECODER | {"sliding_window": 7, "num_key_value_heads": 1} | rope("default"), F32),
    "t5-relu-tied": ("t5", T5 | {"feed_forward_proj": "relu", "tie_word_embeddings": True}, F32),
    "t5-gated-untied-f16": ("t5", T5 | {"feed_forward_proj": "gated-gelu", "tie_word_embeddings": False,
                                        "relative_attention_num_buckets": 8,
                                        "relative_attention_max_distance": 20}, F16),

    "qwen2-windows-bf16": ("qwen2", THREE | SLIDING | {"max_window_layers": 1, "tie_word_embeddings": True,
                                                       "rope_theta": 1000000.0, "rope_scaling": None}, BF16),
    "qwen3-yarn-f16": ("qwen3", THREE | SLIDING | {"head_dim": 12, "attention_bias": True} | layers(1, 0, 1)
                       | yarn(4.0, 24, theta=100.0), F16),
    "qwen2-moe-shared-bf16": ("qwen2_moe", SMALL | SLIDING | {
        "num_hidden_layers": 4, "num_experts": 5, "num_experts_per_tok": 3, "moe_intermediate_size": 20,
        "shared_expert_intermediate_size": 28, "decoder_sparse_step": 2, "mlp_only_layers": [3],
        "max_window_layers": 2}, BF16),
    "qwen2-moe-normed-f16": ("qwen2_moe", SMALL | {
        "num_experts": 6, "num_experts_per_tok": 2, "moe_intermediate_size": 20, "norm_topk_prob": True,
        "shared_expert_intermediate_size": 28, "qkv_bias": False, "tie_word_embeddings": True}, F16),
    "qwen3-moe-bf16": ("qwen3_moe", THREE | SLIDING | {
        "head_dim": 12, "num_experts": 6, "num_experts_per_tok": 3, "moe_intermediate_size": 20,
        "norm_topk_prob": True, "mlp_only_layers": [0], "attention_bias": True}, BF16),
    "gemma-bf16": ("gemma", SMALL | {"head_dim": 12, "num_key_value_heads": 1, "hidden_act": "gelu",
                                     "tie_word_embeddings": True}, BF16),
    "gemma2-capped-f16": ("gemma2", GEMMA2 | {"attn_logit_softcapping": 1.5, "final_logit_softcapping": 4.0}, F16),
    "gemma3-text-linear-bf16": ("gemma3_text", GEMMA2 | {
        "sliding_window_pattern": 3, "rope_theta": 1000000.0, "rope_local_base_freq": 100.0,
        "rope_scaling": {"rope_type": "linear", "factor": 8.0}}, BF16),
    "gemma3-text-capped-f16": ("gemma3_text", GEMMA2 | layers(0, 1, 0) | {
        "attention_bias": True, "attn_logit_softcapping": 1.5, "final_logit_softcapping": 4.0,
        "rope_parameters": {"full_attention": {"rope_type": "default", "rope_theta": 500000.0},
                            "sliding_attention": {"rope_type": "default", "rope_theta": 50.0}}}, F16),
    "gemma3-multimodal-bf16": ("gemma3", {
        "text_config": GEMMA2 | {"model_type": "gemma3_text", "sliding_window_pattern": 2},
        "vision_config": SIGLIP, "mm_tokens_per_image": 4, "eos_token_id": 2, "tie_word_embeddings": True}, BF16),
    "phi-partial-bf16": ("phi", SMALL | {"hidden_size": 48, "partial_rotary_factor": 0.5}, BF16),
    "phi-norms-f16": ("phi", SMALL | {"hidden_size": 48, "partial_rotary_factor": 0.4, "qk_layernorm": True,
                                      "num_key_value_heads": None}, F16),
    "phi3-partial-bf16": ("phi3", SMALL | {"hidden_size": 48, "sliding_window": 7, "partial_rotary_factor": 0.75,
                                           "tie_word_embeddings": True}, BF16),
    "phi3-longrope-f16": ("phi3", SMALL | {
        "max_position_embeddings": 96, "original_max_position_embeddings": 24, "rope_theta": 10000.0,
        "rope_scaling": {"type": "longrope", "short_factor": [1.0, 1.1, 1.3, 2.0],
                         "long_factor": [1.2, 2.0, 5.0, 12.0]}}, F16),
    "gpt2-plain-bf16": ("gpt2", TOKENS | {"n_embd": 32, "n_layer": 3, "n_head": 4, "n_positions": 128}, BF16),
    "gpt2-inner-f16": ("gpt2", TOKENS | {
        "n_embd": 32, "n_layer": 3, "n_head": 4, "n_positions": 128, "n_inner": 40, "activation_function": "relu",
        "scale_attn_by_inverse_layer_idx": True, "tie_word_embeddings": False}, F16),
    "gpt-neox-parallel-bf16": ("gpt_neox", SMALL | {"hidden_size": 48, "rotary_pct": 0.5, "rotary_emb_base": 5000},
                               BF16),
    "gpt-neox-sequential-f16": ("gpt_neox", SMALL | {"use_parallel_residual": False, "attention_bias": False,
                                                     "hidden_act": "gelu_fast", "rotary_pct": 1.0}, F16),
    "mixtral-bf16": ("mixtral", SMALL | {"num_local_experts": 5, "num_experts_per_tok": 2, "sliding_window": 7,
                                         "intermediate_size": 32}, BF16),
    "gpt-oss-bf16": ("gpt_oss", THREE | {
        "head_dim": 12, "num_local_experts": 5, "num_experts_per_tok": 3, "intermediate_size": 20,
        "sliding_window": 7, "swiglu_limit": 1.5} | yarn(8.0, 24, theta=100.0, beta_fast=3.0, truncate=False), BF16),
    "olmo2-f16": ("olmo2", SMALL | {"attention_bias": True} | rope("default", 500000.0), F16),
    "smollm3-windows-bf16": ("smollm3", THREE | SLIDING | {"no_rope_layer_interval": 2, "attention_bias": True,
                                                           "mlp_bias": True, "tie_word_embeddings": True}, BF16),
    "granite-bf16": ("granite", SMALL | {
        "embedding_multiplier": 3.0, "logits_scaling": 1.7, "residual_multiplier": 0.6, "attention_multiplier": 0.2,
        "attention_bias": True, "mlp_bias": True, "tie_word_embeddings": True}, BF16),
    "starcoder2-bf16": ("starcoder2", SMALL | {"sliding_window": 7, "tie_word_embeddings": True}, BF16),
    "stablelm-partial-bf16": ("stablelm", SMALL | {"hidden_size": 48, "num_attention_heads": 3,
                                                   "num_key_value_heads": 1, "use_qkv_bias": True}, BF16),
    "stablelm-parallel-f16": ("stablelm", SMALL | {"partial_rotary_factor": 0.5, "qk_layernorm": True,
                                                   "use_parallel_residual": True}, F16),
    "ministral3-bf16": ("ministral3", MINISTRAL3, BF16),
    "mistral3-multimodal-bf16": ("mistral3", {
        "text_config": MINISTRAL3 | {"model_type": "ministral3"}, "vision_config": PIXTRAL, "eos_token_id": 2,
        "tie_word_embeddings": False}, BF16),
    "umt5-gated-f16": ("umt5", T5 | {
        "d_model": 32, "d_kv": 8, "d_ff": 48, "feed_forward_proj": "gated-gelu", "tie_word_embeddings": True,
        "relative_attention_num_buckets": 8, "relative_attention_max_distance": 20}, F16),
}
# Those whose positions look at the longest row of a batch.
STRETCHED = ("llama-dynamic", "phi3-longrope-f16")
# Those on which all options of generation are tried; the others have a few cases of each kind.
THOROUGH = ("llama-", "mistral-", "t5-")
