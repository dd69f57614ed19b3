import CKernels
import Glibc

/// Rotates pairs of a head's numbers by angles that grow with the position.
///
/// Pair i is (x[i], x[i + half]), half = head width / 2, its angle position · frequency[i].
/// Su et al. 2021, eq. 34, in the half-split layout of Hugging Face's Llama.
public final class RotaryEmbedding {
  /// Radians a position, (half).
  public let frequencies: [Double]
  private let headWidth: Int
  private var cosines = FloatBuffer()
  private var sines = FloatBuffer()
  private var positions = 0

  /// Angles for those frequencies; there are half as many as a head is wide.
  public init(frequencies: [Double]) {
    self.frequencies = frequencies
    headWidth = frequencies.count * 2
  }

  /// Prepares the angles of positions 0 ..< `count`.
  public func prepare(positions count: Int) {
    guard count > positions else { return }
    let wanted = max(count, positions * 2)
    let half = frequencies.count
    cosines.reserve(wanted * half)
    sines.reserve(wanted * half)
    for position in 0..<wanted {
      for (pair, frequency) in frequencies.enumerated() {
        let angle = Double(position) * frequency
        cosines.start[position * half + pair] = Float(cos(angle))
        sines.start[position * half + pair] = Float(sin(angle))
      }
    }
    positions = wanted
  }

  /// Rotates `heads` heads of rows at consecutive prepared positions, in place.
  ///
  /// Arguments:
  /// - `x`: (rows, heads · head width).
  /// - `start`: Position of the first row.
  public func rotate(_ x: Rows, heads: Int, start: Int) {
    turn(x, heads: heads, start: start, direction: 1)
  }

  /// Carries a gradient back through `rotate`: the rotation by the opposite angle.
  public func rotateBackward(_ xGradient: Rows, heads: Int, start: Int) {
    turn(xGradient, heads: heads, start: start, direction: -1)
  }

  private func turn(_ x: Rows, heads: Int, start: Int, direction: Float) {
    let offset = start * frequencies.count
    ck_rope(
      x.count, heads, headWidth, x.start, x.stride, cosines.start + offset, sines.start + offset,
      direction)
  }
}
