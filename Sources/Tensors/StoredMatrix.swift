import CKernels
import Glibc

/// A matrix in the few bits a number that a model file gives it.
///
/// Its blocks lie in panels of columns and are widened where a product needs them, in registers or in
/// the first cache; nowhere are they all floats. A product has the same bits as `PackedMatrix` gives
/// for the same weights in 32-bit floats, since every element is summed in the order of the depth.
public final class StoredMatrix {
  /// How the file stored it.
  public let format: StorageFormat
  /// Columns of a product with it.
  public let columns: Int
  /// Length of the sums.
  public let depth: Int
  private let shape: ck_stored
  private let panelBytes: Int
  private let panels: UnsafeMutableBufferPointer<Float>

  /// Whether rows of that length in that format can be held so: whole blocks of 32, or of 256 numbers.
  public static func holds(_ format: StorageFormat, depth: Int) -> Bool {
    format.storedShape != nil && depth > 0 && depth % max(32, format.blockLength) == 0
  }

  /// Room for a matrix that `holds` said yes to; its weights are 0 until `take`.
  public init(_ format: StorageFormat, columns: Int, depth: Int) {
    guard StoredMatrix.holds(format, depth: depth), let (bits, kind) = format.storedShape else {
      preconditionFailure("\(format.rawValue) of \(depth) numbers cannot be held in blocks")
    }
    self.format = format
    self.columns = columns
    self.depth = depth
    shape = ck_stored(columns: columns, depth: depth, bits: Int32(bits), kind: kind)
    panelBytes = ck_stored_panel_bytes(shape)
    // Products take two panels at a time.
    panels = allocateFloats((columns + 31) / 32 * 2 * panelBytes / MemoryLayout<Float>.stride)
  }

  deinit { panels.deallocate() }

  /// Bytes it takes.
  public var bytes: Int { panels.count * MemoryLayout<Float>.stride }

  /// Takes column n, a row of the file, from its blocks, which need not be aligned.
  ///
  /// Threads may take columns of different panels of 16 side by side.
  public func take(_ n: Int, from row: UnsafeRawPointer) {
    ck_stored_pack(
      shape, format.isUnequal, n % StoredMatrix.panelColumns, row,
      panel(n / StoredMatrix.panelColumns))
  }

  /// Columns that share a panel.
  public static let panelColumns = Int(CK_STORED_PANEL)

  /// y[r, n] = Σ_k x[r, k] · w[n, k], or added to y.
  ///
  /// Arguments:
  /// - `x`: (rows, depth).
  /// - `y`: (rows, columns); nothing beyond them is written.
  /// - `adding`: Adds to y instead of setting it.
  /// - `workers`: Threads that share the columns.
  public func product(_ x: Rows, into y: Rows, adding: Bool = false, workers: Int = 1) {
    let piece = columnsPerPiece(workers)
    Parallel.run((columns + piece - 1) / piece, workers: workers) { index, _ in
      let first = index * piece
      var part = shape
      part.columns = min(piece, columns - first)
      ck_stored_product(
        part, x.count, x.start, x.stride, panel(first / StoredMatrix.panelColumns),
        y.start + first, y.stride, adding ? 1 : 0)
    }
  }

  /// Writes columns as floats, one after another, as rows of (columns, depth).
  public func expand(_ range: Range<Int>, into floats: UnsafeMutablePointer<Float>) {
    // Two panels by one block, which stay in the first cache until they are turned.
    let side = 32
    let block = FloatBuffer(side * side)
    for first in stride(from: range.lowerBound / side * side, to: range.upperBound, by: side) {
      let columns = range.clamped(to: first..<first + side)
      for k in stride(from: 0, to: depth, by: side) {
        ck_stored_widen(
          shape, panel(first / StoredMatrix.panelColumns), k, k + side, block.start, side)
        for column in columns {
          let row = floats + (column - range.lowerBound) * depth + k
          let source = block.start + (column - first)
          for number in 0..<side { row[number] = source[side * number] }
        }
      }
    }
  }

  /// Several pieces for every worker, so that none waits long for another.
  private func columnsPerPiece(_ workers: Int) -> Int {
    guard workers > 1, columns * depth >= 1 << 16 else { return max(1, columns) }
    return rowStride(min(512, (columns + 3 * workers - 1) / (3 * workers)))
  }

  private func panel(_ index: Int) -> UnsafeMutableRawPointer {
    guard let base = panels.baseAddress else { preconditionFailure("no panels") }
    return UnsafeMutableRawPointer(base) + index * panelBytes
  }
}

extension StorageFormat {
  /// Whether its numbers stand for unequal steps, which whole numbers of 8 bits take the place of.
  fileprivate var isUnequal: Bool { self == .iq4NL || self == .iq4XS }

  /// Bits of a number, and how it becomes a weight; nil for 32-bit floats.
  fileprivate var storedShape: (bits: Int, kind: ck_stored_kind)? {
    switch self {
    case .f32: nil
    case .f16: (16, CK_STORED_FLOAT16)
    case .bf16: (16, CK_STORED_BFLOAT16)
    case .q40: (4, CK_STORED_SCALE)
    case .iq4NL: (8, CK_STORED_SCALE)
    case .iq4XS: (8, CK_STORED_HALVES)
    case .q50: (5, CK_STORED_SCALE)
    case .q80: (8, CK_STORED_SCALE)
    case .q41: (4, CK_STORED_MINIMUM)
    case .q51: (5, CK_STORED_MINIMUM)
    case .q4K: (4, CK_STORED_SCALES)
    case .q5K: (5, CK_STORED_SCALES)
    case .q6K: (6, CK_STORED_HALVES)
    }
  }
}
