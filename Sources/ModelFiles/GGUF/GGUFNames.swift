import LanguageModel

/// How GGUF names the weights of a model.
struct GGUFNames {
  /// The shape, which decides on what there is.
  let architecture: Architecture

  /// The weights' own rotation, where the file has it.
  static let rotation = "rope_freqs.weight"
  /// The embedding, whose rows are the vocabulary.
  static let embedding = "token_embd.weight"
  /// The output matrix, which tied models do not have.
  static let output = "output.weight"
  /// What would be added to the logits.
  static let outputBias = "output.bias"

  /// The name in GGUF of the bias of a block's linear layer.
  static func bias(_ layer: LinearLayer, block: Int) -> String {
    "blk.\(block).\(layerParts[layer.path] ?? layer.path).bias"
  }

  private static let layerParts = [
    "input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm",
    "post_attention_layernorm": "ffn_norm", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
  ]

  /// The name in GGUF of a weight with that Hugging Face name.
  func name(of weight: String) -> String {
    switch weight {
    case "model.embed_tokens.weight": return GGUFNames.embedding
    case "model.norm.weight": return "output_norm.weight"
    case "lm_head.weight": return GGUFNames.output
    default:
      let parts = weight.split(separator: ".", maxSplits: 3)
      let rest = parts[3].split(separator: ".")
      let part = rest.dropLast().joined(separator: ".")
      return "blk.\(parts[2]).\(GGUFNames.layerParts[part] ?? part).\(rest[rest.count - 1])"
    }
  }

  /// Width of a head where the rows of a weight lie interleaved, nil where they lie in order.
  ///
  /// llama.cpp rotates neighbours in models of type llama, so their queries and keys are reordered;
  /// those of Qwen are not.
  func interleaved(_ weight: String) -> Int? {
    let turned = weight.contains(".q_proj.") || weight.contains(".k_proj.")
    return architecture.family == .llama && turned ? architecture.headWidth : nil
  }
}
