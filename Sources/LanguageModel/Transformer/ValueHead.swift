import Tensors

/// A critic that reads a policy's mind: value = w · h + b, with h the last hidden vector after the
/// final norm, before the token that the value does not know yet.
///
/// It starts at zero. The trunk is shared: what a loss says of a value goes back through the
/// policy's layers too, those of an adapter included.
public final class ValueHead {
  /// `v_head.summary.weight` (1, width) and `v_head.summary.bias` (1), TRL's names, with gradients.
  public let parameters: Parameters
  private let width: Int

  /// A head of zeros for hidden vectors of that many numbers.
  public init(width: Int) {
    self.width = width
    parameters = Parameters(
      shapes: [("v_head.summary.weight", [1, width]), ("v_head.summary.bias", [1])])
  }

  private var bias: Int { parameters.slices[1].offset }

  /// The value of one hidden vector.
  public func value(of hidden: UnsafePointer<Float>) -> Float {
    var sum = Double(parameters.weights[bias])
    for index in 0..<width { sum += Double(parameters.weights[index]) * Double(hidden[index]) }
    return Float(sum)
  }

  /// Adds slope · w to the gradient of one hidden vector.
  public func addHiddenGradient(_ slope: Float, to gradient: UnsafeMutablePointer<Float>) {
    guard slope != 0 else { return }
    for index in 0..<width { gradient[index] += slope * parameters.weights[index] }
  }

  /// Adds slope · h to the gradient of the weights, and the slope to that of the bias.
  public func addGradient(_ slope: Float, of hidden: UnsafePointer<Float>) {
    guard slope != 0 else { return }
    for index in 0..<width { parameters.gradients[index] += slope * hidden[index] }
    parameters.gradients[bias] += slope
  }
}
