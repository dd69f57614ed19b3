import Foundation
import LanguageModel
import Testing

@testable import ModelFiles

@Suite struct ConfigurationTests {
  private func read(_ text: String) throws -> Configuration {
    try Configuration(parsing: Array(text.utf8), file: "config.json")
  }

  private func llama(_ changes: String = "") -> String {
    #"{"model_type":"llama","vocab_size":97,"hidden_size":32,"intermediate_size":56,"#
      + #""num_hidden_layers":3,"num_attention_heads":4\#(changes)}"#
  }

  @Test(arguments: Fixtures.models)
  func `the shape agrees with the weights of the folder`(_ name: String) throws {
    let folder = Fixtures.model(name)
    let shape = try Configuration(
      contentsOf: folder.appendingPathComponent("config.json")
    ).architecture
    let weights = try SafeTensors(contentsOf: folder.appendingPathComponent("model.safetensors"))
    #expect(Set(shape.parameterShapes.map(\.name)) == Set(weights.names))
    for (tensor, size) in shape.parameterShapes { #expect(weights.shape(of: tensor) == size) }
  }

  @Test(arguments: Fixtures.models)
  func `what is written reads back the same, unknown keys too`(_ name: String) throws {
    let url = Fixtures.model(name).appendingPathComponent("config.json")
    let configuration = try Configuration(contentsOf: url)
    let again = try read(configuration.text)
    #expect(again.architecture == configuration.architecture)
    #expect(again.endTokens == [2])
    #expect(again.beginToken == 1)
    #expect(again.text == configuration.text)
    #expect(again.text.contains("\"initializer_range\": 0.2"))
  }

  @Test func `missing keys take the defaults of transformers`() throws {
    let shape = try read(llama()).architecture
    #expect(shape.keyHeads == 4)
    #expect(shape.headWidth == 8)
    #expect(shape.ropeBase == 10000)
    #expect(shape.normEpsilon == 1e-6)
    #expect(!shape.tied)
    let qwen = llama().replacingOccurrences(of: "llama", with: "qwen3")
    #expect(try read(qwen).architecture.headWidth == 128)
  }

  @Test func `the rotation is found in either place`() throws {
    let scaling =
      #"{"rope_type":"llama3","factor":8,"low_freq_factor":1,"high_freq_factor":4,"#
      + #""original_max_position_embeddings":128"#
    let old = try read(llama(#","rope_theta":500000.0,"rope_scaling":\#(scaling)}"#)).architecture
    let new = try read(
      llama(#","rope_parameters":\#(scaling),"rope_theta":500000.0}"#)
    ).architecture
    #expect(old == new)
    #expect(new.ropeBase == 500000)
    #expect(new.ropeScaling?.originalContext == 128)
  }

  @Test func `several end tokens survive`() throws {
    let configuration = try read(llama(#","eos_token_id":[3,5],"pad_token_id":-1"#))
    #expect(configuration.endTokens == [3, 5])
    #expect(configuration.padToken == nil)
    #expect(try read(configuration.text).endTokens == [3, 5])
  }

  @Test(arguments: [
    (#","hidden_act":"gelu""#, "only silu"),
    (#","sliding_window":1024"#, "sliding windows"),
    (#","layer_types":["sliding_attention"]"#, "sliding windows"),
    (#","layer_types":["full_attention","chunked_attention"]"#, "‘chunked_attention’"),
    (#","attn_logit_softcapping":50"#, "‘attn_logit_softcapping’ is set"),
    (#","final_logit_softcapping":30.0"#, "‘final_logit_softcapping’ is set"),
    (#","logit_scale":0.0625"#, "‘logit_scale’ is set"),
    (#","residual_multiplier":0.22"#, "‘residual_multiplier’ is set"),
    (#","attention_multiplier":0.5"#, "‘attention_multiplier’ is 0.5"),
    (#","query_pre_attn_scalar":256"#, "‘query_pre_attn_scalar’ is 256"),
    (#","num_local_experts":8"#, "‘num_local_experts’ is set"),
    (#","qk_layernorm":true"#, "‘qk_layernorm’ is set"),
    (#","is_causal":false"#, "‘is_causal’ is false"),
    (#","rope_scaling":{"factor":4}"#, "no ‘rope_type’"),
    (#","rope_scaling":{"type":"linear"}"#, "‘factor’ is missing"),
    (#","rope_parameters":{"rope_type":"default","mrope_section":[2,1,1]}"#, "‘mrope_section’"),
    (
      #","rope_parameters":{"full_attention":{"rope_type":"default","rope_theta":1e6},"#
        + #""sliding_attention":{"rope_type":"default","rope_theta":1e4}}"#,
      "differ for ‘full_attention’ and ‘sliding_attention’"
    ),
    (
      #","rope_parameters":{"rope_type":"linear","factor":2},"rope_scaling":{"type":"linear","factor":4}"#,
      "make them agree"
    ),
    (#","rope_scaling":{"rope_type":"yarn"}"#, "‘yarn’ is not supported"),
    (#","rope_theta":1e4,"rope_parameters":{"rope_theta":1e6}"#, "make them agree"),
    (#","partial_rotary_factor":0.5"#, "whole rotation"),
    (#","num_key_value_heads":3"#, "no multiple"),
    (#","head_dim":7"#, "even width"),
    (#","head_dim":99999999999999999999"#, "whole number"),
    (#","rms_norm_eps":1e999"#, "must be a number"),
    (#","eos_token_id":"2""#, "‘eos_token_id’ must be a whole number"),
    (#","quantization_config":{"bits":4}"#, "quantised"),
    (#","vocab_size":5"#, "occurs twice"),
  ])
  func `what is not computed is refused with a sentence`(_ changes: String, _ sentence: String) {
    #expect(Fixtures.problem { _ = try read(llama(changes)) }.contains(sentence))
  }

  @Test(arguments: [
    #","attn_logit_softcapping":null"#, #","logit_scale":1.0"#, #","sliding_window":null"#,
    #","sliding_window":4096"#, #","use_sliding_window":true"#, #","num_experts":0"#,
    #","layer_types":["full_attention","full_attention","full_attention"]"#,
    #","layer_types":["full_attention","sliding_attention"],"sliding_window":2048"#,
    #","attention_multiplier":0.3535533905932738"#, #","query_pre_attn_scalar":8"#,
    #","rope_scaling":{"rope_type":"default","factor":4}"#, #","initializer_range":0.1"#,
    #","rope_parameters":{"full_attention":{"rope_type":"default","rope_theta":1e4},"#
      + #""sliding_attention":{"rope_type":"default","rope_theta":1e4}}"#,
  ])
  func `a setting at its neutral value changes nothing`(_ changes: String) throws {
    #expect(try read(llama(changes)).architecture == read(llama()).architecture)
  }

  @Test func `a window counts in a qwen only where it is used, and not where it is wide`() throws {
    func problem(_ changes: String) -> String {
      let text = llama(#","max_position_embeddings":1024,"sliding_window":256\#(changes)"#)
      return Fixtures.problem {
        _ = try read(text.replacingOccurrences(of: "llama", with: "qwen2"))
      }
    }
    #expect(problem(#","use_sliding_window":false"#).isEmpty)
    #expect(problem(#","use_sliding_window":true,"max_window_layers":3"#).isEmpty)
    #expect(problem(#","use_sliding_window":true,"max_window_layers":2"#).contains("sliding"))
  }

  @Test func `linear scaling divides positions, in either spelling`() throws {
    for key in [#""rope_scaling":{"type""#, #""rope_parameters":{"rope_type""#] {
      let configuration = try read(llama(#",\#(key):"linear","factor":4.0}"#))
      #expect(configuration.architecture.ropeFactor == 4)
      let again = try read(configuration.text)
      #expect(again.architecture == configuration.architecture)
      #expect(configuration.text.contains(#""rope_type": "linear""#))
    }
  }

  @Test func `biases are those that the family heeds`() throws {
    let both = #","attention_bias":true,"mlp_bias":true"#
    #expect(try read(llama(both)).architecture.biases == Set(LinearLayer.allCases))
    func other(_ family: String, _ changes: String) throws -> Set<LinearLayer> {
      let text = llama(changes).replacingOccurrences(of: "llama", with: family)
      return try read(text).architecture.biases
    }
    #expect(try other("qwen3", #","attention_bias":true"#) == LinearLayer.attention)
    #expect(try other("qwen2", #","attention_bias":true"#) == [.query, .key, .value])
    #expect(Fixtures.problem { _ = try other("qwen3", both) }.contains("‘mlp_bias’ is true"))
  }

  @Test(arguments: [
    "mistral", "mixtral", "gemma", "gemma2", "gemma3_text", "phi", "phi3", "gpt2", "gpt_neox",
    "gptj", "opt", "bloom", "falcon", "mpt", "stablelm", "starcoder2", "olmo2", "granite",
    "cohere2", "deepseek_v3", "qwen2_moe", "qwen3_moe", "qwen2_vl", "qwen3_next", "smollm3",
    "llama4", "mamba", "glm4", "internlm2", "minicpm", "gpt_oss", "nemotron", "exaone4", "lfm2",
  ])
  func `another family is refused with relatives that open`(_ type: String) {
    let text = llama().replacingOccurrences(of: "\"llama\"", with: "\"\(type)\"")
    let problem = Fixtures.problem { _ = try read(text) }
    #expect(problem.contains("models of type ‘\(type)’ are not supported"))
    #expect(["(llama)", "(qwen2)", "(qwen3)"].contains { problem.contains($0) })
  }

  @Test func `giants and other families are refused`() {
    let giant = llama().replacingOccurrences(of: ":32", with: ":65536")
      .replacingOccurrences(of: ":97", with: ":4000000")
    #expect(Fixtures.problem { _ = try read(giant) }.contains("at most 40000000000"))
    let gpt = llama().replacingOccurrences(of: "llama", with: "gpt2")
    #expect(Fixtures.problem { _ = try read(gpt) }.contains("‘gpt2’ are not supported"))
    #expect(Fixtures.problem { _ = try read("[]") }.contains("no JSON object"))
  }
}
