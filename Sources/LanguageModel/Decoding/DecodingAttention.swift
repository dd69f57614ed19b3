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
  /// `queries` and `outputs` are (rows, heads · headWidth).
  func run(
    _ piece: Int, layer: Int, queries: Rows, outputs: Rows, scratch: UnsafeMutablePointer<Float>
  ) {
    let (number, head) = piece.quotientAndRemainder(dividingBy: shape.keyHeads)
    let rows = sharing.groups[number]
    let width = group * shape.headWidth
    let column = head * width
    let queryCount = rows.rows.count * group
    let q = Rows(scratch, stride: shape.headWidth, count: queryCount)
    let y = Rows(q[queryCount], stride: shape.headWidth, count: queryCount)
    let scores = Rows(y[queryCount], stride: scoreStride, count: queryCount)
    for (place, row) in rows.rows.enumerated() {
      q[place * group].update(from: queries[row] + column, count: width)
    }
    let shift = head * shape.headWidth * PageLayout.tokens
    score(rows, q, scores, offset: layout.keys(layer) + shift)
    y.clear()
    for stretch in rows.stretches {
      addValues(rows, stretch, scores, y, offset: layout.values(layer) + shift)
    }
    for (place, row) in rows.rows.enumerated() {
      (outputs[row] + column).update(from: y[place * group], count: width)
    }
  }

  /// The softmax of every query over its positions.
  private func score(
    _ rows: PageSharing.Group, _ q: Rows, _ scores: Rows, offset: Int
  ) {
    for stretch in rows.stretches {
      let queries = queries(of: stretch.rows, in: rows)
      entries[stretch.rows.lowerBound].cache.withPages { pages in
        pageScores(
          q[queries], headWidth: shape.headWidth, pages: pages, range: stretch.pages,
          offset: offset, into: scores[queries])
      }
    }
    for query in 0..<rows.rows.count * group {
      let count = entries[rows.rows.lowerBound + query / group].position + 1
      pageSoftmax(scores[query], count: count, headWidth: shape.headWidth)
    }
  }

  /// Adds the values of a stretch; positions that only some rows attend to row by row.
  private func addValues(
    _ rows: PageSharing.Group, _ stretch: PageSharing.Stretch, _ p: Rows, _ y: Rows, offset: Int
  ) {
    let start = stretch.pages.lowerBound * PageLayout.tokens
    let end = stretch.pages.upperBound * PageLayout.tokens
    let common = stretch.rows.reduce(end) { min($0, entries[$1].position + 1) }
    entries[stretch.rows.lowerBound].cache.withPages { pages in
      func add(_ some: Range<Int>, _ positions: Range<Int>) {
        let queries = queries(of: some, in: rows)
        addPageValues(
          p[queries], headWidth: shape.headWidth, pages: pages, positions: positions,
          offset: offset, to: y[queries])
      }
      add(stretch.rows, start..<common)
      for row in stretch.rows where min(end, entries[row].position + 1) > common {
        add(row..<row + 1, common..<min(end, entries[row].position + 1))
      }
    }
  }

  /// The queries of some rows, counted from the first of the group.
  private func queries(of some: Range<Int>, in rows: PageSharing.Group) -> Range<Int> {
    let first = rows.rows.lowerBound
    return (some.lowerBound - first) * group..<(some.upperBound - first) * group
  }
}

/// Which rows of a batch read which pages together.
///
/// Rows that share pages stand side by side, since rollouts start in the order of their prefixes.
/// Neighbours that begin with the same pages read them as one stretch.
struct PageSharing {
  /// Pages that neighbouring rows share.
  struct Stretch {
    var rows: Range<Int>
    var pages: Range<Int>
  }

  /// Rows that one thread works on at a time, and their stretches in order of position.
  struct Group {
    var rows: Range<Int>
    var stretches: [Stretch] = []
  }

  /// Most rows of a group.
  static let rows = 16

  private(set) var groups: [Group] = []

  init(_ entries: [DecodingWorkspace.Entry], rows: Int) {
    for start in stride(from: 0, to: entries.count, by: rows) {
      let range = start..<min(entries.count, start + rows)
      var group = Group(rows: range)
      Self.cut(entries, range, from: 0, into: &group.stretches)
      groups.append(group)
    }
  }

  /// Cuts rows that agree up to a page into those that agree further.
  private static func cut(
    _ entries: [DecodingWorkspace.Entry], _ rows: Range<Int>, from first: Int,
    into stretches: inout [Stretch]
  ) {
    var start = rows.lowerBound
    while start < rows.upperBound {
      let page = entries[start].page(first)
      var end = start + 1
      while end < rows.upperBound, entries[end].page(first) == page { end += 1 }
      defer { start = end }
      guard page != nil else { continue }
      var last = first + 1
      while shared(entries, start..<end, last) { last += 1 }
      stretches.append(Stretch(rows: start..<end, pages: first..<last))
      if start + 1 < end { cut(entries, start..<end, from: last, into: &stretches) }
    }
  }

  private static func shared(
    _ entries: [DecodingWorkspace.Entry], _ rows: Range<Int>, _ index: Int
  ) -> Bool {
    guard let page = entries[rows.lowerBound].page(index) else { return false }
    return rows.dropFirst().allSatisfy { entries[$0].page(index) == page }
  }
}

extension DecodingWorkspace.Entry {
  /// The page of that number as long as the token attends to some of it.
  fileprivate func page(_ index: Int) -> UnsafeMutablePointer<Float>? {
    let first = index * PageLayout.tokens
    return first <= position ? cache.page(at: first) : nil
  }
}
