public import Trajectories

extension ScreenName {
  /// What people chose beside the rule and each other.
  public static let agreement = ScreenName("agreement", AgreementScreen.self)
}

extension Command {
  /// What people chose beside the rule and each other.
  public static let agreement = Command(ScreenName.agreement.rawValue)
}

/// What people chose, beside the rule and each other.
struct AgreementScreen: Screen {
  let state: WorkbenchState

  static let key: ScreenKey? = ScreenKey(
    keys: "7", help: "People's choices beside the rule and each other", hint: "agreement")

  static func list(_ state: WorkbenchState, columns: Int) -> ListExtent {
    ListExtent(count: AgreementScreen(state: state).lines(columns: columns - 1).count)
  }

  static func hints(_ state: WorkbenchState) -> [Command] { [.back, .trajectories, .inspect] }

  func draw(in layout: Layout, on grid: inout Grid) {
    let area = layout.body
    let glyphs = Glyphs.of(state.glyphs)
    let inner = grid.box(area, title: "Agreement", focused: true, glyphs: glyphs)
    let rows = lines(columns: inner.columns - 1)
    let first = state.top(of: .list)
    for (row, line) in rows.dropFirst(first).prefix(inner.rows).enumerated() {
      grid.write(line, row: row, column: 1, in: inner, role: line.hasPrefix(" ") ? .text : .heading)
    }
    grid.writeHidden(above: first, of: rows.count, shown: inner.rows, frame: area, glyphs: glyphs)
  }

  private func lines(columns: Int) -> [String] {
    let report = state.agreement
    guard report.people.isEmpty else {
      return agreementLines(report, columns: columns, glyphs: state.glyphs)
    }
    return wrapped(
      "Nobody has chosen a critical step blind yet: \(state.key(.blind)) hides what is known, then "
        + "\(state.key(.mark)) chooses a step.", columns: columns)
  }
}

extension WorkbenchState {
  /// The report on all that was chosen in this run.
  public var agreement: AgreementReport { history.agreement() }
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

/// The agreement report as lines of text, for the screen and for the command line.
///
/// - Parameters:
///   - report: The report.
///   - columns: Most columns of a line.
///   - glyphs: The characters to draw with.
/// - Returns: The lines; names of people in them are inert.
public func agreementLines(
  _ report: AgreementReport, columns: Int, glyphs: GlyphSet = .unicode
) -> [String] {
  AgreementText(report: report, columns: columns, glyphs: Glyphs.of(glyphs)).lines
}

/// Writes a report line by line.
private struct AgreementText {
  let report: AgreementReport
  let columns: Int
  let glyphs: Glyphs

  var lines: [String] {
    guard !report.people.isEmpty else {
      return wrapped("Nobody has chosen a critical step blind yet.", columns: columns)
    }
    let rules = report.rules.isEmpty ? "no rule has spoken" : report.rules.joined(separator: ", ")
    var lines = wrapped(
      "Choices of critical steps beside the rule (\(inert(rules)))", columns: columns)
    for person in report.people { lines += [""] + words(for: person) }
    if !report.pairs.isEmpty { lines += ["", "Between two people, over steps"] }
    for pair in report.pairs { lines += words(for: pair) }
    return lines
  }

  private func paragraph(_ text: String) -> [String] {
    wrapped(text, columns: max(8, columns - 2)).map { "  " + $0 }
  }

  private func words(for person: AgreementReport.Person) -> [String] {
    var head = "\(inert(person.name)): \(person.labels) judged"
    head += person.blind == person.labels ? ", all blind" : ", \(person.blind) blind"
    if person.none > 0 { head += ", \(person.none) with no critical step" }
    if let median = person.medianSeconds { head += ", median \(duration(median)) each" }
    var lines = wrapped(head, columns: columns)
    guard person.rule.trajectories > 0 else {
      return lines + paragraph("no trajectory of which the rule also names a step")
    }
    lines += paragraph(share("same step as leads by the rule", person.rule))
    if person.clear.trajectories > 0, person.clear.trajectories < person.rule.trajectories {
      lines += paragraph(share("of those that the rule calls clear", person.clear))
    }
    lines += paragraph(kappa(person.rule))
    lines.append("  kind      chosen  led by the rule  both")
    for kind in person.kinds {
      lines.append(
        "  " + padded(kind.kind.rawValue, to: 10) + aligned("\(kind.chosen)", to: 6)
          + aligned("\(kind.led)", to: 17) + aligned("\(kind.same)", to: 6))
    }
    return lines
  }

  private func words(for pair: AgreementReport.Pair) -> [String] {
    paragraph(share("\(inert(pair.first)) and \(inert(pair.second)): the same", pair.agreement))
      + paragraph(kappa(pair.agreement))
  }

  private func share(_ name: String, _ it: StepAgreement) -> String {
    let observed = Double(it.same) / Double(max(1, it.trajectories))
    return "\(name): \(it.same) of \(it.trajectories), \(Workbench.share(observed)); "
      + "a uniform guess \(Workbench.share(it.chance))"
  }

  private func kappa(_ it: StepAgreement) -> String {
    let chance =
      "over \(it.steps) steps, \(Workbench.share(it.kappa.agreement)) alike, "
      + "\(Workbench.share(it.kappa.chance)) by the marginals"
    guard let kappa = it.kappa.kappa else { return "kappa not defined, \(chance)" }
    var words = "kappa \(signed(kappa, glyphs: glyphs))"
    if let error = it.clusteredError {
      words += ", standard error \(Workbench.share(error)) (a trajectory left out at a time)"
    } else if let error = it.kappa.standardError {
      words += ", standard error \(Workbench.share(error)) (as if steps were independent)"
    }
    return words + ", \(chance)"
  }
}
