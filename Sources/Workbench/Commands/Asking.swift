import Trajectories

// A problem of one's own, typed in one line or in two.
extension WorkbenchState {
  /// Asks what was typed, or for what is missing.
  mutating func runAsking(_ argument: String) -> [Request] {
    guard !argument.isEmpty else {
      mode = .prompt(Prompt(kind: .problem))
      return []
    }
    let typed = TypedProblem(argument)
    guard let reference = typed.reference else {
      mode = .prompt(Prompt(kind: .reference(problem: typed.prompt)))
      return []
    }
    return ask(typed.prompt, reference: reference)
  }

  /// Asks a problem; an empty reference compares answers with the first one.
  mutating func ask(_ problem: String, reference: String) -> [Request] {
    guard problem.contains(where: { !$0.isWhitespace }) else {
      tell("There is no problem to ask.", .warning)
      return []
    }
    asked.append(problem)
    return [.ask(prompt: problem, reference: reference)]
  }

  /// Shows the answer to a problem that was typed as soon as it comes.
  mutating func takeAnswer(_ trajectory: Trajectory) {
    guard let place = asked.firstIndex(of: trajectory.problem.prompt) else { return }
    asked.remove(at: place)
    endPartialAnswer()
    tell("\(number(of: trajectory.id)) is answered; \(key(.estimate)) values its steps.")
    guard screen == .trajectories else { return }
    reveal(trajectory.id)
    select(trajectory.id)
    list.row = row(of: trajectory.id) ?? list.row
  }
}

/// A problem of one's own as a line: `6 * 7 = => 42` has its right answer behind the arrow.
public struct TypedProblem: Equatable, Sendable {
  /// The problem.
  public var prompt: String
  /// The right answer; nil where there is no arrow.
  public var reference: String?

  /// Reads a line.
  public init(_ line: String) {
    // The last one counts: a problem may have arrows of its own.
    let bytes = line.utf8
    var end = bytes.endIndex
    while let place = bytes[..<end].lastIndex(of: 0x3D) {
      let behind = bytes.index(after: place)
      if behind < bytes.endIndex, bytes[behind] == 0x3E {
        let problem = line[..<place]
        prompt = problem.lastIndex { $0 != " " }.map { String(problem[...$0]) } ?? ""
        reference = String(line[bytes.index(after: behind)...].drop { $0 == " " })
        return
      }
      end = place
    }
    prompt = line
  }
}
