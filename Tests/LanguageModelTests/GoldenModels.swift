import Foundation
import LanguageModel
import Testing

@testable import ModelFiles

/// The reference models and what PyTorch computed with them, see Golden/models.
enum GoldenModels {
  struct Coefficients: Decodable {
    var c: [Float]
    var e: [Float]
  }

  struct Inputs: Decodable {
    var sequences: [[Token]]
    var coefficients: [Coefficients]
    var predicted_tokens: Int
    var loss: Double
    var objective: Double
  }

  static func golden(_ path: String) throws -> URL {
    try #require(Bundle.module.resourceURL).appendingPathComponent("Golden/" + path)
  }

  static func inputs(_ name: String) throws -> Inputs {
    try JSONDecoder().decode(
      Inputs.self, from: Data(contentsOf: golden("models/\(name)/inputs.json")))
  }

  static func expected(_ name: String) throws -> SafeTensors {
    try SafeTensors(contentsOf: golden("models/\(name)/expected.safetensors"))
  }

  static func load(_ name: String) throws -> Transformer {
    let configuration = try Configuration(contentsOf: golden("models/\(name)/config.json"))
    let file = try SafeTensors(contentsOf: golden("models/\(name)/model.safetensors"))
    let parameters = Parameters(shapes: configuration.architecture.parameterShapes)
    for slice in parameters.slices {
      try file.copy(
        slice.name, into: UnsafeMutableBufferPointer(rebasing: parameters.weights[slice.range]))
    }
    return Transformer(architecture: configuration.architecture, parameters: parameters)
  }

  static func rows(_ inputs: Inputs) -> [TokenRow] {
    inputs.sequences.map { TokenRow(tokens: $0, firstPredicted: 1) }
  }

  /// Largest difference between the two.
  static func distance(_ a: some Sequence<Float>, _ b: some Sequence<Float>) -> Float {
    zip(a, b).reduce(0) { max($0, ($1.0 - $1.1).magnitude) }
  }
}

/// Kinds of small policies: the families, and a llama with all biases.
enum SmallShape: CaseIterable {
  case llama, qwen2, qwen3, biased

  var family: Architecture.Family {
    switch self {
    case .llama, .biased: .llama
    case .qwen2: .qwen2
    case .qwen3: .qwen3
    }
  }
}

/// A small policy with weights large enough that its logits differ.
func smallPolicy(
  seed: UInt64 = 1, family kind: SmallShape = .llama, layers: Int = 2
) -> Transformer {
  var shape = Architecture()
  shape.family = kind.family
  if kind == .biased { shape.biases = Set(LinearLayer.allCases) }
  shape.vocabulary = 50
  shape.width = 48
  shape.hidden = 72
  shape.layers = layers
  shape.heads = 4
  shape.keyHeads = 2
  shape.headWidth = 8
  shape.contextLength = 96
  let policy = Transformer(architecture: shape, seed: seed)
  for index in policy.parameters.weights.indices { policy.parameters.weights[index] *= 1.7 }
  for slice in policy.parameters.slices where kind == .biased && slice.name.hasSuffix("bias") {
    for index in slice.range {
      policy.parameters.weights[index] = Float(index * 7 % 11) / 20 - 0.25
    }
  }
  policy.weightsChanged()
  return policy
}
