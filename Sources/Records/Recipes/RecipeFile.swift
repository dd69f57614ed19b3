public import Foundation
public import Trajectories

/// A recipe as a TOML file.
///
/// Keys are those of `Recipe.keys`, a section for each part. What the file does not say keeps its
/// default.
public enum RecipeFile {
  /// Reads a recipe; `base` holds where the file says nothing.
  ///
  /// - Throws: A sentence for each fault, with its line: what is not TOML, unknown keys and words,
  ///   wrong kinds of value, and all that `Recipe.problems()` finds.
  public static func read(_ url: URL, over base: Recipe = Recipe()) throws -> Recipe {
    let text = try DurableFiles.text(of: url, limit: TOMLDocument.sizeLimit)
    return try recipe(from: text, name: url.lastPathComponent, over: base)
  }

  /// Reads a recipe from a text.
  ///
  /// - Parameters:
  ///   - text: The file.
  ///   - name: What the file is called in sentences.
  ///   - base: What holds where the file says nothing.
  /// - Returns: The base with what the file says laid over it.
  /// - Throws: As `read`.
  public static func recipe(
    from text: String, name: String, over base: Recipe = Recipe()
  ) throws -> Recipe {
    let document = try TOMLDocument(text, name: name)
    var reading = RecipeReading(document: document, base: base)
    reading.take(document.root)
    guard reading.faults.isEmpty else { throw RecordsError(reading.faults) }
    let problems = reading.recipe.problems()
    guard problems.isEmpty else {
      throw RecordsError(problems.map { "\(reading.place(ofProblem: $0)): \($0)" })
    }
    return reading.recipe
  }

  /// A recipe with single values set beside it, as on a command line.
  ///
  /// - Parameters:
  ///   - changes: Keys such as `task.hard`, each with its value. A text arrives as it stands, quotes,
  ///     backslashes, blanks and line ends included; of any other value the blanks around it go.
  ///   - name: What the changes are called in sentences.
  ///   - base: What holds where nothing is set.
  /// - Returns: The base with the changes made, all at once.
  /// - Throws: As `read`.
  public static func recipe(
    setting changes: [(key: String, value: String)], name: String, over base: Recipe
  ) throws -> Recipe {
    let lines = changes.map { key, value in
      if case .text = Recipe.key(named: key)?.kind {
        return "\(key) = \(RecipeValue.text(value).toml)"
      }
      let word = value.trimmingCharacters(in: .whitespacesAndNewlines)
      let isBare = TOMLNumber.node(word) != nil
      return "\(key) = \(isBare ? word : RecipeValue.text(word).toml)"
    }
    return try recipe(from: lines.joined(separator: "\n"), name: name, over: base)
  }

  /// Writes a recipe so that it is on disk, whole, when this returns.
  public static func write(_ recipe: Recipe, to url: URL) throws {
    try DurableFiles.write(Data(text(of: recipe).utf8), to: url)
  }

