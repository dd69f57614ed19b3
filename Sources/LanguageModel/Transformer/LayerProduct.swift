import Tensors

/// A product of a layer, with what went into it and the gradient of what came out, for all tokens.
///
/// q ‖ k ‖ v and gate ‖ up are one product each.
struct LayerProduct {
  var weights: [ParameterSlice]
  var outputGradient: UnsafePointer<Float>
  var outputStride: Int
  var input: UnsafePointer<Float>
  var inputStride: Int

  /// The column of each weight's first output.
  var firstOutputs: [Int] {
    weights.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.shape[0]) }.dropLast()
  }

  /// Outputs of all weights together.
  var outputs: Int { weights.reduce(0) { $0 + $1.shape[0] } }

  /// The same, weight by weight.
  var parts: [WeightProduct] {
    zip(weights, firstOutputs).map { weight, first in
      WeightProduct(
        weight: weight, outputGradient: outputGradient + first, outputStride: outputStride,
        input: input, inputStride: inputStride)
    }
  }
}

/// One matrix of a layer, with what went into it and the gradient of what came out, for all tokens.
struct WeightProduct {
  var weight: ParameterSlice
  var outputGradient: UnsafePointer<Float>
  var outputStride: Int
  var input: UnsafePointer<Float>
  var inputStride: Int
}
