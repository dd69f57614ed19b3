import Trajectories

// Looking for text.
extension WorkbenchState {
  mutating func runSearch(_ command: Command, _ argument: String) -> [Request] {
    switch command {
    case .search where argument.isEmpty: mode = .prompt(Prompt(kind: .search))
    case .search:
      search = TextSearch(text: argument)
      jump(forward: true, stayingAllowed: true)
      return [.search(argument)]
    default:
      guard !search.text.isEmpty else {
        tell("Nothing is searched; \(key(.search)) asks for what.")
        return []
      }
      jump(forward: command == .searchNext, stayingAllowed: false)
    }
    return []
  }

  /// Looks for the next place with the text, round the end if need be.
  private mutating func jump(forward: Bool, stayingAllowed: Bool) {
    let here = screen.place.searchPlace(self)
    let needle = TextNeedle(search.text)
    if stayingAllowed, let here, isHit(here, needle) { return }
    var walk = SearchWalk(needle: needle, forward: forward, origin: here)
    walk.next = here.map { place(after: $0, forward) } ?? endPlace(forward)
    search.walk = walk
    walkOn()
  }

  /// Goes on with the search under way until it is over or a slice of the work is done.
  mutating func walkOn() {
    guard let walk = search.walk else { return }
    var left = slice
    var next = walk.next
    var hasTurned = walk.hasTurned
    while left > 0 {
      guard let place = next else {
        guard !hasTurned, walk.origin != nil else { return endWalk() }
        hasTurned = true
        next = endPlace(walk.forward)
        if next == nil { return endWalk() }
        continue
      }
      if isHit(place, walk.needle) { return endWalk(at: place, hasTurned: hasTurned) }
      if hasTurned, place == walk.origin { return endWalk() }
      left -= size(of: place)
      next = self.place(after: place, walk.forward)
    }
    search.walk?.next = next
    search.walk?.hasTurned = hasTurned
  }

  private mutating func endWalk(at place: SearchWalk.Place? = nil, hasTurned: Bool = false) {
    let forward = search.walk?.forward ?? true
    search.walk = nil
    guard let place else {
      tell("“\(inert(search.text.head(bytes: 1000)))” is not found here.", .warning)
      return
    }
    go(to: place)
    if hasTurned { tell("The search went round the \(forward ? "end" : "start").") }
  }

  private mutating func go(to place: SearchWalk.Place) {
    guard let found = answer(inRow: place.row) else { return }
    screen.place.show(found: found, step: place.step, &self)
  }
}

// The places that a search goes through: rows of the screen on top, or each step of them.
extension WorkbenchState {
  private func answer(inRow row: Int) -> Trajectory? { screen.place.searched(row: row, self) }

  /// The first place in a direction; nil where there is none.
  private func endPlace(_ forward: Bool) -> SearchWalk.Place? {
    self.place(inRow: forward ? 0 : screen.place.searchedRows(self) - 1, forward)
  }

  private func place(after place: SearchWalk.Place, _ forward: Bool) -> SearchWalk.Place? {
    if let step = place.step, let steps = answer(inRow: place.row)?.steps.indices {
      let next = step + (forward ? 1 : -1)
      if steps.contains(next) { return SearchWalk.Place(row: place.row, step: next) }
    }
    return self.place(inRow: place.row + (forward ? 1 : -1), forward)
  }

  /// The first place of a row, or of the nearest beyond it that has any.
  private func place(inRow start: Int, _ forward: Bool) -> SearchWalk.Place? {
    let rows = 0..<screen.place.searchedRows(self)
    var row = start
    while rows.contains(row) {
      guard screen.place.searchesSteps else { return SearchWalk.Place(row: row) }
      let steps = answer(inRow: row)?.steps.indices ?? 0..<0
      if let step = forward ? steps.first : steps.last {
        return SearchWalk.Place(row: row, step: step)
      }
      row += forward ? 1 : -1
    }
    return nil
  }

  private func isHit(_ place: SearchWalk.Place, _ needle: TextNeedle) -> Bool {
    guard let shown = answer(inRow: place.row) else { return false }
    guard let step = place.step else {
      return ListFilter.mentions(shown, shown.text, needle) || search.found.contains(shown.id)
    }
    guard shown.steps.indices.contains(step) else { return false }
    return needle.isFound(in: shown.steps[step].text) || needle.isFound(in: shown.steps[step].note)
  }

  /// What a look at a place costs, in bytes of text that are read, or as long.
  private func size(of place: SearchWalk.Place) -> Int {
    guard let shown = answer(inRow: place.row) else { return 256 }
    guard let step = place.step else { return 512 + shown.textSize }
    return 256 + (shown.steps.indices.contains(step) ? shown.steps[step].text.utf8.count : 0)
  }
}

/// What is searched, and where it was found.
public struct TextSearch: Equatable, Sendable {
  /// The text; empty for nothing.
  public var text = ""
  /// Trajectories in which the store found it.
  public var found: Set<String> = []
  /// The search under way; nil while none is.
  var walk: SearchWalk?
}

/// A search that goes from place to place, a slice of the work at a time.
struct SearchWalk: Equatable, Sendable {
  /// Where a text may be found: a row of the list, and on Inspect a step of it.
  struct Place: Equatable, Sendable {
    var row: Int
    var step: Int?
  }

  let needle: TextNeedle
  let forward: Bool
  /// Where it began, which it looks at last; nil where nothing was in front.
  let origin: Place?
  /// What is looked at next; nil at the end of the list.
  var next: Place?
  /// Whether it went on from the other end.
  var hasTurned = false

  init(needle: TextNeedle, forward: Bool, origin: Place?) {
    self.needle = needle
    self.forward = forward
    self.origin = origin
  }
}

// What is worked out a slice at a time.
extension WorkbenchState {
  /// Whether there is work to go on with as soon as there is time: `Action.goOn`.
  public var isAtWork: Bool { !list.listing.isComplete || search.walk != nil || isLayingOut }

  /// Works a slice out.
  mutating func workOn() {
    relist()
    tellAwaited()
    walkOn()
  }
}