  /// A recipe as a file: every key with its value, what is allowed and the unit.
  public static func text(of recipe: Recipe) -> String {
    var lines: [String] = []
    var section = ""
    for key in Recipe.keys {
      if key.section != section {
        lines += ["", "[\(key.section)]"]
        section = key.section
      }
      lines.append(line(of: key, in: recipe))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// What a recipe says differently from the defaults: a line for each key, such as
  /// `task.hard = 4`.
  public static func changes(of recipe: Recipe) -> [String] {
    Recipe.keys.compactMap { key in
      let value = key.value(in: recipe)
      return value == key.value(in: Recipe()) ? nil : "\(key.name) = \(value.toml)"
    }
  }

  /// A value as a recipe file writes it.
  public static func toml(_ value: RecipeValue) -> String { value.toml }

  /// A key's defaults: that of most methods, then those of others, as in `0.3, 1.0 with orpo`.
  public static func standards(of key: RecipeKey) -> String {
    var names: [(value: String, methods: [String])] = []
    for own in key.ownStandards {
      if let place = names.firstIndex(where: { $0.value == own.value.toml }) {
        names[place].methods.append(own.method.rawValue)
      } else {
        names.append((own.value.toml, [own.method.rawValue]))
      }
    }
    let others = names.map { "\($0.value) with \($0.methods.joined(separator: " and "))" }
    return ([key.value(in: Recipe()).toml] + others).joined(separator: ", ")
  }

  /// What to say of a key that no recipe has.
  public static func unknownKey(_ name: String) -> String {
    "\(Words.quoted(name)) is no key of a recipe; "
      + Words.nearest(Recipe.keys.map(\.name) + Recipe.keys.map(\.section), to: name)
      + "crux help recipe lists all."
  }

  /// A line of `changes`, its key under the name of today.
  static func present(_ line: String) -> String {
    let name = String(line.prefix { $0 != " " })
    guard let key = Recipe.key(named: name) else { return line }
    return key.name + line.dropFirst(name.count)
  }

  private static func line(of key: RecipeKey, in recipe: Recipe) -> String {
    let name = key.section.isEmpty ? key.name : String(key.name.dropFirst(key.section.count + 1))
    let start = "\(name) = \(key.value(in: recipe).toml)"
    let comment: String
    switch key.kind {
    case .whole, .number: comment = "\(key.range) \(key.unit)"
    case .word: comment = key.range
    case .natural, .flag, .text: return start
    }
    let line = start + String(repeating: " ", count: max(2, 34 - start.count)) + "# " + comment
    return line.count <= width ? line : above(comment) + start
  }

  /// Most characters of a line.
  private static let width = 100

  /// A long comment as lines of their own.
  private static func above(_ comment: String) -> String {
    var lines = ["#"]
    for word in comment.split(separator: " ") {
      let last = lines.count - 1
      if lines[last].count + 1 + word.count > width {
        lines.append("# \(word)")
      } else {
        lines[last] += " \(word)"
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

/// Lays what a file says over a recipe and collects what does not fit.
struct RecipeReading {
  let document: TOMLDocument
  /// Where the recipe's keys stand in the document; empty for a recipe file.
  var prefix: [String] = []
  private(set) var recipe: Recipe
  private(set) var faults: [String] = []

  /// Every section, and the names that some had before.
  private static let sections = Set(
    Recipe.keys.flatMap { key in
      ([key.name] + key.formerNames).compactMap { name in
        name.firstIndex(of: ".").map { String(name[..<$0]) }
      }
    })

  init(document: TOMLDocument, base: Recipe) {
    self.document = document
    recipe = base
  }

  /// Takes over what a table and the sections within it say.
  mutating func take(_ table: [String: TOMLNode]) {
    // Another method brings its own defaults, so it goes first.
    if case .table(let objective) = table["objective"],
      case .text(let word) = objective["method"], let method = Method(rawValue: word)
    {
      recipe.follow(method)
    }
    take(table, at: [])
  }

  private mutating func take(_ table: [String: TOMLNode], at path: [String]) {
    for (name, node) in table.sorted(by: { $0.key < $1.key }) {
      let place = path + [name]
      if place == ["values", "adaptive"], case .flag(let isOn) = node {
        // The name the estimators had when there were two of them.
        if isOn { recipe.values.estimator = .topTwo }
      } else if let key = Recipe.key(named: place.joined(separator: ".")) {
        set(key, to: node, at: place)
      } else if path.isEmpty, Self.sections.contains(name) {
        guard case .table(let inner) = node else {
          fault(
            place, "\(name) is \(node.kind), but it is a section: write [\(name)] above its keys.")
          continue
        }
        take(inner, at: place)
      } else {
        fault(place, unknown(name, at: path))
      }
    }
  }

  /// Where a sentence of `Recipe.problems()` belongs; it begins with its key.
  func place(ofProblem problem: String) -> String {
    document.place(of: path(ofProblem: problem, below: []))
  }

  /// The names that lead to the key with which a problem begins, as the document spells it.
  func path(ofProblem problem: String, below layer: [String]) -> [String] {
    let name = String(problem.prefix { $0 != " " })
    let names = [name] + (Recipe.key(named: name)?.formerNames ?? [])
    let paths = names.map { layer + $0.split(separator: ".").map(String.init) }
    return paths.first { document.node(at: $0) != nil } ?? paths[0]
  }

  private mutating func fault(_ path: [String], _ sentence: String) {
    faults.append("\(document.place(of: prefix + path)): \(sentence)")
  }

  private func unknown(_ name: String, at path: [String]) -> String {
    var words: [String] = []
    let section = path.first.map { Recipe.formerSections[$0] ?? $0 } ?? ""
    for key in Recipe.keys {
      let word =
        path.isEmpty && !key.section.isEmpty
        ? key.section : key.section == section ? key.lastName : nil
      if let word, !words.contains(word) { words.append(word) }
    }
    let owner = path.isEmpty ? "a recipe" : "[\(path.joined(separator: "."))]"
    return "\(Words.quoted(name)) is not a key of \(owner); "
      + Words.choice(words, insteadOf: name) + "."
  }

  private mutating func set(_ key: RecipeKey, to node: TOMLNode, at path: [String]) {
    let name = path.joined(separator: ".")
    if case (.word(let allowed), .text(let word)) = (key.kind, node),
      !allowed.contains(key.present(word))
    {
      let choice = Words.choice(allowed, insteadOf: word)
      fault(path, "\(name) is \(Words.quoted(word)); \(choice).")
    } else if let value = key.value(from: node) {
      _ = key.put(value, into: &recipe)
    } else {
      fault(path, "\(name) is \(node.kind); it must be \(key.kind.words).")
    }
  }
}

extension RecipeKey {
  /// Its name within its section.
  var lastName: String {
    section.isEmpty ? name : String(name.dropFirst(section.count + 1))
  }

  /// What a file says; nil where it is of the wrong kind.
  fileprivate func value(from node: TOMLNode) -> RecipeValue? {
    switch (kind, node) {
    case (.whole, .whole(let value)): .whole(value)
    case (.natural, .whole(let value)): UInt64(exactly: value).map { .natural($0) }
    case (.natural, .text(let value)): UInt64(value).map { .natural($0) }
    case (.number, .whole(let value)): .number(Double(value))
    case (.number, .number(let value)): value.isFinite ? .number(value) : nil
    case (.flag, .flag(let value)): .flag(value)
    case (.word(let allowed), .flag(let value)):
      // Some words were truths once.
      allowed.contains(present("\(value)")) ? .word(present("\(value)")) : nil
    case (.text, .text(let value)): .text(value)
    case (.word, .text(let value)): .word(present(value))
    default: nil
    }
  }
}

extension RecipeKey.Kind {
  /// What a value must be, for a sentence.
  fileprivate var words: String {
    switch self {
    case .whole: "a whole number, such as 8"
    case .natural: "a whole number from 0 on"
    case .number: "a finite number, such as 0.5"
    case .flag: "true or false"
    case .text: "a text in quotes"
    case .word(let allowed): "one of " + allowed.map(Words.quoted).joined(separator: ", ")
    }
  }
}

extension RecipeValue {
  /// The value as TOML writes it.
  var toml: String {
    switch self {
    case .whole(let value): "\(value)"
    // TOML's whole numbers end at Int64; a seed beyond it is written as text.
    case .natural(let value): value > UInt64(Int64.max) ? "\"\(value)\"" : "\(value)"
    case .number(let value): "\(value)"
    case .flag(let value): "\(value)"
    case .text(let value), .word(let value): RecipeValue.quoted(value)
    }
  }

  private static func quoted(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "\"") { result, scalar in
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    } + "\""
  }
}
