import Trajectories

/// A part of a text pane.
enum TextBlock: Equatable, Sendable {
  /// Lines as they are.
  case lines([[Span]])
  /// A text of one role.
  case paragraph(String, Role)
  /// A step in full; whether the mark that ends an answer is left away.
  case step([Step], Int, hidesEnd: Bool)
  /// A step with every blank and line end to be seen, the blanks written as that.
  case rawStep([Step], Int, blank: String)
  /// All steps of an answer, one under the other.
  case steps([Step], StepStyle)
}

extension TextBlock {
  /// The right answer, or what stands in its place where nobody knows it.
  static func answer(to problem: Problem) -> TextBlock {
    let answer = oneLine(problem.reference.head(bytes: 20_000))
    let words =
      answer.isEmpty && problem.isOwn
      ? "right answer not known"
      : problem.isAgreement
        ? "right answer not known; values say how often rollouts end on the same: \(answer)"
        : "right answer \(answer)"
    return .paragraph(words, .dim)
  }
}

/// How the steps of an answer are shown.
struct StepStyle: Equatable, Sendable {
  /// Whether what the task says of a step is hidden.
  var isVeiled = false
  /// Whether the mark that ends an answer is left away.
  var hidesEnd = false
  /// Of a branch the step that it begins with, and its first that differs; all plain text if nil.
  var branch: Branch?

  /// Where a branch leaves what it was reset from.
  struct Branch: Equatable, Sendable {
    var fork: Int
    var difference: Int?
  }

  /// The role of a step's text.
  func role(of step: Int) -> Role {
    guard let branch else { return .text }
    return step == branch.difference ? .match : step < branch.fork ? .dim : .text
  }
}

/// The text of a pane as lines, laid out as far as they were needed.
///
/// A part that is shown again keeps its lines, so that a text of a megabyte is laid out once, and a key
/// costs what it shows.
struct PaneText: Equatable, Sendable {
  private(set) var columns = 0
  private var parts: [BlockLayout] = []

  /// Bytes of text that are laid out in a slice of the work: some milliseconds.
  static let slice = 1 << 14

  /// How many lines are known.
  var count: Int {
    let whole = parts.prefix { $0.isComplete }
    let next = parts.dropFirst(whole.count).first
    return whole.reduce(next?.lines.count ?? 0) { $0 + $1.lines.count }
  }

  /// Whether all lines are known.
  var isComplete: Bool { parts.allSatisfy(\.isComplete) }

  /// Takes what is to be shown; what was shown before keeps its lines.
  mutating func show(_ blocks: [TextBlock], columns: Int) {
    var old = columns == self.columns ? parts : []
    self.columns = columns
    parts = blocks.map { block in
      guard let place = old.firstIndex(where: { $0.block == block }) else {
        return BlockLayout(block, columns: columns)
      }
      return old.remove(at: place)
    }
  }

  /// Lays out until so many lines are known, or the budget is spent, in bytes of text.
  mutating func extend(to wanted: Int, budget: inout Int) {
    var known = 0
    for place in parts.indices {
      while !parts[place].isComplete, known + parts[place].lines.count < wanted, budget > 0 {
        parts[place].goOn(&budget)
      }
      known += parts[place].lines.count
      // What stands below lines that are not known has no place yet.
      guard parts[place].isComplete else { return }
    }
  }

  /// The lines from one on, as far as they are known.
  func lines(from first: Int, count: Int) -> [[Span]] {
    var found: [[Span]] = []
    var skipped = 0
    for part in parts {
      let start = max(0, first - skipped)
      if start < part.lines.count { found += part.lines[start...].prefix(count - found.count) }
      skipped += part.lines.count
      guard found.count < count, part.isComplete else { break }
    }
    return found
  }
}

/// A part of a pane on its way into lines.
private struct BlockLayout: Equatable, Sendable {
  let block: TextBlock
  let columns: Int
  private(set) var lines: [[Span]] = []
  private(set) var isComplete = false
  private var paragraph: ParagraphLayout?
  /// Of an answer, the step that is laid out, and the lines it has so far.
  private var step = 0
  private var begun = 0

  init(_ block: TextBlock, columns: Int) {
    self.block = block
    self.columns = columns
    switch block {
    case .lines(let known):
      lines = known
      isComplete = true
    case .steps(let steps, _): isComplete = steps.isEmpty
    case .paragraph, .step, .rawStep: break
    }
  }

