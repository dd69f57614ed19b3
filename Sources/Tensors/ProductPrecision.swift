/// How the factors of a product are kept; sums are 32-bit floats either way.
public enum ProductPrecision: String, Codable, CaseIterable, Sendable {
  /// 32-bit floats, as the weights are trained.
  case float32 = "f32"
  /// Both factors are rounded to 8 significant bits.
  ///
  /// It halves what is read and, where the processor multiplies such numbers by an instruction,
  /// doubles the speed. The result is the same, bit for bit, on every processor as long as numbers
  /// below 1e-38 play no part: that instruction takes them for zero.
  case bfloat16 = "bf16"
}

/// The memory of floats as words of two bfloat16 numbers each.
func words(_ floats: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<UInt32> {
  UnsafeMutableRawPointer(floats).assumingMemoryBound(to: UInt32.self)
}
