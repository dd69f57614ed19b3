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
