import Tensors
import Testing

@Suite struct PairedRowsTests {
  private static func rows(_ x: [Float], _ columns: Int) -> PairedRows {
    let count = x.count / columns
    let rows = PairedRows()
    rows.reserve(rows: count, columns: columns)
    // In two parts, as tiles of tokens are taken.
    let half = count / 4 * 2
    x.withRows(of: columns) { x in
      for part in [0..<half, half..<count] { rows.take(part, from: x[part]) }
    }
    return rows
  }

  /// Sums in the order of the kernels: stretches of 256 pairs, the later number of a pair first.
  private static func sum(
    _ count: Int, onto first: Float = 0, _ term: (Int) -> Float
  ) -> Float {
    var total = first
    for stretch in stride(from: 0, to: count, by: 512) {
      var sum: Float = 0
      for pair in stride(from: stretch, to: min(stretch + 512, count), by: 2) {
        for k in [pair + 1, pair] where k < count { sum += term(k) }
      }
      total = stretch == 0 && first == 0 ? sum : sum + total
    }
    return total
  }

  @Test(arguments: [1, 2, 37, 600], [3, 16, 77])
  func `a weight's gradient is added up over rounded rows, two at a time`(
    _ rows: Int, _ inputs: Int
  ) {
    let outputs = 21
    let dy = RoundedProductTests.numbers(rows * outputs, seed: 1)
    let x = RoundedProductTests.numbers(rows * inputs, seed: 2)
    let before = RoundedProductTests.numbers(14 * inputs, seed: 3)
    var gradient = before
    let pairs = (Self.rows(dy, outputs), Self.rows(x, inputs))
    gradient.withUnsafeMutableBufferPointer { gradient in
      guard let start = gradient.baseAddress else { return }
      pairs.0.addWeightGradient(start, outputs: 5..<19, rows: rows, input: pairs.1)
    }
    for output in 0..<14 {
      for input in 0..<inputs {
        let place = output * inputs + input
        let sum = Self.sum(rows, onto: before[place]) {
          RoundedProductTests.rounded(dy[$0 * outputs + 5 + output])
            * RoundedProductTests.rounded(x[$0 * inputs + input])
        }
        #expect(gradient[place] == sum)
      }
    }
  }

  @Test(arguments: [1, 13], [2, 35, 1030])
  func `a product with the rows as weights rounds both factors`(_ rows: Int, _ depth: Int) {
    let columns = 50
    let w = RoundedProductTests.numbers(depth * columns, seed: 4)
    let stride = rowStride(depth)
    var x = RoundedProductTests.numbers(rows * stride, seed: 5)
    let given = x
    var y = [Float](repeating: 9, count: rows * columns)
    let weights = Self.rows(w, columns)
    x.withMutableRows(of: stride) { x in
      y.withMutableRows(of: columns) { weights.product(rounding: x, into: $0) }
    }
    for row in 0..<rows {
      for column in 0..<columns {
        let sum = Self.sum(depth) {
          RoundedProductTests.rounded(given[row * stride + $0])
            * RoundedProductTests.rounded(w[$0 * columns + column])
        }
        #expect(y[row * columns + column] == sum)
      }
    }
  }

  @Test func `a matrix packed from its transpose is the same`() {
    let (columns, depth, rows) = (45, 23, 7)
    let w = RoundedProductTests.numbers(columns * depth, seed: 6)
    let transposed = (0..<depth).flatMap { k in (0..<columns).map { w[$0 * depth + k] } }
    let x = RoundedProductTests.numbers(rows * depth, seed: 7)
    let results = [false, true].map { isTransposed in
      let matrix = PackedMatrix(columns: columns, depth: depth, precision: .bfloat16)
      (isTransposed ? transposed : w).withUnsafeBufferPointer { w in
        guard let start = w.baseAddress else { return }
        isTransposed ? matrix.packTransposed(start) : matrix.pack(start)
      }
      return RoundedProductTests.product(matrix, x, rows: rows)
    }
    #expect(results[0] == results[1])
    #expect(results[0].contains { $0 != 0 })
  }
}
