import Trajectories

// Looking for text, and how the list is narrowed and ordered.
extension WorkbenchState {
  mutating func runSearch(_ command: Command, _ argument: String) -> [Request] {
    switch command {
    case .search where screen == .help: mode = .prompt(Prompt(kind: .help, text: helpSearch))
    case .search where argument.isEmpty: mode = .prompt(Prompt(kind: .search))
    case .search:
      search = argument
      found = []
      jump(forward: true, stayingAllowed: true)
      return [.search(argument)]
    default:
      guard !search.isEmpty else {
        tell("Nothing is searched; \(key(.search)) asks for what.")
        return []
      }
      jump(forward: command == .searchNext, stayingAllowed: false)
    }
    return []
  }

  /// A place that a search can hit.
  private struct Place: Equatable {
    var trajectory: String
    var step: Int?
  }

  /// Moves to the next place with the text, round the end if need be.
  private mutating func jump(forward: Bool, stayingAllowed: Bool) {
    let (hits, here) = searchHits()
    let order = forward ? hits : hits.reversed()
    let start = order.firstIndex(of: here)
    guard !hits.isEmpty else {
      tell("“\(inert(search))” is not found here.", .warning)
      return
    }
    if stayingAllowed, start != nil { return }
    let all = forward ? places() : places().reversed()
    let from = all.firstIndex(of: here) ?? -1
    let hitSet = order
    if let next = all.dropFirst(from + 1).first(where: { hitSet.contains($0) }) {
      go(to: next)
    } else if let first = order.first {
      go(to: first)
      tell("The search went round the \(forward ? "end" : "start").")
    }
  }

  private mutating func go(to place: Place) {
    if screen == .branches {
      branch = place.trajectory
      resetText()
      return
    }
    select(place.trajectory)
    if let step = place.step { move(to: step) }
  }

  private func searchHits() -> (hits: [Place], here: Place) {
    let text = search.lowercased()
    let hits = places().filter { place in
      guard let trajectory = anyTrajectory(place.trajectory) else { return false }
      guard let step = place.step else {
        return mentions(trajectory, text) || found.contains(place.trajectory)
      }
      let shown = trajectory.steps[step]
      return shown.text.lowercased().contains(text) || shown.note.lowercased().contains(text)
    }
    switch screen {
    case .inspect: return (hits, Place(trajectory: selection ?? "", step: step))
    case .branches: return (hits, Place(trajectory: branch ?? ""))
    default: return (hits, Place(trajectory: selection ?? ""))
    }
  }

  /// Every place of the screen, in order: steps on Inspect, trajectories elsewhere.
  private func places() -> [Place] {
    switch screen {
    case .inspect:
      var order = listed
      if let trajectory, !order.contains(where: { $0.id == trajectory.id }) {
        order.append(trajectory)
      }
      return order.flatMap { trajectory in
        trajectory.steps.indices.map { Place(trajectory: trajectory.id, step: $0) }
      }
    case .branches: return branchRows(of: self).compactMap { $0.id.map { Place(trajectory: $0) } }
    default: return listed.map { Place(trajectory: $0.id) }
    }
  }

  mutating func runListing(_ command: Command, _ argument: String) {
    switch command {
    case .filter:
      mode = .prompt(Prompt(kind: .filter, text: list.filter))
    case .reverse: list.descending.toggle()
    default:
      if argument.isEmpty {
        let all = ListOrder.Sorting.allCases
        let place = all.firstIndex(of: list.sorting) ?? 0
        list.sorting = all[(place + 1) % all.count]
      } else if let sorting = ListOrder.Sorting(rawValue: argument) {
        list.sorting = sorting
      } else {
        let names = ListOrder.Sorting.allCases.map(\.rawValue).joined(separator: ", ")
        tell("There is no order “\(inert(argument))”; there are \(names).", .warning)
        return
      }
      // The first of what one orders by is what one looks for: the most of it.
      list.descending = list.sorting != .order
    }
    if command != .filter {
      let direction = list.descending ? "largest first" : "smallest first"
      tell("Ordered by \(list.sorting.rawValue), \(direction).")
    }
  }

  /// Lists only what fulfils the words.
  mutating func applyFilter(_ words: String) {
    list.filter = words
    let count = listed.count
    guard !words.isEmpty else {
      tell("All \(count) are listed.")
      return
    }
    tell(
      "\(count) of \(history.trajectories.count) are listed.", count == 0 ? .warning : .information)
  }
}
