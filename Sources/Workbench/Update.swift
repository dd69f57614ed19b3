import Trajectories

/// Changes the state by what happened and says what is wanted.
public func update(_ state: inout WorkbenchState, _ action: Action) -> [Request] {
  let requests = state.react(to: action)
  requests.forEach { state.rememberTraining($0) }
  state.workOn()
  state.bringIntoRange()
  return requests
}

extension WorkbenchState {
  fileprivate mutating func react(to action: Action) -> [Request] {
    switch action {
    case .key(let key): return press(key)
    case .mouse(let event): return react(to: event)
    case .pasted(let text): paste(text)
    case .resized(let size): self.size = size
    case .events(let events): take(events)
    case .reading(let reading): take(reading)
    case .goOn: break
    case .progress, .engine, .waiting, .partialValuation, .partialBranches, .partialAnswer:
      takeWork(action)
    case .speed(let tokens): speed = tokens
    case .begun(let run, let policy): (runName, policyName) = (run, policy)
    case .served(let words): server = words
    case .message(let text, let severity): tell(text, severity)
    case .consentWanted(let command, let words): askConsent(to: command, shown: words)
    case .recipeEdited(let words, let request): askAboutEdits(words, request)
    case .trainedElsewhere(let process): otherTrainer = process
    case .study(let rows, let finished): study?.take(rows, finished: finished)
    case .underWay(let trainings): study?.underWay = trainings
    case .themes(let names): themes = names
    case .checkpoints(let updates): loadableCheckpoints = updates.sorted()
    case .pieces(let pieces, let id): takePieces(pieces, of: id)
    case .found(let text, let trajectories):
      if text == search.text { search.found = Set(trajectories) }
    }
    return []
  }

  /// Asks whether a run goes on by a recipe that was edited; not into a line that is being typed.
  private mutating func askAboutEdits(_ words: String, _ request: TrainingRequest) {
    guard mode == .normal else { return tell(words + ".", .warning) }
    ask(words + ". Press y to go on with that.", [.acceptEdits(request)])
  }

  /// Puts a line into the message line.
  mutating func tell(_ text: String, _ severity: Severity = .information) {
    message = Message(text: text, severity: severity)
  }

  private mutating func takeWork(_ action: Action) {
    switch action {
    case .progress(let progress): self.progress = progress
    case .engine(let engine):
      self.engine = engine
      if engine == .idle || engine == .paused {
        progress = nil
        partialValuations.keys.forEach { touch($0) }
        partialValuations = [:]
        partialBranches = []
        endPartialAnswer()
      }
      if case .failed(let reason) = engine { tell(reason, .error) }
    case .waiting(let labels): waiting = labels
    case .partialAnswer(let answer?):
      if partialAnswer == nil { list.followsAnswer = true }
      partialAnswer = answer
    case .partialAnswer(nil): endPartialAnswer()
    case .partialValuation(let valuation):
      partialValuations[valuation.trajectory] = valuation
      touch(valuation.trajectory)
    case .partialBranches(let branches):
      partialBranches = branches.filter { history.trajectory($0.id) == nil }
    default: return
    }
  }

  private mutating func take(_ events: [RunEvent]) {
    let isRecorded = history.status == .empty || reading != nil
    let before = message
    if isRecorded { message = nil }
    for event in events { take(event) }
    guard isRecorded else { return }
    // What a recorded run once said is no news, except how it ended badly.
    guard reading == nil else {
      if let message { reading?.said = message }
      message = before
      return
    }
    tellRecorded(message)
  }

  /// Notes how much of a recorded run is read; at the end tells what of it is still news.
  private mutating func take(_ reading: RunReading?) {
    let said = self.reading?.said
    let ends = self.reading != nil && reading == nil
    self.reading = reading
    self.reading?.said = said
    guard ends else { return }
    let before = message
    tellRecorded(said)
    message = message ?? before
    // What is worth looking at of the first trajectory was read after it.
    if screen == .trajectories, let selection { step = bestStep(of: selection) }
  }

  private mutating func tellRecorded(_ said: Message?) {
    message =
      said?.severity == .error
      ? said : history.skipped.words.map { Message(text: $0, severity: .warning) }
  }

