extension Prompt {
  /// A prompt with the cursor after the text.
  init(kind: PromptKind, text: String) {
    self.init(kind: kind)
    self.text = text
    cursor = text.count
  }

  /// Writes text at the cursor; control characters stay out.
  mutating func insert(_ addition: String) {
    let head = String(text.prefix(cursor)) + addition.filter { !$0.isControl }
    text = head + text.dropFirst(cursor)
    // What was written may have joined its neighbours to one character.
    cursor = min(head.count, text.count)
  }

  /// Replaces everything and goes to the end.
  mutating func replace(with line: String) {
    text = line
    cursor = line.count
  }

  /// Takes an editing key; returns whether it was one.
  mutating func edit(_ key: Key) -> Bool {
    switch key {
    case .character(let character): insert(String(character))
    case .left: cursor = max(0, cursor - 1)
    case .right: cursor = min(text.count, cursor + 1)
    case .home, .control("a"): cursor = 0
    case .end, .control("e"): cursor = text.count
    case .backspace: remove(from: cursor - 1, to: cursor)
    case .delete, .control("d"): remove(from: cursor, to: cursor + 1)
    case .control("u"): remove(from: 0, to: cursor)
    case .control("k"): remove(from: cursor, to: text.count)
    case .control("w"): remove(from: startOfWord, to: cursor)
    default: return false
    }
    return true
  }

  private var startOfWord: Int {
    let characters = Array(text)
    var place = min(cursor, characters.count)
    while place > 0, characters[place - 1] == " " { place -= 1 }
    while place > 0, characters[place - 1] != " " { place -= 1 }
    return place
  }

  private mutating func remove(from start: Int, to end: Int) {
    var characters = Array(text)
    let range = max(0, start)..<max(0, start, min(end, characters.count))
    guard range.upperBound <= characters.count else { return }
    characters.removeSubrange(range)
    text = String(characters)
    cursor = min(range.lowerBound, text.count)
  }
}

extension Character {
  fileprivate var isControl: Bool {
    unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }
  }
}

extension WorkbenchState {
  /// Takes a key while a line is typed.
  mutating func press(_ key: Key, in prompt: Prompt) -> [Request] {
    var prompt = prompt
    switch key {
    case .escape: mode = .normal
    case .backspace where prompt.text.isEmpty: mode = .normal
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
      helpSearch = now.text
      helpRow = 0
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
      (search, found) = ("", [])
    case .filter: applyFilter(text)
    case .help: helpSearch = text
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
