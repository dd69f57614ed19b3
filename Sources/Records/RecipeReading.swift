import Foundation
import Trajectories

/// Lays what a file says over a recipe and collects what does not fit.
struct RecipeReading {
  let document: TOMLDocument
  /// Where the recipe's keys stand in the document; empty for a recipe file.
  var prefix: [String] = []
  private(set) var fields: [RecipeField]
  private(set) var faults: [String] = []

  init(document: TOMLDocument, base: Recipe) {
    self.document = document
    fields = RecipeField.all(of: base)
  }

  /// Another method brings its own defaults: what stood at the old one's moves to the new one's.
  private mutating func followMethod(in table: [String: TOMLNode]) {
    guard case .table(let objective) = table["objective"],
      case .text(let word) = objective["method"], let new = Method(rawValue: word),
      let field = fields.first(where: { $0.path == ["objective", "method"] }),
      case .word(let known, _) = field.value, let old = Method(rawValue: known)
    else { return }
    let before = RecipeField.all(of: .standard(for: old))
    let after = RecipeField.all(of: .standard(for: new))
    for index in fields.indices where fields[index].value == before[index].value {
      fields[index].value = after[index].value
    }
  }

  /// Takes over a table and the tables within it.
  mutating func take(_ table: [String: TOMLNode], at path: [String]) {
    if path.isEmpty { followMethod(in: table) }
    for (key, node) in table.sorted(by: { $0.key < $1.key }) {
      let place = path + [key]
      if place == ["values", "adaptive"], case .flag(let isOn) = node {
        // The name the estimators had when there were two of them.
        if isOn { takeEstimator("top-two") }
      } else if let index = fields.firstIndex(where: { $0.filePath == place }) {
        set(index, to: node, at: place)
      } else if fields.contains(where: { $0.filePath.starts(with: place) }) {
        guard case .table(let inner) = node else {
          fault(
            place, "\(key) is \(node.kind), but it is a section: write [\(key)] above its keys.")
          continue
        }
        take(inner, at: place)
      } else {
        fault(place, unknown(key, at: path))
      }
    }
  }

  /// Where a sentence of `Recipe.problems()` belongs; it begins with its key.
  func place(ofProblem problem: String) -> String {
    let key = problem.prefix { $0 != " " }
    return document.place(of: key.split(separator: ".").map(String.init))
  }

  private mutating func takeEstimator(_ name: String) {
    let place = fields.firstIndex { $0.filePath == ["values", "estimator"] }
    guard let place, case .word(_, let allowed) = fields[place].value else { return }
    fields[place].value = .word(name, allowed: allowed)
  }

  private mutating func fault(_ path: [String], _ sentence: String) {
    faults.append("\(document.place(of: prefix + path)): \(sentence)")
  }

  private func unknown(_ key: String, at path: [String]) -> String {
    let known = fields.compactMap { field -> String? in
      let place = field.filePath
      return place.starts(with: path) && place.count > path.count ? place[path.count] : nil
    }
    var words: [String] = []
    for word in known where !words.contains(word) { words.append(word) }
    let owner = path.isEmpty ? "a recipe" : "[\(path.joined(separator: "."))]"
    return "\(Words.quoted(key)) is not a key of \(owner); "
      + Words.choice(words, insteadOf: key) + "."
  }

  private mutating func set(_ index: Int, to node: TOMLNode, at path: [String]) {
    let key = path.joined(separator: ".")
    let old = fields[index].value
    if case (.word(_, let allowed), .text(let word)) = (old, node), !allowed.contains(word) {
      let choice = Words.choice(allowed, insteadOf: word)
      fault(path, "\(key) is \(Words.quoted(word)); \(choice).")
    } else if let value = old.replaced(by: node) {
      fields[index].value = value
    } else {
      fault(path, "\(key) is \(node.kind); it must be \(old.kind).")
    }
  }
}

extension RecipeField.Value {
  /// What it must be, for a sentence.
  fileprivate var kind: String {
    switch self {
    case .whole: "a whole number, such as 8"
    case .natural: "a whole number from 0 on"
    case .number: "a finite number, such as 0.5"
    case .flag: "true or false"
    case .text: "a text in quotes"
    case .word(_, let allowed): "one of " + allowed.map(Words.quoted).joined(separator: ", ")
    }
  }

  /// The value a file gives instead; nil where it is of the wrong kind.
  fileprivate func replaced(by node: TOMLNode) -> RecipeField.Value? {
    switch (self, node) {
    case (.whole, .whole(let value)): .whole(value)
    case (.natural, .whole(let value)): UInt64(exactly: value).map { .natural($0) }
    case (.natural, .text(let value)): UInt64(value).map { .natural($0) }
    case (.number, .whole(let value)): .number(Double(value))
    case (.number, .number(let value)): value.isFinite ? .number(value) : nil
    case (.flag, .flag(let value)): .flag(value)
    // Recipes of before said true or false for what is divided by.
    case (.word(_, let allowed), .flag(let value))
    where allowed == RewardScale.allCases.map(\.rawValue):
      .word((value ? RewardScale.group : .none).rawValue, allowed: allowed)
    case (.text, .text(let value)): .text(value)
    case (.word(_, let allowed), .text(let value)): .word(value, allowed: allowed)
    default: nil
    }
  }
}
