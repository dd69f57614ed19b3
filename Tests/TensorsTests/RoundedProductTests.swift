import Tensors
import Testing

@Suite struct RoundedProductTests {
  static func rounded(_ x: Float) -> Float {
    let bits = x.bitPattern
    return Float(bitPattern: (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff_0000)
  }

  static func numbers(_ count: Int, seed: UInt64) -> [Float] {
    var random = Random(seed: seed)
    return (0..<count).map { _ in random.uniform() * 2 - 1 }
  }

  static func product(
    _ matrix: PackedMatrix, _ x: [Float], rows: Int, workers: Int = 1
  ) -> [Float] {
    let stride = rowStride(matrix.columns)
    var y = [Float](repeating: 0, count: rows * stride)
    var scratch = [Float](repeating: 0, count: x.count + rows)
    x.withRows(of: matrix.depth) { x in
      y.withMutableRows(of: stride) { y in
        scratch.withUnsafeMutableBufferPointer { scratch in
          matrix.product(x, into: y, workers: workers, scratch: scratch.baseAddress)
        }
      }
    }
    return (0..<rows).flatMap { y[$0 * stride..<$0 * stride + matrix.columns] }
  }

  @Test(arguments: [1, 5, 12, 30], [2, 33, 128])
  func `both factors are rounded and the sums run by pairs, the later number first`(
    _ rows: Int, _ depth: Int
  ) {
    let columns = 70
    let w = Self.numbers(columns * depth, seed: 1)
    let x = Self.numbers(rows * depth, seed: 2)
    let matrix = PackedMatrix(columns: columns, depth: depth, precision: .bfloat16)
    w.withUnsafeBufferPointer { w in w.baseAddress.map { matrix.pack($0) } }
    let y = Self.product(matrix, x, rows: rows)
    for row in 0..<rows {
      for column in 0..<columns {
        var sum: Float = 0
        for pair in stride(from: 0, to: depth, by: 2) {
          for k in [pair + 1, pair] where k < depth {
            sum += Self.rounded(x[row * depth + k]) * Self.rounded(w[column * depth + k])
          }
        }
        #expect(y[row * columns + column] == sum)
      }
    }
  }

  @Test(arguments: ProductPrecision.allCases)
  func `a row's numbers do not depend on other rows nor on the threads`(
    _ precision: ProductPrecision
  ) {
    let (columns, depth) = (700, 200)
    let w = Self.numbers(columns * depth, seed: 3)
    let x = Self.numbers(20 * depth, seed: 4)
    let matrix = PackedMatrix(columns: columns, depth: depth, precision: precision)
    w.withUnsafeBufferPointer { w in w.baseAddress.map { matrix.pack($0) } }
    let all = Self.product(matrix, x, rows: 20)
    #expect(Self.product(matrix, x, rows: 20, workers: 3) == all)
    for row in [0, 7, 19] {
      let alone = Self.product(matrix, Array(x[row * depth..<(row + 1) * depth]), rows: 1)
      #expect(alone == Array(all[row * columns..<(row + 1) * columns]))
    }
  }
}