  /// Lays out the next piece.
  mutating func goOn(_ budget: inout Int) {
    switch block {
    case .lines: return
    case .paragraph(let text, let role): goOn(with: text, role, &budget)
    case .step(let steps, let place, let hidesEnd):
      goOn(with: steps.text(of: place, hidesEnd: hidesEnd), .text, &budget)
    case .rawStep(let steps, let place, let blank):
      goOn(with: steps[place].text, .text, &budget, blank: blank)
    case .steps(let steps, let style): goOn(with: steps, style, &budget)
    }
  }

  private mutating func goOn(
    with text: @autoclosure () -> String, _ role: Role, _ budget: inout Int, blank: String? = nil
  ) {
    var layout =
      paragraph
      ?? ParagraphLayout(
        text(), .init(columns: columns, keepsNewlines: blank == nil, blank: blank))
    paragraph = nil
    lines += layout.goOn(&budget).map { [Span($0, role)] }
    isComplete = layout.isComplete
    paragraph = isComplete ? nil : layout
  }

  /// Lays out a piece of the present step; its number stands before its first line, and behind its
  /// last, or below it where there is no room, what the task says of it.
  private mutating func goOn(with steps: [Step], _ style: StepStyle, _ budget: inout Int) {
    let room = max(1, columns - 4)
    var layout =
      paragraph
      ?? ParagraphLayout(steps.text(of: step, hidesEnd: style.hidesEnd), .init(columns: room))
    paragraph = nil
    // A short step costs more than its bytes.
    budget -= 64
    for line in layout.goOn(&budget) {
      let label = begun == 0 ? aligned("\(step + 1)", to: 3) + " " : "    "
      lines.append([Span(label, .dim), Span(line, style.role(of: step))])
      begun += 1
    }
    guard layout.isComplete else {
      paragraph = layout
      return
    }
    let note = style.isVeiled ? "" : steps[step].words
    if !note.isEmpty { add(note, steps[step].noteRole, room: room) }
    (step, begun) = (step + 1, 0)
    isComplete = step == steps.count
  }

  private mutating func add(_ note: String, _ role: Role, room: Int) {
    let end = Span("  " + note, role)
    guard let last = lines.last, begun > 0 else { return }
    let used = last.dropFirst().reduce(0) { $0 + cellWidth($1.text) }
    if used + 2 + cellWidth(note) > room {
      lines.append([Span("    ", .dim), end])
    } else {
      lines[lines.count - 1].append(end)
    }
  }
}

/// What is known of an answer's steps as a whole, found out once.
struct StepSheet: Equatable, Sendable {
  private var steps: [Step] = []
  /// Cells of the longest step, as far as a screen is wide.
  private(set) var longest = 0
  /// Whether they are sentences rather than short lines.
  private(set) var isProse = false
  /// Whether the task calls one of them wrong.
  private(set) var hasWrong = false

  /// Cells beyond which it does not matter how long a step is.
  private static let widest = 1000

  /// The sheet of an answer: this one, where it is of the same steps.
  func of(_ steps: [Step]) -> StepSheet { steps == self.steps ? self : StepSheet(steps) }

  /// The sheet of no answer.
  init() {}

  private init(_ steps: [Step]) {
    self.steps = steps
    for step in steps {
      isProse = isProse || step.text.utf8.count > 44
      hasWrong = hasWrong || step.verdict == .wrong
      // No text has more cells than bytes, but for what is told by its number.
      let bytes = step.text.utf8.count - (step.text.utf8.last == 0x0A ? 1 : 0)
      guard longest < Self.widest, bytes > longest else { continue }
      longest = max(longest, cellWidth(inert(oneLine(step.text.head(bytes: 4 * Self.widest)))))
    }
  }
}

extension [Step] {
  /// The text of a step, the mark that ends an answer left away where it is to be.
  func text(of step: Int, hidesEnd: Bool) -> String {
    let text = self[step].text
    guard hidesEnd, step + 1 == count else { return text }
    let shown = withoutEndMark(text)
    return shown.allSatisfy(\.isWhitespace) ? text : shown
  }
}

extension Step {
  /// What the task says of it; empty where it says nothing.
  var words: String {
    if !note.isEmpty { return inert(note.head(bytes: 4000)) }
    switch verdict {
    case .wrong: return "is wrong"
    case .inherited: return "inherits an earlier slip"
    case .right, nil: return ""
    }
  }

  /// The role of those words.
  var noteRole: Role {
    switch verdict {
    case .wrong: .wrong
    case .inherited: .dim
    case .right: .right
    case nil: .dim
    }
  }
}
