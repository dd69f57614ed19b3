import Trajectories

/// Where a step is about to be split.
public struct CutPlace: Equatable, Sendable {
  /// The trajectory.
  public var trajectory: String
  /// The step.
  public var step: Int
  /// First token of the step, within the response.
  public var start: Int
  /// The text of each token of the step.
  public var pieces: [String]
  /// Tokens of the step before the cut; at least 1, fewer than there are.
  public var cut: Int

  /// Whether a cut after so many tokens leaves no character in halves and no half blank.
  func allows(_ cut: Int) -> Bool {
    guard cut > 0, cut < pieces.count, !pieces[cut - 1].isEmpty else { return false }
    func says(_ half: ArraySlice<String>) -> Bool {
      half.contains { !$0.allSatisfy(\.isWhitespace) }
    }
    return says(pieces[..<cut]) && says(pieces[cut...])
  }

  /// The next place in a direction where a cut may be.
  mutating func move(by offset: Int) {
    var place = cut + offset
    while place > 0, place < pieces.count {
      if allows(place) {
        cut = place
        return
      }
      place += offset
    }
  }

  /// The place before a cut in a direction, such as the end of a line or of a sentence.
  mutating func moveToEnd(by offset: Int) {
    let start = cut
    var last = cut
    repeat {
      last = cut
      move(by: offset)
    } while cut != last && !pieces[cut - 1].endsSomething
    if cut == start { cut = last }
  }

  /// The step with the place of the cut in it; of a long one what stands about the place.
  func lines(columns: Int, glyphs: Glyphs) -> [[Span]] {
    let room = max(20, columns * 4)
    func text(_ pieces: ArraySlice<String>) -> String {
      inert(pieces.joined(), keepingNewlines: true)
    }
    // A piece has a character at least, but for those of a character in halves.
    var (before, after) = (
      text(pieces[..<cut].suffix(8 * room)),
      text(pieces[cut...].prefix(8 * room))
    )
    if before.count > room { before = glyphs.ellipsis + before.suffix(room) }
    if after.count > room { after = after.prefix(room) + glyphs.ellipsis }
    let first = wrapped(before.droppingLastNewline, columns: columns).map { [Span($0, .text)] }
    let rule = String(repeating: String(glyphs.horizontal), count: max(0, columns - 12))
    let second = wrapped(after, columns: columns).map { [Span($0, .match)] }
    return first + [[Span("split here " + rule, .stepConfirmed)]] + second
  }

  /// How far along the step the place is.
  var words: String {
    "split step \(step + 1) after token \(cut) of \(pieces.count)"
  }

  /// A step as it is first shown: cut after its first line or sentence, else at about its middle.
  init?(trajectory: String, step: Step, number: Int, pieces all: [String]) {
    guard step.end <= all.count, step.start >= 0, step.start < step.end else { return nil }
    self.trajectory = trajectory
    self.step = number
    start = step.start
    pieces = Array(all[step.start..<step.end])
    cut = 0
    let places = (0..<pieces.count).filter { allows($0) }
    guard let middle = places.min(by: { abs($0 - pieces.count / 2) < abs($1 - pieces.count / 2) })
    else { return nil }
    cut = places.first { pieces[$0 - 1].endsSomething } ?? middle
  }
}

extension String {
  /// Whether a line or a sentence ends with it.
  fileprivate var endsSomething: Bool {
    if contains(where: \.isNewline) { return true }
    return last { $0 != " " }.map { ".!?。！？;:".contains($0) } ?? false
  }
}

// Splitting a step, and joining it with the next.
extension InspectScreen {
  static func cut(
    _ command: Command, _ argument: String, _ state: inout WorkbenchState
  ) -> [Request] {
    guard let trajectory = state.trajectory, trajectory.steps.indices.contains(state.step) else {
      return []
    }
    if command == .join { return [.join(trajectory: trajectory.id, step: state.step)] }
    guard !argument.isEmpty else { return [.pieces(trajectory: trajectory.id)] }
    let here = trajectory.steps[state.step]
    guard let count = Int(argument), (1..<max(2, here.end - here.start)).contains(count) else {
      state.tell("Say after how many tokens, 1 to \(here.end - here.start - 1).", .warning)
      return []
    }
    return [.split(trajectory: trajectory.id, token: here.start + count)]
  }

  /// Why the step in front cannot be cut otherwise; nil where it can.
  static func cuttingObstacle(to command: Command, _ state: WorkbenchState) -> String? {
    guard command == .split || command == .join, let trajectory = state.trajectory,
      trajectory.steps.indices.contains(state.step)
    else { return nil }
    if state.engine == .working {
      return "The engine is busy with steps as they are; \(state.key(.interrupt)) stops that."
    }
    let here = trajectory.steps[state.step]
    if command == .split, here.end - here.start < 2 {
      return "This step is a single token, which cannot be split."
    }
    if command == .join, state.step + 1 >= trajectory.steps.count {
      return "This is the last step; go to the one before it to join the two."
    }
    return nil
  }
}

// Choosing the place.
extension WorkbenchState {
  /// Starts to choose a place, now that the text of each token is known.
  mutating func takePieces(_ pieces: [String], of id: String) {
    guard screen == .inspect, selection == id, mode == .normal, let trajectory,
      trajectory.steps.indices.contains(step)
    else { return }
    let place = CutPlace(
      trajectory: id, step: trajectory.steps[step], number: step, pieces: pieces)
    guard let place else {
      tell("There is no place within this step where a split leaves two texts.", .warning)
      return
    }
    mode = .split(place)
    focus = .text
    resetText()
  }

  mutating func press(_ key: Key, in place: CutPlace) -> [Request] {
    var place = place
    message = nil
    switch key {
    case .left, .character("h"): place.move(by: -1)
    case .right, .character("l"): place.move(by: 1)
    case .up, .character("k"): place.moveToEnd(by: -1)
    case .down, .character("j"): place.moveToEnd(by: 1)
    case .escape, .character("q"):
      endCutting()
      tell("Not split.")
      return []
    case .enter:
      endCutting()
      return [.split(trajectory: place.trajectory, token: place.start + place.cut)]
    default:
      tell("\(key.name) means nothing here; Esc leaves.")
      return []
    }
    mode = .split(place)
    return []
  }

  private mutating func endCutting() {
    mode = .normal
    message = nil
    focus = .list
  }

  /// Takes what hangs on numbers of steps along when a trajectory is cut otherwise.
  mutating func follow(cut id: String, from old: [Step], to new: [Step]) {
    guard old != new else { return }
    func place(_ step: Int) -> Int {
      old.indices.contains(step) ? new.place(ofToken: old[step].start) : step
    }
    if selection == id { step = place(step) }
    for layer in past.indices where past[layer].selection == id {
      past[layer].step = place(past[layer].step)
    }
  }
}

extension String {
  fileprivate var droppingLastNewline: String {
    var text = self
    if text.last?.isNewline == true { text.removeLast() }
    return text
  }
}
