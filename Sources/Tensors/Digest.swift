import CKernels

/// SHA-256 (FIPS 180-4) of bytes that come in parts.
public struct Digest {
  private var state: [UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab,
    0x5be0_cd19,
  ]
  /// Bytes of a block that is not whole yet.
  private var rest: [UInt8] = []
  private var count: UInt64 = 0

  /// The digest of nothing so far.
  public init() {}

  /// Adds the next bytes.
  public mutating func add(_ bytes: UnsafeRawBufferPointer) {
    count += UInt64(bytes.count)
    var bytes = bytes[...]
    if !rest.isEmpty {
      let missing = bytes.prefix(64 - rest.count)
      rest += missing
      bytes = bytes.dropFirst(missing.count)
      guard rest.count == 64 else { return }
      let block = rest
      rest = []
      block.withUnsafeBytes { compress($0, blocks: 1) }
    }
    let blocks = bytes.count / 64
    compress(UnsafeRawBufferPointer(rebasing: bytes), blocks: blocks)
    rest = Array(bytes.dropFirst(64 * blocks))
  }

  /// The digest of all that was added, as 64 hexadecimal digits.
  public var hexadecimal: String {
    var last = self
    let bits = count * 8
    let zeros = (119 - rest.count) % 64
    let length = (0..<8).map { UInt8(truncatingIfNeeded: bits >> UInt64(56 - 8 * $0)) }
    let padding = [0x80] + [UInt8](repeating: 0, count: zeros) + length
    padding.withUnsafeBytes { last.add($0) }
    return last.state.map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }.joined()
  }

  private mutating func compress(_ bytes: UnsafeRawBufferPointer, blocks: Int) {
    guard blocks > 0, let start = bytes.baseAddress else { return }
    state.withUnsafeMutableBufferPointer { ck_sha256($0.baseAddress, start, blocks) }
  }
}
