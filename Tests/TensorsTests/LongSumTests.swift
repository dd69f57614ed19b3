import Tensors
import Testing

/// Products whose sums run over a vocabulary or over all tokens of a batch.
@Suite struct LongSumTests {
  private func numbers(_ count: Int, seed: UInt64) -> [Float] {
    var random = Random(seed: seed)
    return (0..<count).map { _ in random.uniform() * 2 - 1 }
  }

  @Test(arguments: [1, 2048, 2049, 4500])
  func `a product over a vocabulary is the sum of products`(_ depth: Int) {
    let (rows, columns) = (13, 37)
    let x = numbers(rows * depth, seed: 1)
    let weights = numbers(depth * columns, seed: 2)
    var y = [Float](repeating: 7, count: rows * columns)
    x.withRows(of: depth) { x in
      y.withMutableRows(of: columns) {
        deepProduct(x, depth: depth, weights, columns: columns, into: $0)
      }
    }
    for row in 0..<rows {
      for column in 0..<columns {
        let sum = (0..<depth).reduce(0.0) {
          $0 + Double(x[row * depth + $1]) * Double(weights[$1 * columns + column])
        }
        #expect(abs(sum - Double(y[row * columns + column])) < 2e-4)
      }
    }
  }

  @Test(arguments: [1, 256, 700])
  func `a weight's gradient is added up over all rows`(_ rows: Int) {
    let (outputs, inputs) = (29, 35)
    let gradient = numbers(rows * outputs, seed: 3)
    let input = numbers(rows * inputs, seed: 4)
    var sum = [Float](repeating: 1, count: outputs * inputs)
    gradient.withRows(of: outputs) { gradient in
      input.withRows(of: inputs) {
        addWeightGradient(
          &sum, outputs: outputs, inputs: inputs, outputGradient: gradient, input: $0)
      }
    }
    for output in 0..<outputs {
      for index in 0..<inputs {
        let expected = (0..<rows).reduce(1.0) {
          $0 + Double(gradient[$1 * outputs + output]) * Double(input[$1 * inputs + index])
        }
        #expect(abs(expected - Double(sum[output * inputs + index])) < 1e-4)
      }
    }
  }
}
