import Glibc
import Tensors
import Testing

@Suite struct KernelTests {
  private func numbers(_ count: Int, seed: UInt64) -> [Float] {
    var random = Random(seed: seed)
    return (0..<count).map { _ in random.uniform() * 2 - 1 }
  }

  @Test(arguments: [1, 2, 3, 5, 12, 13, 40], [1, 31, 32, 33, 130])
  func `a product is the sum of products`(_ rows: Int, _ columns: Int) {
    let depth = 19
    let x = numbers(rows * depth, seed: 1)
    let w = numbers(columns * depth, seed: 2)
    let matrix = PackedMatrix(columns: columns, depth: depth)
    matrix.pack(w)
    let y = RoundedProductTests.product(matrix, x, rows: rows)
    var worst: Double = 0
    for row in 0..<rows {
      for column in 0..<columns {
        let sum = (0..<depth).reduce(0.0) {
          $0 + Double(x[row * depth + $1]) * Double(w[column * depth + $1])
        }
        worst = max(worst, abs(sum - Double(y[row * columns + column])))
      }
    }
    #expect(worst < 1e-5)
  }

  @Test func `a row of a product does not depend on the other rows`() {
    let (rows, columns, depth) = (29, 70, 64)
    let x = numbers(rows * depth, seed: 3)
    let matrix = PackedMatrix(columns: columns, depth: depth)
    matrix.pack(numbers(columns * depth, seed: 4))
    let together = RoundedProductTests.product(matrix, x, rows: rows)
    for row in 0..<rows {
      let own = Array(x[row * depth..<(row + 1) * depth])
      let alone = RoundedProductTests.product(matrix, own, rows: 1)
      #expect(Array(together[row * columns..<(row + 1) * columns]) == alone)
    }
  }

  @Test func `packing the transpose multiplies with it`() {
    let (columns, depth) = (45, 20)
    let w = numbers(columns * depth, seed: 5)
    let transposed = (0..<columns * depth).map { w[$0 % columns * depth + $0 / columns] }
    let plain = PackedMatrix(columns: columns, depth: depth)
    plain.pack(w)
    let other = PackedMatrix(columns: columns, depth: depth)
    other.packTransposed(transposed)
    let x = numbers(depth, seed: 6)
    let results = [plain, other].map { RoundedProductTests.product($0, x, rows: 1) }
    #expect(results[0] == results[1])
  }

  @Test(arguments: [1, 7, 16, 100, 49_152])
  func `log-probability and entropy come from the softmax`(_ vocabulary: Int) {
    let logits = numbers(vocabulary, seed: 7).map { $0 * 20 }
    var (logProbability, entropy, logSum): (Float, Float, Float) = (0, 0, 0)
    let target = vocabulary / 2
    logits.withRows(of: vocabulary) {
      logSoftmax(
        $0, vocabulary: vocabulary, targets: [Int32(target)], logProbabilities: &logProbability,
        entropies: &entropy, logSums: &logSum)
    }
    let most = Double(logits.max() ?? 0)
    let weights = logits.map { exp(Double($0) - most) }
    let sum = weights.reduce(0, +)
    let expected = weights.reduce(0.0) { $1 > 0 ? $0 - $1 / sum * log($1 / sum) : $0 }
    #expect(abs(Double(logProbability) - log(weights[target] / sum)) < 2e-5)
    #expect(abs(Double(entropy) - expected) < 2e-5)
  }

  @Test func `logits of minus infinity have no probability and no gradient`() {
    var logits: [Float] = [1, -.infinity, 2]
    var (logProbability, entropy, logSum): (Float, Float, Float) = (0, 0, 0)
    logits.withMutableRows(of: 3) {
      logSoftmax(
        $0, vocabulary: 3, targets: [0], logProbabilities: &logProbability, entropies: &entropy,
        logSums: &logSum)
      logSoftmaxBackward(
        $0, vocabulary: 3, targets: [0], entropies: [entropy], logSums: [logSum],
        logProbabilityGradient: [1], entropyGradient: [1])
    }
    #expect(entropy.isFinite)
    #expect(logits[1] == 0)
    #expect(abs(logits.reduce(0, +)) < 1e-6)
  }

  @Test func `the machine says what its numbers depend on`() {
    #expect(["avx512", "avx2", "baseline"].contains(Machine.kernelSet))
    #expect(!Machine.openBLASCore.isEmpty)
    #expect(Machine.processors >= 1)
  }
}
