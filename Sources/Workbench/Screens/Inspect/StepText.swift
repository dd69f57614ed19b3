import Trajectories

/// The text beside the list of steps: the step in full, its values, who says what, what is next.
struct StepText {
  let state: WorkbenchState
  let columns: Int
  private var glyphs: Glyphs { Glyphs.of(state.glyphs) }
  private var step: Int { state.step }

  var blocks: [TextBlock] {
    guard let trajectory = state.trajectory, trajectory.steps.indices.contains(step) else {
      return [.lines([[Span("No step is selected.", .dim)]])]
    }
    if case .split(let place) = state.mode {
      return [.lines(place.lines(columns: columns, glyphs: glyphs))]
    }
    let text = fullText(of: step, in: trajectory)
    let problem: [TextBlock] = [
      .paragraph(trajectory.problem.prompt, .text), .answer(to: trajectory.problem),
    ]
    guard !state.isVeiled(trajectory.id) else {
      return text + [.lines(blindLines(of: trajectory))] + problem
    }
    let raw = state.raw ? rawBlocks(of: trajectory) : []
    return text + [.lines(knownLines(of: trajectory.id))] + raw
      + [.lines([[], [Span("problem", .dim)]])] + problem
  }

  /// What is known of the step.
  private func knownLines(of id: String) -> [[Span]] {
    var lines = valueLines(of: id)
    lines += effectLines(of: id)
    lines += ruleLines(of: id)
    lines += markLines(of: id)
    lines += branchCount(of: id)
    return lines + anchorLines(of: id)
  }

  private func sentence(_ text: String, _ role: Role = .text) -> [[Span]] {
    wrapped(inert(text), columns: columns).map { [Span($0, role)] }
  }

  private func fullText(
    of place: Int, in trajectory: Trajectory
  ) -> [TextBlock] {
    let step = trajectory.steps[place]
    // A short step stands whole in the title of the pane.
    let isShort =
      step.text.utf8.count < 4000 && isTitle(state.shownText(of: place, in: trajectory))
    let hidesEnd = !state.raw && !trajectory.truncated
    let whole: [TextBlock] =
      isShort && !state.raw ? [] : [.step(trajectory.steps, place, hidesEnd: hidesEnd)]
    let note = state.isVeiled(trajectory.id) ? "" : step.words
    return note.isEmpty ? whole : whole + [.lines(sentence(note, step.noteRole))]
  }

  private func isTitle(_ text: String) -> Bool {
    cellWidth(oneLine(text)) < columns - 18 && !text.dropLast().contains("\n")
  }

  /// What to do while nothing is shown that would tell which step it is.
  private func blindLines(of trajectory: Trajectory) -> [[Span]] {
    let question =
      trajectory.isLabelled
      ? "which step is the first wrong one?" : "which step decides how this ends?"
    let hidden =
      trajectory.isLabelled ? "The label appears" : "Values, the rule and verdicts appear"
    let words =
      "Blind: \(question) \(state.key(.mark)) chooses this one, "
      + "\(state.key(.chooseNone)) says none. \(hidden) then."
    return [[]] + sentence(words, .warning) + [[], [Span("problem", .dim)]]
  }

  private func valueLines(of id: String) -> [[Span]] {
    guard let valuation = state.valuation(of: id), valuation.values.indices.contains(step) else {
      if let readOnly = state.readOnly { return sentence("Not valued: \(readOnly)", .dim) }
      let words = "Not valued yet: \(state.key(.estimate)) draws \(state.firstRollouts) "
      return sentence(words + "rollouts before every step.", .warning)
    }
    var lines: [[Span]] = []
    if state.partialValuations[id] != nil {
      lines.append([Span("values so far; rollouts still come", .running)])
    } else if valuation.policyVersion != state.history.policyVersion {
      let words =
        "These are values under update \(valuation.policyVersion), the policy is at update "
        + "\(state.history.policyVersion): \(state.key(.estimate)) values it anew."
      lines += sentence(words, .warning)
    }
    lines.append(valueLine("before", valuation.values[step], isEnd: false))
    lines += earlierLines(of: id, boundary: step)
    if valuation.values.indices.contains(step + 1) {
      let isEnd = step + 2 == valuation.values.count
      lines.append(valueLine("after ", valuation.values[step + 1], isEnd: isEnd))
      if !isEnd { lines += earlierLines(of: id, boundary: step + 1) }
    }
    guard let credit = state.credit(of: step, in: id) else { return lines }
    var line = [Span("A " + signed(credit.advantage, glyphs: glyphs), .heading)]
    line.append(Span("  " + signedInterval(credit.low, credit.high, glyphs: glyphs)))
    if !credit.sure { line.append(Span("  may be nothing", .barUnsure)) }
    if let proposal = state.proposal(for: id), proposal.leader == step {
      let ranked = proposal.candidates?.count ?? proposal.leader + 1
      // Steps that were valued under another policy cannot be compared with these.
      let all = proposal.candidates == nil || ranked == state.trajectory?.steps.count
      let among = all ? "P(largest)" : "P(largest of the \(ranked) valued)"
      let sure = Span("\(among) \(share(proposal.confidence))")
      let width = (line + [sure]).reduce(2) { $0 + cellWidth($1.text) }
      guard width <= columns else { return lines + [line, [sure]] }
      line += [Span("  "), sure]
    }
    return lines + [line]
  }

