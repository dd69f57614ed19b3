import Tensors

/// Rows of one weight's gradient, summed over all tokens by one thread.
struct WeightTask {
  /// Rows a task is cut to.
  static let rows = 48

  /// What is multiplied: the gradients of the weight's outputs and what went into it.
  enum Factors {
    case floats(
      outputGradient: UnsafePointer<Float>, outputStride: Int, input: UnsafePointer<Float>,
      inputStride: Int)
    /// `first` is the column of the weight's first output.
    case rounded(outputGradient: PairedRows, first: Int, input: PairedRows)
  }

  private let gradient: UnsafeMutablePointer<Float>
  private let outputs: Range<Int>
  private let inputs: Int
  private let factors: Factors

  /// The tasks of a matrix whose gradient of (outputs, inputs) is added to.
  static func all(
    _ gradient: UnsafeMutablePointer<Float>, of slice: ParameterSlice, _ factors: Factors
  ) -> [WeightTask] {
    let (outputs, inputs) = (slice.shape[0], slice.shape[1])
    return stride(from: 0, to: outputs, by: rows).map { first in
      WeightTask(
        gradient: gradient + first * inputs, outputs: first..<min(first + rows, outputs),
        inputs: inputs, factors: factors)
    }
  }

  func run(tokens: Int) {
    switch factors {
    case .floats(let outputGradient, let outputStride, let input, let inputStride):
      addWeightGradient(
        gradient, outputs: outputs.count, inputs: inputs, rows: tokens,
        outputGradient: outputGradient + outputs.lowerBound, outputStride: outputStride,
        input: input, inputStride: inputStride)
    case .rounded(let outputGradient, let first, let input):
      outputGradient.addWeightGradient(
        gradient, outputs: first + outputs.lowerBound..<first + outputs.upperBound, rows: tokens,
        input: input)
    }
  }
}
