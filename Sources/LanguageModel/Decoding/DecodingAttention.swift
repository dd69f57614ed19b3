import Tensors

/// Attention of a batch over its caches: one piece of work is a few rows and one key head.
struct DecodingAttention {
  private let shape: AttentionShape
  private let layout: PageLayout
  private let entries: [DecodingWorkspace.Entry]
  private let sharing: PageSharing
  private let scoreStride: Int
  private var group: Int { shape.heads / shape.keyHeads }

  /// Prepares the attention of every layer of a step.
  init(
    _ shape: AttentionShape, _ layout: PageLayout, _ entries: [DecodingWorkspace.Entry],
    workers: Int
  ) {
    self.shape = shape
    self.layout = layout
    self.entries = entries
    // Enough pieces for every worker; more rows a piece read shared pages less often.
    let wanted = workers > 1 ? entries.count * shape.keyHeads / (4 * workers) : entries.count
    sharing = PageSharing(entries, rows: max(1, min(PageSharing.rows, wanted)))
    let longest = entries.reduce(0) { max($0, $1.position + 1) }
    scoreStride = (longest + 15) / 16 * 16
  }

  /// Pieces that may run side by side.
  var pieces: Int { sharing.groups.count * shape.keyHeads }

  /// Floats of scratch that a piece needs.
  var scratch: Int { PageSharing.rows * group * (2 * shape.headWidth + scoreStride) }

  /// Computes one piece of a layer.
  ///
  /// `queries` and `outputs` are (rows, heads · headWidth), with the given strides.
  func run(
    _ piece: Int, layer: Int, queries: UnsafePointer<Float>, queryStride: Int,
    outputs: UnsafeMutablePointer<Float>, outputStride: Int, scratch: UnsafeMutablePointer<Float>
  ) {
    let (number, head) = piece.quotientAndRemainder(dividingBy: shape.keyHeads)
    let rows = sharing.groups[number]
    let width = group * shape.headWidth
    let column = head * width
    let q = scratch
    let y = q + rows.rows.count * width
    let scores = y + rows.rows.count * width
    for (place, row) in rows.rows.enumerated() {
      (q + place * width).update(from: queries + row * queryStride + column, count: width)
    }
    let shift = head * shape.headWidth * PageLayout.tokens
    score(rows, q, scores, offset: layout.keys(layer) + shift)
    y.update(repeating: 0, count: rows.rows.count * width)
    for stretch in rows.stretches {
      addValues(rows, stretch, scores, y, offset: layout.values(layer) + shift)
    }
    for (place, row) in rows.rows.enumerated() {
      (outputs + row * outputStride + column).update(from: y + place * width, count: width)
    }
  }

  /// The softmax of every query over its positions.
  private func score(
    _ rows: PageSharing.Group, _ q: UnsafePointer<Float>, _ scores: UnsafeMutablePointer<Float>,
    offset: Int
  ) {
    for stretch in rows.stretches {
      let first = (stretch.rows.lowerBound - rows.rows.lowerBound) * group
      entries[stretch.rows.lowerBound].cache.withPages { pages in
        pageScores(
          queries: stretch.rows.count * group, headWidth: shape.headWidth,
          q: q + first * shape.headWidth, pages: pages, range: stretch.pages, offset: offset,
          scores: scores + first * scoreStride, stride: scoreStride)
      }
    }
    for query in 0..<rows.rows.count * group {
      let count = entries[rows.rows.lowerBound + query / group].position + 1
      pageSoftmax(scores + query * scoreStride, count: count, headWidth: shape.headWidth)
    }
  }

  /// Adds the values of a stretch; positions that only some rows attend to row by row.
  private func addValues(
    _ rows: PageSharing.Group, _ stretch: PageSharing.Stretch, _ p: UnsafePointer<Float>,
    _ y: UnsafeMutablePointer<Float>, offset: Int
  ) {
    let start = stretch.pages.lowerBound * PageLayout.tokens
    let end = stretch.pages.upperBound * PageLayout.tokens
    let common = stretch.rows.reduce(end) { min($0, entries[$1].position + 1) }
    entries[stretch.rows.lowerBound].cache.withPages { pages in
      func add(_ some: Range<Int>, _ positions: Range<Int>) {
        let first = (some.lowerBound - rows.rows.lowerBound) * group
        addPageValues(
          queries: some.count * group, headWidth: shape.headWidth, p: p + first * scoreStride,
          stride: scoreStride, pages: pages, positions: positions, offset: offset,
          y: y + first * shape.headWidth)
      }
      add(stretch.rows, start..<common)
      for row in stretch.rows where min(end, entries[row].position + 1) > common {
        add(row..<row + 1, common..<min(end, entries[row].position + 1))
      }
    }
  }
}
