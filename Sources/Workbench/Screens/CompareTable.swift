import Trajectories

// The table of the Compare screen: a row a quantity, a column a version, and the difference.
extension CompareScreen {
  /// A line of the table: what it is, and one entry a version, and their difference.
  struct Line {
    var name: String
    var first: Span
    var second: Span
    var difference = Span("")
  }

  func rows(of result: StepBeforeAfter) -> [Line] {
    let choosing = state.compare.choosingSecond
    func title(_ version: Int, _ isChosen: Bool) -> Span {
      let words = version == 0 ? "update 0, untrained" : "update \(version)"
      return Span(
        (isChosen ? "\(glyphs.selected) " : "  ") + words, isChosen ? .borderFocused : .heading)
    }
    return [
      Line(
        name: "", first: title(result.firstVersion, !choosing),
        second: title(result.secondVersion, choosing), difference: Span("difference", .heading)),
      Line(
        name: "V before", first: value(result.first?.before), second: value(result.second?.before),
        difference: difference(result.change)),
      Line(
        name: "V after", first: value(result.first?.after), second: value(result.second?.after),
        difference: difference(result.changeAfter)),
      Line(
        name: "A", first: advantage(result.first), second: advantage(result.second),
        difference: advantageDifference(result)),
      Line(
        name: "sampled", first: sampled(result.firstVersion), second: sampled(result.secondVersion),
        difference: sampledDifference(result)),
      Line(
        name: "greedy", first: greedy(result.firstVersion), second: greedy(result.secondVersion)),
    ]
  }

  /// Entries side by side; where columns are few, the difference is left out.
  func spans(_ line: Line, columns: Int) -> [Span] {
    let width = columns >= 72 ? 25 : max(8, (columns - 10) / 2)
    func cell(_ span: Span) -> Span {
      Span(padded(clip(span.text, to: width - 1, glyphs: glyphs), to: width), span.role)
    }
    let name = Span(padded(line.name, to: 10), .dim)
    return [name, cell(line.first), cell(line.second)] + (columns >= 72 ? [line.difference] : [])
  }

  private func value(_ value: StepValue?) -> Span {
    guard let value else { return Span("not valued", .dim) }
    guard value.rollouts > 0 else { return Span("\(share(value.mean))  its own reward") }
    return Span("\(share(value.mean)) \(interval(value.low, value.high)) n \(value.rollouts)")
  }

  private func advantage(_ credit: Credit?) -> Span {
    guard let credit else { return Span("not valued", .dim) }
    let text =
      "\(signed(credit.advantage, glyphs: glyphs)) "
      + signedInterval(credit.low, credit.high, glyphs: glyphs)
    return Span(
      text, credit.sure ? (credit.advantage < 0 ? .barNegative : .barPositive) : .barUnsure)
  }

  private func difference(_ change: Credit?) -> Span { change.map { advantage($0) } ?? Span("") }

  private func advantageDifference(_ result: StepBeforeAfter) -> Span {
    guard let change = result.advantageChange else { return Span("") }
    let isSure = change.low > 0 || change.high < 0
    return Span(
      "\(signed(change.value, glyphs: glyphs)) "
        + signedInterval(change.low, change.high, glyphs: glyphs),
      isSure ? (change.value < 0 ? .barNegative : .barPositive) : .barUnsure)
  }

  private var plusMinus: String { glyphs.plusMinus }

  private func sampled(_ version: Int) -> Span {
    guard let result = state.history.evaluation(of: version) else {
      return Span("not evaluated", .dim)
    }
    return Span("\(share(result.sampled)) \(plusMinus)\(share(result.sampledError))")
  }

  private func greedy(_ version: Int) -> Span {
    guard let result = state.history.evaluation(of: version) else {
      return Span("not evaluated", .dim)
    }
    return Span("\(share(result.greedy)) \(plusMinus)\(share(result.greedyError))")
  }

  /// The difference of sampled accuracy with 1.96 standard errors; both use the same problems,
  /// so that it is, if anything, too wide.
  private func sampledDifference(_ result: StepBeforeAfter) -> Span {
    guard let first = state.history.evaluation(of: result.firstVersion),
      let second = state.history.evaluation(of: result.secondVersion)
    else { return Span("") }
    let value = second.sampled - first.sampled
    let variance =
      first.sampledError * first.sampledError + second.sampledError * second.sampledError
    let half = 1.959964 * variance.squareRoot()
    let isSure = abs(value) > half
    return Span(
      "\(signed(value, glyphs: glyphs)) "
        + signedInterval(value - half, value + half, glyphs: glyphs),
      isSure ? (value < 0 ? .barNegative : .barPositive) : .barUnsure)
  }
}