  /// What a boundary was worth under policies before the one whose values are shown, each apart:
  /// rollouts of different policies are never one estimate.
  private func earlierLines(of id: String, boundary: Int) -> [[Span]] {
    state.earlierValues(of: id, boundary: boundary).map { version, value in
      [
        Span("  update \(version): V \(share(value.mean))", .dim),
        Span("  \(interval(value.low, value.high))  \(value.rollouts) rollouts", .dim),
      ]
    }
  }

  private func valueLine(_ name: String, _ value: StepValue, isEnd: Bool) -> [Span] {
    if isEnd { return [Span("\(name)  ", .dim), Span("the end, reward \(share(value.mean))")] }
    if value.basis == .critic {
      return [
        Span("\(name)  ", .dim), Span("V \(share(value.mean))"), Span("  the critic's word", .dim),
      ]
    }
    if value.basis == .exact {
      return [
        Span("\(name)  ", .dim), Span("V \(share(value.mean))"),
        Span("  \(interval(value.low, value.high))"), Span("  enumerated", .dim),
      ]
    }
    let cut = value.truncated > 0 ? [Span(", \(value.truncated) cut off", .warning)] : []
    guard value.rollouts > 0 else {
      return [Span("\(name)  no rollouts \(cut.isEmpty ? "yet" : "that count")", .dim)] + cut
    }
    return [
      Span("\(name)  ", .dim), Span("V \(share(value.mean))"),
      Span("  \(interval(value.low, value.high))"),
      Span("  \(value.rollouts) rollouts", .dim),
    ] + cut
  }

  private func effectLines(of id: String) -> [[Span]] {
    let known = state.history.measurements(of: id)
    let recorded = state.proposal(for: id).flatMap(\.fresh).flatMap { $0.step == step ? $0 : nil }
    let measured = known.last { $0.control == .none && $0.effect.step == step }
    guard let effect = measured?.effect ?? recorded else {
      guard state.valuation(of: id) != nil else { return [] }
      return sentence(
        "fresh  not measured yet: \(state.key(.fresh)) draws rollouts that had no part in choosing",
        .dim)
    }
    let rollouts = effect.before.rollouts + effect.after.rollouts
    let version = measured?.policyVersion ?? state.history.policyVersion
    let under = version == state.history.policyVersion ? "" : ", under update \(version)"
    var lines = [
      [
        Span("fresh  ", .dim), Span("A " + signed(effect.advantage, glyphs: glyphs)),
        Span("  " + signedInterval(effect.low, effect.high, glyphs: glyphs)),
        Span("  \(rollouts) rollouts\(under)", .dim),
      ]
    ]
    for control in [Control.randomStep, .restart] {
      guard let other = known.last(where: { $0.control == control })?.effect else { continue }
      let name = control == .randomStep ? "a random step (\(other.step + 1))" : "a restart"
      // Starting over has no step before it, so it has a value and no advantage.
      let numbers =
        control == .restart
        ? "V \(share(other.before.mean))  \(interval(other.before.low, other.before.high))"
        : "A \(signed(other.advantage, glyphs: glyphs))  "
          + signedInterval(other.low, other.high, glyphs: glyphs)
      lines += sentence("control: \(name) \(numbers)", .dim)
    }
    return lines
  }

