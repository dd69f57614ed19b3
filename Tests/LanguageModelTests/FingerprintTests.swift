import LanguageModel
import Tensors
import Testing

@Suite struct FingerprintTests {
  @Test func `a fingerprint tells that any weight changed`() {
    let parameters = Parameters(shapes: [("a", [700, 900]), ("b", [7])])
    for index in parameters.weights.indices {
      parameters.weights[index] = Float(index % 977) - 400
    }
    let before = parameters.fingerprint
    #expect(parameters.copy().fingerprint == before)
    for index in [0, 1, 5, 299_999, 629_999, 630_006] {
      let old = parameters.weights[index]
      parameters.weights[index] = old.nextUp
      #expect(parameters.fingerprint != before, "\(index)")
      parameters.weights[index] = old
    }
    parameters.weights.swapAt(3, 700)
    #expect(parameters.fingerprint != before)
  }
}