  private mutating func take(_ event: RunEvent) {
    let undone = history.words.last
    let redone = history.undoneWords.last
    let changed = word(of: event, undone: undone, redone: redone)
    let old = changed.flatMap { history.trajectory($0) }?.steps
    history.apply(event)
    touch(by: event, changed ?? "")
    if let changed, let old, let new = history.trajectory(changed)?.steps {
      follow(cut: changed, from: old, to: new)
    }
    switch event {
    case .sampled(let trajectory):
      partialBranches.removeAll { $0.id == trajectory.id }
      // What training draws is too much to tell one by one.
      if engine == .working { tell(words(for: trajectory)) }
      takeAnswer(trajectory)
    case .valued(let valuation): partialValuations[valuation.trajectory] = nil
    case .marked(let mark): if !isVeiled(mark.trajectory) { tell(words(for: mark)) }
    case .recut(let cut): tell(words(for: cut))
    case .labelled(let label): take(label)
    case .undone: if let undone { tell("Taken back: " + saying(of: undone) + ".") }
    case .redone: if let redone { tell("Put back: " + saying(of: redone) + ".") }
    case .resumed(let update), .rolledBack(let update):
      tell("Training goes on from update \(update).")
    case .finished: tell("The recipe's last update was made.")
    case .changed(let change): tell(words(for: change))
    case .stopped: tell("The run was stopped.")
    case .failed(let reason): tell(reason, .error)
    case .warned(let warning): tell(warning, .warning)
    case .unknown, .damaged: if let words = history.skipped.words { tell(words, .warning) }
    default: break
    }
  }

  /// Notes whose row of the list an event may change.
  private mutating func touch(by event: RunEvent, _ changed: String) {
    switch event {
    case .sampled(let trajectory): touch(trajectory.id)
    case .valued(let valuation): touch(valuation.trajectory)
    case .proposed(let proposal): touch(proposal.trajectory)
    case .marked(let mark): touch(mark.trajectory)
    case .labelled(let label): touch(label.trajectory)
    case .recut, .undone, .redone: touch(changed)
    case .resumed, .rolledBack: list.listing.touchAll()
    default: break
    }
  }

  private mutating func touch(_ id: String) {
    if let place = history.place(of: id) { list.listing.touch(place) }
  }

  private func words(for trajectory: Trajectory) -> String {
    let alone = "\(number(of: trajectory.id)) was drawn"
    let reward = "\(rewardSpan(trajectory).text)."
    guard let origin = trajectory.forkedFrom else { return "\(alone): \(reward)" }
    let place = "step \(origin.step + 1) of \(number(of: origin.trajectory))"
    let all = branches(of: origin.trajectory, at: origin.step)
    guard all.count > 1 else { return "\(alone) from \(place): \(reward)" }
    let right = all.count { $0.reward >= 0.5 }
    let word = trajectory.problem.isAgreement ? "the same" : "right"
    let count = "\(all.count) branches leave \(place), of them \(right) \(word)"
    return "\(count); \(key(.branches)) shows them."
  }

  private func words(for change: RecipeChange) -> String {
    switch change.key {
    case .updates: "The run goes on to update \(change.value); it was \(change.before)."
    case .limit:
      "Answers may have \(change.value) tokens from here on, not \(change.before): \(change.reason)."
    }
  }

  private func words(for mark: Mark) -> String {
    let effect =
      switch mark.kind {
      // What a server draws learns elsewhere.
      case .marked where !server.isEmpty, .confirmed where !server.isEmpty:
        "crux export takes it along"
      case .marked, .confirmed: "training resets there from the next batch on"
      case .rejected: "this trajectory is not reset"
      case .cleared: "the rule decides again"
      }
    let saying = saying(of: mark)
    return saying.capitalised + "; \(effect)."
  }

  /// The trajectory whose steps an event may change.
  private func word(of event: RunEvent, undone: PersonWord?, redone: PersonWord?) -> String? {
    switch event {
    case .recut(let cut): cut.trajectory
    case .undone: undone?.trajectory
    case .redone: redone?.trajectory
    default: nil
    }
  }

  private func words(for cut: StepCut) -> String {
    let saying = saying(of: .cut(cut))
    return saying.capitalised
      + "; values of the other boundaries are kept."
  }

