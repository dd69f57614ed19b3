import LanguageModel

/// What the numbers of a model's shape may be, whichever form says them.
///
/// They keep a made-up file from asking for more than a machine has; published models lie within.
enum ShapeLimits {
  static let vocabulary = 1...4_000_000
  static let width = 1...65_536
  static let hidden = 1...1_048_576
  static let layers = 1...1024
  static let heads = 1...1024
  static let headWidth = 2...4096
  static let contextLength = 1...1_000_000_000
  static let normEpsilon = 1e-30...0.1
  static let ropeBase = 1.0...1e15
  /// Weights of the whole model.
  static let weights = 40_000_000_000
}

extension Architecture {
  /// What is wrong with a shape that claims more than a processor trains; nil where nothing is.
  var tooLarge: String? {
    let perLayer = 2 * width * headWidth * (heads + keyHeads) + 3 * width * hidden
    let count = 2 * vocabulary * width + layers * perLayer
    guard count > ShapeLimits.weights else { return nil }
    return "the model would have \(count) weights; at most \(ShapeLimits.weights) are supported."
  }
}
