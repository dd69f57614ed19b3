import Trajectories

// From screen to screen.
extension WorkbenchState {
  /// Shows a screen; the list is the lowest layer, and no screen lies under itself.
  mutating func goTo(_ screen: ScreenName) {
    guard screen != self.screen else { return }
    if screen == .trajectories || screen == .study {
      past = []
    } else {
      past.append(layer)
      past.removeAll { $0.screen == screen }
    }
    self.screen = screen
    arrive()
  }

  /// Shows a screen on top of the present one, which may be the same screen of another trajectory.
  private mutating func enter(_ screen: ScreenName) {
    past.append(layer)
    self.screen = screen
    arrive()
  }

  private var layer: Layer {
    Layer(screen: screen, selection: selection, step: step, branch: branch)
  }

  private mutating func arrive() {
    focus = .list
    if screen == .branches { branch = selection }
    if screen == .help {
      helpRow = 0
      helpSearch = ""
    }
    resetText()
  }

  /// Goes back one layer; on the lowest it says how to leave.
  mutating func goBack() {
    if screen == .help, !helpSearch.isEmpty {
      helpSearch = ""
      return
    }
    guard let layer = past.popLast() else {
      if !search.isEmpty {
        (search, found, walk) = ("", [], nil)
      } else if !list.filter.isEmpty {
        list.filter = ""
      } else {
        tell("This is the lowest layer; \(key(.quit)) leaves Crux.")
      }
      return
    }
    screen = layer.screen
    focus = .list
    selection = layer.selection ?? selection
    step = layer.step
    branch = layer.branch
    resetText()
  }

  mutating func changeFocus() {
    if screen == .compare {
      compare.choosingSecond.toggle()
    } else if screen.hasTwoPanes {
      focus = focus == .list ? .text : .list
    }
  }

  /// Opens what is under the cursor.
  mutating func open() -> [Request] {
    switch screen {
    case .trajectories:
      guard let selection else {
        tell("There is no trajectory to open yet.")
        return []
      }
      enter(.inspect)
      step = bestStep(of: selection)
    case .inspect: openBranches()
    case .branches: openBranch()
    case .training: openUpdate()
    case .help: return runHelpRow()
    case .study: runStudy(.enlarge)
    case .compare, .recipe, .agreement: break
    }
    return []
  }

  private mutating func openBranches() {
    guard let selection else { return }
    guard let first = branches(of: selection, at: step).first else {
      tell("No branches leave this step; \(key(.reset)) draws some.")
      return
    }
    enter(.branches)
    branch = first.id
  }

  private mutating func openBranch() {
    guard let branch else { return }
    guard let trajectory = history.trajectory(branch) else {
      tell("This branch is still being drawn.")
      return
    }
    enter(.inspect)
    selection = branch
    step = firstDivergence(of: trajectory) ?? bestStep(of: branch)
  }

  /// From a point of the curves to the trajectories that its update learnt from.
  private mutating func openUpdate() {
    guard let update = cursorUpdate ?? history.metrics.last?.update else {
      tell("No update was made yet; \(key(.train)) starts training.")
      return
    }
    // An update learns from what the policy before it drew.
    list.filter = "update:\(update - 1)"
    goTo(.trajectories)
    tellCount(.ofUpdate(update))
  }

  private mutating func runHelpRow() -> [Request] {
    guard helpRows.indices.contains(helpRow), let command = helpRows[helpRow].command else {
      return []
    }
    guard command != .help else { return [] }
    goBack()
    helpSearch = ""
    if screen == .help { goBack() }
    return runByName(command)
  }

  mutating func moveToNumber(_ argument: String) {
    guard let number = Int(argument), let count = trajectory?.steps.count,
      (1...max(1, count)).contains(number)
    else {
      tell("Say a step from 1 to \(trajectory?.steps.count ?? 0), such as :step 1", .warning)
      return
    }
    move(to: number - 1)
  }
}