  private func ruleLines(of id: String) -> [[Span]] {
    guard let proposal = state.proposal(for: id) else { return [] }
    let caution = proposal.estimator?.caution.map { "; \($0)" } ?? ""
    let sure = "P \(share(proposal.confidence))\(caution)"
    var lines: [[Span]]
    if let step = proposal.step {
      let words = "\(state.ruleWords(proposal.rule)): step \(step + 1), \(sure)"
      lines = sentence(words, .stepProposed)
    } else {
      let words =
        "\(state.ruleWords(proposal.rule)): none is clear. Step \(proposal.leader + 1) leads, \(sure); "
        + "\(state.key(.locate)) draws more, \(state.key(.mark)) marks one yourself."
      lines = sentence(words, .warning)
    }
    lines += resetLines(proposal, of: id)
    if let answer = state.history.trajectory(id), let luck = state.luck(of: answer) {
      lines += sentence(words(for: luck), .warning)
    }
    return lines
  }

  /// Where training resets this answer to, or why it does not; a person's word says it itself.
  private func resetLines(_ choice: CriticalStep, of id: String) -> [[Span]] {
    guard state.mark(of: id) == nil, choice.candidates != nil else { return [] }
    let stored = state.storedChoice(of: id)
    var lines: [[Span]]
    let places = (stored ?? choice).resets.map { "\($0 + 1)" }.joined(separator: ", ")
    if let stored {
      let all = stored.step == nil ? ", clear or not" : ""
      let then =
        stored.policyVersion == choice.policyVersion
        ? "" : ": stored at update \(stored.storedAt ?? 0), by the values of then"
      lines = sentence("training resets to step \(places)\(all)\(then)", .stepProposed)
    } else if places.isEmpty {
      let reason = choice.candidate(choice.leader).map { whyNot($0, choice, of: id) } ?? ""
      lines = sentence("training does not reset here: \(reason)", .dim)
    } else {
      let words =
        "training does not reset here: it was valued by hand. By the recipe it would be step "
        + "\(places); \(state.key(.confirm)) confirms it."
      lines = sentence(words, .dim)
    }
    guard let candidate = choice.candidate(step), candidate.verdict != .reset,
      stored == nil || stored?.policyVersion == choice.policyVersion,
      step != choice.leader || !places.isEmpty
    else { return lines }
    return lines
      + sentence("not to step \(step + 1): \(whyNot(candidate, choice, of: id))", .dim)
  }

  /// The reason why training does not reset to a candidate, with the numbers it rests on.
  private func whyNot(_ candidate: StepCandidate, _ choice: CriticalStep, of id: String) -> String {
    let values = state.valuation(of: id)?.values ?? []
    let value = values.indices.contains(candidate.step) ? values[candidate.step].mean : 0
    let recipe = state.history.start?.recipe ?? Recipe()
    let chance = state.history.trajectory(id)?.problem.guessChance ?? 0
    switch candidate.verdict {
    case .reset: return ""
    case .notByValues: return "resets.start is \"\(recipe.resets.start.rawValue)\""
    case .otherOutcome:
      return choice.rule.resetsFailures
        ? "this rule resets failed answers only" : "only right answers are reset"
    case .outsideBand:
      return "V at the start, \(share(values.first?.mean ?? 0)), lies outside the band "
        + "\(share(recipe.values.bandLow)) to \(share(recipe.values.bandHigh))"
    case .belowFloor:
      return "V \(share(value)) before step \(candidate.step + 1) is below "
        + "\(share(chance + recipe.values.floor)) (guessing \(share(chance)), floor "
        + "\(share(recipe.values.floor)))"
    case .smallAdvantage:
      let advantage = state.valuation(of: id)?.credit(of: candidate.step)?.advantage ?? 0
      return "A \(signed(advantage, glyphs: glyphs)) of step \(candidate.step + 1) is not the "
        + "gain of \(share(recipe.values.minimumAdvantage)) that values.minimum_advantage asks for"
    case .unclear: return "none is clear, and values.unclear is \"skip\""
    case .besideAnother: return "a step beside it ranks higher"
    case .lowerRanked: return "another step ranks higher"
    case .drawnElsewhere: return "the control drew another step"
    case .person: return "a person spoke of this answer"
    }
  }

