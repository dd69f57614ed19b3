import Trajectories

/// Reads the lines of a response to a countdown and says of each what it did.
///
/// A line is wrong when it is not allowed or when it puts the target out of reach; an allowed line
/// after that inherits the error.
struct CountdownReader: LineReader {
  private let target: Int
  private var pool: CountdownPool
  private var slipped = false
  /// Whether the last line was the answer.
  private(set) var isFinished = false

  /// nil for a prompt other than `3 4 2 ?t 14 :`.
  init?(problem: Problem, bound: Int) {
    guard let (pool, target) = Self.parse(problem.prompt, bound: bound) else { return nil }
    self.target = target
    self.pool = pool
  }

  /// The given numbers and the target of a prompt; nil for any other text.
  static func parse(_ prompt: String, bound: Int) -> (CountdownPool, target: Int)? {
    let words = TaskVocabulary.split(prompt)
    guard words.count >= 4, words.last == ":", words[words.count - 3] == "?t",
      let target = Chain.value(words[words.count - 2], modulus: bound)
    else { return nil }
    let given = words.dropLast(3)
    let numbers = given.compactMap { Chain.value($0, modulus: bound) }
    // More numbers than this could not be searched in time.
    guard numbers.count == given.count, numbers.count <= 5 else { return nil }
    return (CountdownPool(numbers, bound: bound), target)
  }

  mutating func readLine(_ words: [Substring]) -> (StepVerdict, String) {
    if isFinished { return slip("is one line too many") }
    if words.first == "#" { return readAnswer(words) }
    guard words.count == 5, words[3] == "=",
      let left = Chain.value(words[0], modulus: pool.bound),
      let right = Chain.value(words[2], modulus: pool.bound)
    else { return slip("is not a line such as “3 + 4 = 7”") }
    var rest = pool
    guard rest.take(left), rest.take(right) else {
      return slip("uses what is not there: there is \(pool.text)")
    }
    guard let move = CountdownMove(left, String(words[1]), right, bound: pool.bound) else {
      return slip("is not allowed: results lie from 0 to \(pool.bound - 1)")
    }
    pool = pool.after(move)
    guard words[4] == "\(move.result)" else { return slip("is \(move.result) in truth") }
    if slipped { return (.inherited, "") }
    guard pool.reaches(target) else { return slip("puts \(target) out of reach") }
    return (.right, "")
  }

  private mutating func readAnswer(_ words: [Substring]) -> (StepVerdict, String) {
    isFinished = true
    guard words.count == 3, words[2] == "$", pool.numbers.map(String.init) == [String(words[1])]
    else { return slip("is not what the lines give: there is \(pool.text)") }
    guard pool.numbers == [target] else { return (.inherited, "is not the target \(target)") }
    return slipped ? (.inherited, "") : (.right, "")
  }

  private mutating func slip(_ note: String) -> (StepVerdict, String) {
    slipped = true
    return (.wrong, note)
  }
}

extension CountdownPool {
  fileprivate var text: String { numbers.map(String.init).joined(separator: " and ") }
}
