import Foundation
import LanguageModel
import Testing

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
    (#","attention_bias":true"#, "‘attention_bias’ is true"),
    (#","mlp_bias":true"#, "‘mlp_bias’ is true"),
    (#","hidden_act":"gelu""#, "only silu"),
    (#","use_sliding_window":true"#, "sliding windows"),
    (#","layer_types":["sliding_attention"]"#, "sliding windows"),
    (#","rope_scaling":{"rope_type":"yarn"}"#, "‘yarn’ is not supported"),
    (#","rope_theta":1e4,"rope_parameters":{"rope_theta":1e6}"#, "make them agree"),
    (#","partial_rotary_factor":0.5"#, "whole rotation"),
    (#","num_key_value_heads":3"#, "no multiple"),
    (#","head_dim":7"#, "even width"),
    (#","head_dim":99999999999999999999"#, "whole number"),
    (#","rms_norm_eps":1e999"#, "must be a number"),
    (#","eos_token_id":97"#, "from 0 to 96"),
    (#","quantization_config":{"bits":4}"#, "quantised"),
    (#","vocab_size":5"#, "occurs twice"),
  ])
  func `what is not computed is refused with a sentence`(_ changes: String, _ sentence: String) {
    #expect(Fixtures.problem { _ = try read(llama(changes)) }.contains(sentence))
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
