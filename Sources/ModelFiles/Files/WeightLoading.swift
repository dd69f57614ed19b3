import LanguageModel
import Tensors

/// Turns the weights of a file into floats, in pieces that the cores share.
struct WeightLoading {
  /// The weights in the order of the buffer, of the shapes that the architecture asks for.
  let tensors: [StoredTensor]
  let shapes: [(name: String, shape: [Int])]

  private struct Piece {
    var tensor: Int
    var rows: Range<Int>
    var count: Int
  }

  // Small enough that both cores end together, large enough that handing over costs nothing.
  private static let pieceLength = 1 << 18
  // Weights between two reports: some ten milliseconds' work.
  private static let batchLength = 1 << 23

  /// Reads everything; nil where `progress` says stop.
  func load(_ progress: (_ done: Int, _ total: Int) -> Bool) -> Parameters? {
    let parameters = Parameters(unfilled: shapes)
    let total = parameters.count
    guard let base = parameters.weights.baseAddress, progress(0, total) else { return nil }
    var done = 0
    for batch in batches() {
      Parallel.run(batch.count) { index, _ in
        let piece = batch[index]
        let tensor = tensors[piece.tensor]
        let start =
          parameters.slices[piece.tensor].offset + piece.rows.lowerBound * tensor.rowLength
        tensor.expand(piece.rows, into: base + start)
      }
      done += batch.reduce(0) { $0 + $1.count }
      guard progress(done, total) else { return nil }
    }
    return parameters
  }

  private func batches() -> [[Piece]] {
    var batches: [[Piece]] = [[]]
    var length = 0
    for (index, tensor) in tensors.enumerated() {
      let step = max(1, WeightLoading.pieceLength / max(1, tensor.rowLength))
      for row in stride(from: 0, to: tensor.rows, by: step) {
        let rows = row..<min(row + step, tensor.rows)
        if length > WeightLoading.batchLength {
          batches.append([])
          length = 0
        }
        let piece = Piece(tensor: index, rows: rows, count: rows.count * tensor.rowLength)
        batches[batches.count - 1].append(piece)
        length += piece.count
      }
    }
    return batches
  }
}
