/// A line that is being typed.
public struct Prompt: Equatable, Sendable {
  /// What the line will be used for.
  public var kind: PromptKind
  /// What stands before the cursor.
  public var before = ""
  /// What stands behind it.
  public var after = ""
  /// Which earlier command is shown; nil for none.
  public var recalled: Int?

  /// What stands there.
  public var text: String { before + after }
}

/// What a typed line will be used for.
public enum PromptKind: Equatable, Sendable {
  /// A command by name.
  case command
  /// A text to look for.
  case search
  /// Which trajectories to list.
  case filter
  /// A number for a command, such as how many branches.
  case number(Command)
  /// What to narrow the help to.
  case help
  /// A problem of one's own.
  case problem
  /// The right answer to the problem that was typed.
  case reference(problem: String)
}

extension Prompt {
  /// A prompt with the cursor after the text.
  init(kind: PromptKind, text: String) {
    self.init(kind: kind)
    before = text
  }

  /// Whether nothing stands there.
  var isEmpty: Bool { before.isEmpty && after.isEmpty }

  /// Writes text at the cursor; control characters stay out.
  mutating func insert(_ addition: String) {
    before.unicodeScalars += addition.unicodeScalars.filter { !$0.isControl }
  }

  /// Replaces everything and goes to the end.
  mutating func replace(with line: String) { (before, after) = (line, "") }

  /// Takes an editing key; returns whether it was one.
  mutating func edit(_ key: Key) -> Bool {
    switch key {
    case .character(let character): insert(String(character))
    case .left: if let last = before.popLast() { after = String(last) + after }
    case .right: if !after.isEmpty { before.append(after.removeFirst()) }
    case .home, .control("a"): (before, after) = ("", text)
    case .end, .control("e"): (before, after) = (text, "")
    case .backspace: _ = before.popLast()
    case .delete, .control("d"): if !after.isEmpty { after.removeFirst() }
    case .control("u"): before = ""
    case .control("k"): after = ""
    case .control("w"):
      while before.last == " " { before.removeLast() }
      while let last = before.last, last != " " { before.removeLast() }
    default: return false
    }
    return true
  }
}

extension Unicode.Scalar {
  fileprivate var isControl: Bool { value < 0x20 || (0x7F...0x9F).contains(value) }
}

extension WorkbenchState {
  /// Takes a key while a line is typed.
  mutating func press(_ key: Key, in prompt: Prompt) -> [Request] {
    var prompt = prompt
    switch key {
    case .escape: mode = .normal
    case .backspace where prompt.isEmpty: mode = .normal
    case .enter: return finish(prompt)
    case .tab where prompt.kind == .command || prompt.kind == .filter:
      complete(&prompt)
      mode = .prompt(prompt)
    case .up, .down:
      if prompt.kind == .command { recall(key == .up, in: &prompt) }
      mode = .prompt(prompt)
    default:
      if prompt.edit(key) { message = nil }
      prompt.recalled = nil
      mode = .prompt(prompt)
    }
    // The help narrows while one types.
    if case .prompt(let now) = mode, now.kind == .help {
      HelpScreen.narrow(to: now.text, &self)
    }
    return []
  }

  private mutating func recall(_ earlier: Bool, in prompt: inout Prompt) {
    let count = commandHistory.count
    let place = (prompt.recalled ?? count) + (earlier ? -1 : 1)
    guard (0...count).contains(place), prompt.recalled != nil || earlier else { return }
    prompt.recalled = place < count ? place : nil
    prompt.replace(with: place < count ? commandHistory[place] : "")
  }

  private mutating func finish(_ prompt: Prompt) -> [Request] {
    mode = .normal
    message = nil
    let text = prompt.text
    switch prompt.kind {
    case .command: return runLine(text)
    case .search:
      guard text.isEmpty else { return run(.search, text) }
      (search.text, search.found) = ("", [])
    case .filter: applyFilter(text)
    case .help: help.search = text
    case .problem: return text.isEmpty ? [] : run(.ask, text)
    case .reference(let problem): return ask(problem, reference: text)
    case .number(let command):
      let number = text.isEmpty ? String(defaultCount(of: command)) : text
      let requests = run(command, number)
      // What is no number is asked again, with the message in sight.
      if requests.isEmpty, Int(text) == nil, !text.isEmpty { mode = .prompt(prompt) }
      return requests
    }
    return []
  }
}
