/// What a setting may be without changing a number that Crux computes.
///
/// A model's file may name what other engines compute and Crux does not: caps of logits, scales,
/// windows. Such a key is refused by its name unless its value leaves everything as it is.
enum NeutralValue {
  /// Nothing, false, zero or an empty list.
  case off
  /// Those, or one.
  case one

  /// Whether a value of a `config.json` changes nothing.
  func allows(_ value: JSON) -> Bool {
    switch value {
    case .null, .bool(false): return true
    case .bool(true): return false
    case .number: return allows(value.double)
    case .string(let text): return text.isEmpty || text == "none"
    case .array(let elements): return elements.isEmpty
    case .object(let members): return members.isEmpty
    }
  }

  /// Whether a value of a GGUF header changes nothing.
  func allows(_ value: GGUFValue) -> Bool {
    if let flag = value.flag { return !flag }
    if let text = value.string { return text.isEmpty || text == "none" }
    if value.type == .array { return value.integers?.allSatisfy { $0 == 0 } ?? false }
    return allows(value.number)
  }

  private func allows(_ number: Double?) -> Bool {
    switch self {
    case .off: number == 0
    case .one: number == 0 || number == 1
    }
  }
}

/// Keys of a `config.json` that change numbers in some model, and that Crux does not compute.
///
/// Keys that are not here have no part in the numbers of a llama, qwen2 or qwen3: transformers does
/// not read them there.
enum ConfigurationRefusals {
  static let keys: [(key: String, neutral: NeutralValue)] =
    [
      "attn_logit_softcapping", "final_logit_softcapping", "attn_logit_softcap",
      "final_logit_softcap", "logit_softcap", "logits_soft_cap", "clip_qkv", "alibi", "use_alibi",
      "attn_alibi", "lm_head_bias", "qk_layernorm", "qk_norm", "use_qk_norm", "use_kq_norm",
      "use_bidirectional_attention", "attn_temperature_tuning", "attention_chunk_size",
      "num_experts", "num_local_experts", "n_routed_experts", "num_nextn_predict_layers",
      "parallel_attn", "parallel_residual", "use_parallel_residual", "use_mup", "use_mrope",
      "num_kv_shared_layers", "hidden_size_per_layer_input", "q_lora_rank", "kv_lora_rank",
      "no_rope_layers", "no_rope_layer_interval", "add_cross_attention", "is_encoder_decoder",
      "pruned_heads", "use_sinks", "attention_sinks",
    ].map { ($0, .off) }
    + [
      "embedding_multiplier", "residual_multiplier", "logits_scaling", "logit_scale",
      "logits_scale", "embedding_scale", "scale_emb", "residual_scale", "lm_head_multiplier",
      "key_multiplier", "rotary_pct", "rotary_percent",
    ].map { ($0, .one) }
}

/// The keys of a GGUF file that describe its model, apart from its shape.
enum GGUFRefusals {
  /// Keys that `GGUFSettings` reads.
  static let used: Set<String> = [
    "context_length", "embedding_length", "block_count", "feed_forward_length",
    "attention.head_count", "attention.head_count_kv", "attention.key_length",
    "attention.value_length", "attention.layer_norm_rms_epsilon", "attention.sliding_window",
    "attention.scale", "attention.causal", "rope.freq_base", "rope.dimension_count",
    "rope.scaling.type", "rope.scaling.factor", "rope.scale_linear", "rope.scaling.attn_factor",
    "rope.scaling.yarn_ext_factor", "hidden_activation", "embedding_length_out", "expert_count",
  ]

  /// Keys that have no part in the numbers of a model without windows, experts and YaRN.
  static let irrelevant: Set<String> = [
    "vocab_size", "rope.scaling.original_context_length", "rope.scaling.finetuned",
    "rope.scaling.yarn_beta_fast", "rope.scaling.yarn_beta_slow", "tensor_data_layout",
    "attention.layer_norm_epsilon", "pooling_type", "attention.sliding_window_pattern",
    "rope.dimension_count_swa", "rope.freq_base_swa", "attention.key_length_swa",
    "attention.value_length_swa", "decoder_start_token_id", "expert_used_count",
    "expert_feed_forward_length", "expert_shared_feed_forward_length", "expert_weights_scale",
    "expert_weights_norm", "expert_gating_func", "expert_group_count", "expert_group_used_count",
  ]

  /// Keys whose value is a factor; any other key that is not known must be off.
  static let factors: Set<String> = [
    "logit_scale", "residual_scale", "embedding_scale", "rope.scaling.alpha",
    "rope.scaling.yarn_attn_factor", "attention.output_scale", "attention.value_scale",
    "num_loops",
  ]
}