  /// Why an answer is called lucky, with the numbers that rests on.
  private func words(for luck: Luck) -> String {
    switch luck.reason {
    case .wrongStep(let step): return "lucky: right although step \(step + 1) is wrong"
    case .hardlyAboveGuessing(let step, let value, let least):
      return "lucky: V before step \(step + 1) is \(share(value.mean)) "
        + "\(interval(value.low, value.high)) over \(value.rollouts) rollouts, below "
        + "\(share(least)), which guessing and the floor make"
    }
  }

  private func markLines(of id: String) -> [[Span]] {
    labelLines(of: id) + wordLines(of: id)
  }

  /// What people chose for comparison.
  private func labelLines(of id: String) -> [[Span]] {
    guard let trajectory = state.trajectory else { return [] }
    return state.history.labels(of: id).flatMap { label in
      let choice = label.step(in: trajectory.steps).map { "step \($0 + 1)" } ?? "no step"
      let way = label.blind ? "chosen blind" : "chosen with the values in sight"
      let time = label.seconds.map { " after \(duration($0))" } ?? ""
      return sentence("\(label.person): \(choice), \(way)\(time)", .dim)
    }
  }

  private func wordLines(of id: String) -> [[Span]] {
    guard let mark = state.mark(of: id) else { return [] }
    let place = "step \(mark.step + 1)"
    let effect = state.server.isEmpty ? "training resets there" : "crux export takes it along"
    return switch mark.kind {
    case .marked:
      sentence("\(glyphs.confirmed) you marked \(place): \(effect)", .stepConfirmed)
    case .confirmed:
      sentence("\(glyphs.confirmed) you confirmed \(place): \(effect)", .stepConfirmed)
    case .rejected:
      sentence("\(glyphs.rejected) you rejected \(place): no reset", .stepRejected)
    case .cleared: []
    }
  }

  private func branchCount(of id: String) -> [[Span]] {
    let branches = state.branches(of: id, at: step)
    guard !branches.isEmpty else {
      let more = state.readOnly == nil ? "; \(state.key(.reset)) draws some" : ""
      return sentence("no branches from here" + more, .dim)
    }
    let word = state.trajectory?.problem.isAgreement == true ? "the same" : "right"
    let drawn = branches.byPolicy
    let counts = drawn.map { version, group in
      let right = group.count { $0.reward >= 0.5 }
      let under = drawn.count > 1 ? " under update \(version)" : ""
      return "\(group.count)\(under), of them \(right) \(word)"
    }
    return sentence(
      "branches from here: \(counts.joined(separator: "; ")); \(state.key(.open)) shows them", .text
    )
  }

  /// The step with every blank and line end to be seen, and its tokens counted.
  private func rawBlocks(of trajectory: Trajectory) -> [TextBlock] {
    let step = trajectory.steps[step]
    let tokens = trajectory.responseTokens
    let ids = tokens[min(max(0, step.start), tokens.count)..<max(0, min(step.end, tokens.count))]
    let more = ids.count > 2000 ? " " + glyphs.ellipsis : ""
    let words = ids.prefix(2000).map { "\($0)" }.joined(separator: " ") + more
    return [
      .lines([[]]),
      .rawStep(trajectory.steps, self.step, blank: state.glyphs == .ascii ? "_" : "·"),
      .lines(sentence("\(ids.count) tokens: " + words, .dim)),
    ]
  }

  /// What the rollouts that keep the step are worth against those that say something else, and how
  /// far the answers move; nothing where nobody looked.
  func anchorLines(of id: String) -> [[Span]] {
    guard let anchors = state.valuation(of: id)?.anchors, anchors.indices.contains(step) else {
      return []
    }
    let anchor = anchors[step]
    var lines: [[Span]] = []
    if let worth = anchor.counterfactual {
      let words =
        "kept  V \(share(anchor.keptMean)), \(anchor.kept) rollouts; else V "
        + "\(share(anchor.changedMean)), \(anchor.changed): counterfactual "
        + signed(worth, glyphs: glyphs)
      lines += wrapped(words, columns: columns).map { [Span($0)] }
    } else if anchor.kept > 0 {
      lines.append([Span("kept  by all \(anchor.kept) rollouts: nothing to compare with", .dim)])
    }
    if let divergence = anchor.divergence {
      let words = "the step moves the answers by KL \(fixed(divergence)) nats"
      lines += wrapped(words, columns: columns).map { [Span($0, .dim)] }
    }
    return lines
  }
}
