import Trajectories

/// The table of the Study screen: a row a method, a column a task setting.
struct StudyTable {
  let board: StudyBoard
  let glyphs: Glyphs
  /// Cells across.
  let columns: Int

  /// Rows above the methods: what is shown, and the names of the task settings.
  static let headerRows = 2
  private static let narrowest = 13

  /// Cells of the methods' names.
  var nameColumns: Int {
    let longest = board.study.methods.map { cellWidth(name(of: $0)) }.max() ?? 0
    return min(longest + 1, max(10, columns * 3 / 8))
  }

  /// Task settings that can be seen at once.
  private var across: Int {
    min(board.study.tasks.count, max(1, (columns - nameColumns) / Self.narrowest))
  }

  /// The task settings that are seen, the chosen one among them.
  var tasks: Range<Int> {
    let first = min(max(0, board.task - across + 1), board.study.tasks.count - across)
    return first..<(first + across)
  }

  /// Cells of a column.
  var cellColumns: Int { min(26, (columns - nameColumns) / max(1, across)) }

  /// What the numbers are, in a line.
  var caption: String {
    let count = board.study.seeds.count
    let seeds = "over \(count) \(count == 1 ? "seed" : "seeds")"
    let hidden = board.study.tasks.count - across
    let more = hidden > 0 ? "; \(hidden) more task \(hidden == 1 ? "setting" : "settings")" : ""
    guard board.showsDifferences else {
      return "\(board.measure.words), mean and standard error \(seeds)\(more)"
    }
    return "\(board.measure.words): difference to the method it is compared with, \(seeds)\(more)"
  }

  /// A method's name; what is compared with another stands further right.
  func name(of method: StudyMethod) -> String {
    (method.against == nil ? "" : "  ") + inert(method.name)
  }

  /// What stands in a cell, no wider than a column.
  func entry(_ method: Int, _ task: Int) -> Span {
    let row = board.row(method, task)
    let running = board.running(method, task)
    let (done, all) = board.seeds(method, task)
    guard let row, let spread = row.spread(board.measure) else {
      if let failure = row?.failures.count, failure > 0 { return Span("\(failure) failed", .error) }
      guard !running.isEmpty else { return Span(row == nil ? "-" : "not told", .dim) }
      let share = running.reduce(0) { $0 + $1.share } / Double(running.count)
      return Span("\(Int(share * 100)) %", .running)
    }
    let count = done < all ? " \(done)/\(all)" : ""
    if board.showsDifferences, let difference = row.differences[board.measure] {
      return Span(fitting(words(for: difference), then: count), role(of: difference))
    }
    let mean = share(spread.mean, decimals: 3)
    let error = spread.standardError.map { " " + glyphs.plusMinus + share($0, decimals: 3) } ?? ""
    return Span(
      fitting([mean + error, mean], then: count),
      !running.isEmpty ? .running : board.showsDifferences ? .dim : .text)
  }

  /// The longest of these that leaves room for what follows.
  private func fitting(_ wishes: [String], then rest: String) -> String {
    let room = cellColumns - 2
    return wishes.map { $0 + rest }.first { cellWidth($0) <= room } ?? (wishes.last ?? "")
  }

  private func words(for difference: PairedDifference) -> [String] {
    let mean = signed(difference.spread.mean, decimals: 3, glyphs: glyphs)
    let interval = difference.interval.map {
      " " + signedInterval($0.lowerBound, $0.upperBound, glyphs: glyphs)
    }
    let error = difference.spread.standardError.map {
      " " + glyphs.plusMinus + share($0, decimals: 3)
    }
    return [mean + (interval ?? ""), mean + (error ?? ""), mean]
  }

  /// Whether the interval lies above, below or on both sides of zero.
  private func role(of difference: PairedDifference) -> Role {
    guard let interval = difference.interval else { return .barUnsure }
    return interval.lowerBound > 0
      ? .barPositive : interval.upperBound < 0 ? .barNegative : .barUnsure
  }
}
