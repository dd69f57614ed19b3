import CKernels

/// How a file stores the numbers of a tensor; the quantised formats are ggml's.
public enum StorageFormat: String, Sendable, CaseIterable {
  /// 32-bit floats.
  case f32 = "F32"
  /// 16-bit floats of IEEE 754.
  case f16 = "F16"
  /// The upper halves of 32-bit floats.
  case bf16 = "BF16"
  /// 8 bits, one scale a block of 32.
  case q80 = "Q8_0"
  /// 4 bits, one scale a block of 32.
  case q40 = "Q4_0"
  /// 4 bits, scale and minimum a block of 32.
  case q41 = "Q4_1"
  /// 5 bits, one scale a block of 32.
  case q50 = "Q5_0"
  /// 5 bits, scale and minimum a block of 32.
  case q51 = "Q5_1"
  /// 4 bits, scales and minima of 6 bits within a block of 256.
  case q4K = "Q4_K"
  /// 5 bits, scales and minima of 6 bits within a block of 256.
  case q5K = "Q5_K"
  /// 6 bits, scales of 8 bits within a block of 256.
  case q6K = "Q6_K"
  /// 4 bits that stand for unequal steps, one scale a block of 32.
  case iq4NL = "IQ4_NL"
  /// The same, scales of 6 bits within a block of 256.
  case iq4XS = "IQ4_XS"

  /// Numbers of a block; a row has a whole number of blocks.
  public var blockLength: Int {
    switch self {
    case .f32, .f16, .bf16: 1
    case .q80, .q40, .q41, .q50, .q51, .iq4NL: 32
    case .q4K, .q5K, .q6K, .iq4XS: 256
    }
  }

  /// Bytes of a block.
  public var blockBytes: Int {
    switch self {
    case .f32: 4
    case .f16, .bf16: 2
    case .q80: 34
    case .q40: 18
    case .q41: 20
    case .q50: 22
    case .q51: 24
    case .q4K: 144
    case .q5K: 176
    case .q6K: 210
    case .iq4NL: 18
    case .iq4XS: 136
    }
  }

  /// Bytes of that many numbers, which must be whole blocks.
  public func bytes(of count: Int) -> Int { count / blockLength * blockBytes }

  /// Writes `count` numbers as floats; `stored` holds whole blocks and need not be aligned.
  public func expand(
    _ stored: UnsafeRawPointer, count: Int, into floats: UnsafeMutablePointer<Float>
  ) {
    let blocks = count / blockLength
    switch self {
    case .f32: UnsafeMutableRawPointer(floats).copyMemory(from: stored, byteCount: 4 * count)
    case .f16: ck_widen_f16(count, stored, floats)
    case .bf16: ck_widen_bf16(count, stored, floats)
    case .q80: ck_expand_q8_0(blocks, stored, floats)
    case .q40: ck_expand_q4_0(blocks, stored, floats)
    case .q41: ck_expand_q4_1(blocks, stored, floats)
    case .q50: ck_expand_q5_0(blocks, stored, floats)
    case .q51: ck_expand_q5_1(blocks, stored, floats)
    case .q4K: ck_expand_q4_k(blocks, stored, floats)
    case .q5K: ck_expand_q5_k(blocks, stored, floats)
    case .q6K: ck_expand_q6_k(blocks, stored, floats)
    case .iq4NL: ck_expand_iq4_nl(blocks, stored, floats)
    case .iq4XS: ck_expand_iq4_xs(blocks, stored, floats)
    }
  }

  /// Formats that `store` writes.
  public static let writable: [StorageFormat] = [.f32, .f16, .q80]

  /// Writes floats in this format, one of `writable`; `count` must be whole blocks.
  public func store(
    _ floats: UnsafePointer<Float>, count: Int, into stored: UnsafeMutableRawPointer
  ) {
    switch self {
    case .f32: stored.copyMemory(from: floats, byteCount: 4 * count)
    case .f16: ck_narrow_f16(count, floats, stored)
    case .q80: ck_quantise_q8_0(count / blockLength, floats, stored)
    default: preconditionFailure("\(rawValue) is only read")
    }
  }
}
