import Tensors

extension Parameters {
  /// A short text that almost surely differs where any weight differs; no protection from malice.
  ///
  /// Blocks are mixed by themselves and then in order, so it does not depend on the threads.
  public var fingerprint: String {
    let block = 1 << 18
    let bytes = UnsafeRawBufferPointer(weights)
    // Slices are padded, so the buffer is whole words.
    let words = bytes.count / 8
    var marks = [UInt64](repeating: 0, count: (words + block - 1) / block)
    marks.withUnsafeMutableBufferPointer { marks in
      Parallel.run(marks.count) { index, _ in
        marks[index] = Parameters.mark(bytes, index * block..<min(words, (index + 1) * block))
      }
    }
    let whole = marks.reduce(UInt64(weights.count)) { Parameters.mixed($0, $1) }
    return String(whole, radix: 16)
  }

  /// Four lanes, so that the processor need not wait for each multiplication.
  private static func mark(_ bytes: UnsafeRawBufferPointer, _ words: Range<Int>) -> UInt64 {
    var lanes = SIMD4<UInt64>(1, 2, 3, 4)
    var at = words.lowerBound
    while at + 4 <= words.upperBound {
      let four = bytes.loadUnaligned(fromByteOffset: 8 * at, as: SIMD4<UInt64>.self)
      lanes = (lanes ^ four) &* SIMD4(repeating: 0x9E37_79B9_7F4A_7C15)
      lanes ^= lanes &>> 29
      at += 4
    }
    for word in at..<words.upperBound {
      lanes[0] = mixed(lanes[0], bytes.loadUnaligned(fromByteOffset: 8 * word, as: UInt64.self))
    }
    return mixed(mixed(lanes[0], lanes[1]), mixed(lanes[2], lanes[3]))
  }

  private static func mixed(_ one: UInt64, _ other: UInt64) -> UInt64 {
    let product = (one ^ other) &* 0xBF58_476D_1CE4_E5B9
    return product ^ (product >> 31)
  }
}
