public import Trajectories

// What people chose, beside the rule and each other.
extension WorkbenchState {
  /// The report on all that was chosen in this run.
  public var agreement: AgreementReport { history.agreement() }

  func agreementRows(columns: Int) -> [String] {
    let report = agreement
    guard report.people.isEmpty else {
      return agreementLines(report, columns: columns, glyphs: glyphs)
    }
    return wrapped(
      "Nobody has chosen a critical step blind yet: \(key(.blind)) hides what is known, then "
        + "\(key(.mark)) chooses a step.", columns: columns)
  }

  func drawAgreement(in area: Rect, on grid: inout Grid) {
    let inner = grid.box(area, title: "Agreement", focused: true, glyphs: Glyphs.of(glyphs))
    let rows = agreementRows(columns: inner.columns - 1)
    let first = top(of: .list)
    for (row, line) in rows.dropFirst(first).prefix(inner.rows).enumerated() {
      grid.write(line, row: row, column: 1, in: inner, role: line.hasPrefix(" ") ? .text : .heading)
    }
    grid.writeHidden(
      above: first, of: rows.count, shown: inner.rows, frame: area, glyphs: Glyphs.of(glyphs))
  }
}

extension RunHistory {
  /// The report on all that was chosen in this run.
  ///
  /// - Parameter includingOpen: Whether choices count that were made with the values in sight.
  /// - Returns: The report, empty where nobody chose.
  public func agreement(includingOpen: Bool = false) -> AgreementReport {
    AgreementReport(answers, includingOpen: includingOpen)
  }

  /// The trajectories that people judged, in the order in which they first were.
  public var answers: [AgreementReport.Answer] {
    var seen: Set<String> = []
    return labels.compactMap { label in
      guard seen.insert(label.trajectory).inserted, let judged = trajectory(label.trajectory) else {
        return nil
      }
      return AgreementReport.Answer(
        trajectory: judged, proposal: proposal(for: judged.id), labels: labels(of: judged.id))
    }
  }
}
