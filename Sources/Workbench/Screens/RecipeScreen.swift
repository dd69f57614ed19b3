import Trajectories

/// All that was chosen about the run, and what does not fit.
struct RecipeScreen {
  let state: WorkbenchState

  /// Draws the screen into `area`, from the row that the state is scrolled to.
  func draw(into grid: inout Grid, in area: Rect) {
    let area = area.split(left: 1).right
    let lines = lines(columns: area.columns)
    let top = state.tops[PanePlace(screen: .recipe, pane: .list)] ?? 0
    let first = min(max(0, top), max(0, lines.count - area.rows))
    for (row, spans) in lines.dropFirst(first).prefix(area.rows).enumerated() {
      grid.write(spans, row: row, in: area)
    }
    grid.writeHidden(
      above: first, of: lines.count, shown: area.rows, in: area,
      glyphs: Glyphs.of(state.glyphs))
  }

  /// Every line of the screen: problems, choices in words, numbers with range and unit.
  func lines(columns: Int) -> [[Span]] {
    guard let recipe = state.study?.recipe ?? state.history.start?.recipe else {
      return [
        [], [Span("No run has started here, so no recipe is in force.", .heading)],
        [Span("`crux train RECIPE` starts one; samples/ holds recipes to begin with.")],
      ]
    }
    return problems(of: recipe, columns: columns) + machine(columns: columns)
      + choices(of: recipe, columns: columns)
      + numbers(of: recipe, columns: columns)
  }

  private func problems(of recipe: Recipe, columns: Int) -> [[Span]] {
    let found = recipe.problems()
    guard !found.isEmpty else { return [[Span("Nothing is wrong with this recipe.", .right)]] }
    return found.flatMap { warning($0, columns: columns) }
  }

  private func warning(_ sentence: String, columns: Int) -> [[Span]] {
    wrapped(inert(sentence), columns: columns - 2).enumerated().map { row, piece in
      [Span(row == 0 ? "! " : "  ", .error), Span(piece, .warning)]
    }
  }

  /// What the run began on, and what was warned of since.
  private func machine(columns: Int) -> [[Span]] {
    guard let start = state.history.start else { return [] }
    let words = "\(compact(start.parameters)) weights, crux \(start.version), \(start.machine)"
    return wrapped(inert(words), columns: columns).map { [Span($0, .dim)] }
      + state.history.changes.map { change in
        let after = "from update \(change.update) on; \(change.before) before: "
        return [
          Span("\(change.key.rawValue) = \(change.value) ", .heading),
          Span(after + inert(change.reason), .dim),
        ]
      }
      + state.history.edits.map { edit in
        [
          Span(inert("\(edit.key) = \(edit.value) "), .heading),
          Span(inert("from update \(edit.update) on; \(edit.before) before: edited"), .dim),
        ]
      }
      + (state.history.warnings + [state.history.skipped.words].compactMap { $0 })
      .flatMap { warning($0, columns: columns) } + [[]]
  }

  private func standard(of recipe: Recipe) -> Recipe { .standard(for: recipe.objective.method) }

  /// What is chosen by name; a star stands where it is not the method's default.
  private func choices(of recipe: Recipe, columns: Int) -> [[Span]] {
    zip(Self.choices(of: recipe), Self.choices(of: standard(of: recipe))).map { choice, standard in
      line(
        choice.key, choice.value, range: choice.range, unit: "",
        isDefault: choice.value == standard.value, columns: columns)
    }
  }

  private func numbers(of recipe: Recipe, columns: Int) -> [[Span]] {
    zip(recipe.settings, standard(of: recipe).settings).map { setting, standard in
      let range =
        "\(Self.short(setting.range.lowerBound)) to \(Self.short(setting.range.upperBound))"
      return line(
        setting.key, Self.short(setting.value), range: range, unit: setting.unit,
        isDefault: setting.value == standard.value, columns: columns)
    }
  }

  private func line(
    _ key: String, _ value: String, range: String, unit: String, isDefault: Bool, columns: Int
  ) -> [Span] {
    let width = columns >= 72 ? 32 : 30
    let glyphs = Glyphs.of(state.glyphs)
    let start = [
      Span(isDefault ? "  " : "* ", .stepConfirmed),
      Span(padded(clip(key, to: width - 1, glyphs: glyphs), to: width)),
    ]
    let number = clip(inert(value), to: unit.isEmpty ? 14 : 9, glyphs: glyphs)
    let middle = [
      Span(padded(number, to: unit.isEmpty ? 15 : 10), .heading),
      Span(unit.isEmpty ? "" : padded(unit, to: 13)),
    ]
    let used = (start + middle).reduce(0) { $0 + cellWidth($1.text) }
    return start + middle + [Span(clip(range, to: columns - used, glyphs: glyphs), .dim)]
  }