  private func saying(of word: PersonWord) -> String {
    switch word {
    case .mark(let mark):
      return isVeiled(mark.trajectory) ? "a word on a hidden trajectory" : saying(of: mark)
    case .cut(let cut):
      let place = cut.steps.place(ofToken: cut.token)
      let number = number(of: cut.trajectory)
      return cut.kind == .split
        ? "step \(place) of \(number) is split"
        : "step \(place + 1) of \(number) is joined with the next"
    }
  }

  private func saying(of mark: Mark) -> String {
    let place = "step \(mark.step + 1) of \(number(of: mark.trajectory))"
    return mark.kind == .cleared
      ? "the word on \(place) is cleared" : "\(place) is \(mark.kind.rawValue)"
  }
}

// After every action the places the person stands at are made to exist.
extension WorkbenchState {
  /// Puts the selection, the step, the branch and every first visible row back into range.
  mutating func bringIntoRange() {
    bringSelectionIntoRange()
    if isVeiled, screen.place.showsValues { screen = .inspect }
    stepSheet = stepSheet.of(trajectory?.steps ?? [])
    step = min(max(0, step), max(0, (trajectory?.steps.count ?? 0) - 1))
    for name in ScreenName.allCases { name.place.bringIntoRange(&self) }
    bringTopsIntoRange()
    rememberSight()
  }

  private mutating func bringSelectionIntoRange() {
    if let selection, history.trajectory(selection) == nil { self.selection = nil }
    guard screen == .trajectories || selection == nil else { return }
    let count = list.listing.listedCount
    if let row = selection.flatMap({ row(of: $0) }) {
      list.row = row
    } else if selection != nil, !list.listing.isComplete {
      // It may still turn out to be listed.
      list.row = min(max(0, list.row), max(0, count - 1))
    } else if count > 0 {
      list.row = min(max(0, list.row), count - 1)
      select(listed[list.row].id)
    } else if selection == nil, let first = history.trajectories.first {
      select(first.id)
    }
  }

  private mutating func bringTopsIntoRange() {
    let layout = Layout(of: self)
    isLayingOut = false
    for pane in layout.panes.keys {
      let area = layout.content(of: pane, on: screen)
      let place = PanePlace(screen: screen, pane: pane)
      if pane == .text { layOut(area) }
      let extent =
        pane == .text
        ? ListExtent(count: paneText.count) : screen.place.list(self, columns: area.columns)
      var top = tops[place] ?? 0
      if let cursor = extent.cursor {
        top = min(max(top, cursor - area.rows + 1), cursor)
      }
      let last = max(0, extent.count - area.rows)
      let isAnswer = pane == .text && screen == .trajectories && partialAnswer != nil
      if isAnswer, list.followsAnswer { top = last }
      // Lines that are not laid out yet may be scrolled to; the view shows what there is.
      let most = pane == .text && !paneText.isComplete ? max(last, top) : last
      tops[place] = min(max(0, top), most)
      // Whoever scrolls back to the end follows again.
      if isAnswer { list.followsAnswer = tops[place] == last }
    }
  }

  /// Lays out what the text pane shows, and a slice of what it does not show yet.
  private mutating func layOut(_ area: Rect) {
    let blocks = screen.place.text(self, columns: area.columns)
    var text = PaneText()
    swap(&text, &paneText)
    text.show(blocks, columns: area.columns)
    var budget = PaneText.slice
    text.extend(to: .max, budget: &budget)
    swap(&text, &paneText)
    isLayingOut = !paneText.isComplete
  }

  /// Ends an answer that is on its way; the text pane shows the selected one from its first line.
  mutating func endPartialAnswer() {
    guard partialAnswer != nil else { return }
    partialAnswer = nil
    list.followsAnswer = true
    tops[PanePlace(screen: .trajectories, pane: .text)] = 0
  }

  /// Makes the screens speak of a trajectory, at the step worth looking at.
  mutating func select(_ id: String) {
    guard id != selection else { return }
    selection = id
    step = bestStep(of: id)
    resetText()
  }

  /// Makes the screens speak of a step.
  mutating func move(to step: Int) {
    guard step != self.step else { return }
    self.step = step
    resetText()
  }

  /// Shows the text pane from its first line.
  mutating func resetText() {
    for place in tops.keys where place.pane == .text { tops[place] = 0 }
  }

  /// The first visible row of a pane of the screen on top.
  func top(of pane: Pane) -> Int { max(0, tops[PanePlace(screen: screen, pane: pane)] ?? 0) }
}