  private static func choices(of it: Recipe) -> [(key: String, value: String, range: String)] {
    func names<T: CaseIterable & RawRepresentable<String>>(_ type: T.Type) -> String {
      type.allCases.map(\.rawValue).joined(separator: ", ")
    }
    return [
      ("model", it.model, "a folder"),
      ("seed", "\(it.seed)", "a whole number"),
      ("task.name", it.task.name.rawValue, names(TaskName.self)),
      ("task.answer", it.task.answer.rawValue, names(AnswerKind.self)),
      ("task.reward", it.task.reward.rawValue, names(RewardKind.self)),
      ("task.file", it.task.file, "a file"),
      ("task.held_out_file", it.task.heldOutFile, "a file"),
      ("task.style", it.task.style.rawValue, names(PromptStyle.self)),
      ("task.reward_command", it.task.rewardCommand, "a shell command"),
      ("task.reward_sandbox", it.task.rewardSandbox.rawValue, names(RewardSandbox.self)),
      ("prompt.chat", it.prompt.chat.rawValue, names(ChatUse.self)),
      ("prompt.system", it.prompt.system, "a text"),
      ("prompt.examples", it.prompt.examples, "problems"),
      ("prompt.thinking", it.prompt.thinking.rawValue, names(Thinking.self)),
      ("prompt.date", it.prompt.date, "a text"),
      ("sampling.weights", it.sampling.weights.rawValue, names(Precision.self)),
      ("steps.splitter", it.steps.splitter.rawValue, names(Splitter.self)),
      ("values.rule", it.values.rule.rawValue, names(Rule.self)),
      ("values.estimator", it.values.estimator.rawValue, names(Estimator.self)),
      ("values.unclear", it.values.unclear.rawValue, names(UnclearUse.self)),
      ("values.reuse", "\(it.values.reuse)", "true, false"),
      ("values.band", it.values.band.rawValue, names(BandUse.self)),
      ("resets.start", it.resets.start.rawValue, names(ResetStart.self)),
      ("resets.replace_failed", "\(it.resets.replaceFailed)", "true, false"),
      ("objective.method", it.objective.method.rawValue, names(Method.self)),
      ("objective.normaliser", it.objective.normaliser.rawValue, names(Normaliser.self)),
      ("objective.scale_rewards", it.objective.scaleRewards.rawValue, names(RewardScale.self)),
      ("objective.form", it.objective.form.rawValue, names(PreferenceForm.self)),
      ("objective.average", it.objective.average.rawValue, names(LossAverage.self)),
      ("objective.scaled_by_probability", "\(it.objective.scaledByProbability)", "true, false"),
      ("objective.span", it.objective.span.rawValue, names(ComparedSpan.self)),
      ("objective.prefix", it.objective.prefix.rawValue, names(SharedPrefix.self)),
      ("adapter.rank_stabilised", "\(it.adapter.rankStabilised)", "true, false"),
      ("adapter.targets", it.adapter.targets, "all-linear or names of layers"),
      ("adapter.start", it.adapter.start, "new or a folder"),
      ("optimiser.schedule", it.optimiser.schedule.rawValue, names(Schedule.self)),
      ("optimiser.gradients", it.optimiser.gradients.rawValue, names(Precision.self)),
      ("record.rollouts", it.record.rollouts.rawValue, names(RolloutKeeping.self)),
      ("record.copy_model", it.record.copyModel.rawValue, names(CopyChoice.self)),
      ("evaluation.seed", "\(it.evaluation.seed)", "a whole number"),
    ] + onlineChoices(of: it)
  }

  private static func onlineChoices(
    of it: Recipe
  ) -> [(key: String, value: String, range: String)] {
    func names<T: CaseIterable & RawRepresentable<String>>(_ type: T.Type) -> String {
      type.allCases.map(\.rawValue).joined(separator: ", ")
    }
    return [
      ("resets.mask_prefix", "\(it.resets.maskPrefix)", "true, false"),
      ("resets.priority", it.resets.priority.rawValue, names(ResetPriority.self)),
      ("objective.ratio", it.objective.ratio.rawValue, names(RatioChoice.self)),
      ("objective.baseline", it.objective.baseline.rawValue, names(BaselineChoice.self)),
      ("objective.credit", it.objective.credit.rawValue, names(CreditChoice.self)),
      ("objective.kl_place", it.objective.klPlace.rawValue, names(PenaltyPlace.self)),
      ("objective.kl_estimate", it.objective.klEstimate.rawValue, names(PenaltyEstimate.self)),
      ("objective.bias_corrected_kl", "\(it.objective.biasCorrectedKl)", "true, false"),
      ("critic.whiten", "\(it.critic.whiten)", "true, false"),
    ]
  }

  /// A number as a recipe file writes it.
  private static func short(_ value: Double) -> String {
    let whole = value.rounded()
    guard whole == value, whole.magnitude < 1e15 else { return "\(value)" }
    return "\(Int(whole))"
  }
}
