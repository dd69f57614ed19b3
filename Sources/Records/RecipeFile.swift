public import Foundation
public import Trajectories

/// A recipe as a TOML file.
///
/// Keys are the property names of `Recipe` in snake case, a section for each part. What the file
/// does not say keeps its default.
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
    reading.take(document.root, at: [])
    guard reading.faults.isEmpty else { throw RecordsError(reading.faults) }
    let recipe = try RecipeField.recipe(from: reading.fields)
    let problems = recipe.problems()
    guard problems.isEmpty else {
      throw RecordsError(problems.map { "\(reading.place(ofProblem: $0)): \($0)" })
    }
    return recipe
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
    let fields = RecipeField.all(of: base)
    let lines = changes.map { key, value in
      let field = fields.first { $0.filePath.joined(separator: ".") == key }
      if case .text = field?.value { return "\(key) = \(RecipeField.Value.text(value).toml)" }
      let word = value.trimmingCharacters(in: .whitespacesAndNewlines)
      let isBare = TOMLNumber.node(word) != nil
      return "\(key) = \(isBare ? word : RecipeField.Value.text(word).toml)"
    }
    return try recipe(from: lines.joined(separator: "\n"), name: name, over: base)
  }

  /// Writes a recipe so that it is on disk, whole, when this returns.
  public static func write(_ recipe: Recipe, to url: URL) throws {
    try DurableFiles.write(Data(text(of: recipe).utf8), to: url)
  }

  /// A recipe as a file: every key with its value, what is allowed and the unit.
  public static func text(of recipe: Recipe) -> String {
    let settings = recipe.settings.reduce(into: [:]) { $0[$1.key] = $1 }
    let fields = RecipeField.all(of: recipe)
    var lines = fields.filter { $0.path.count == 1 }.map { line(of: $0, settings: settings) }
    var section: [String] = []
    for field in fields where field.path.count > 1 {
      let place = Array(field.filePath.dropLast())
      if place != section {
        lines += ["", "[\(place.joined(separator: "."))]"]
        section = place
      }
      lines.append(line(of: field, settings: settings))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// What a recipe says differently from the defaults: a line for each key, such as
  /// `task.hard = 4`.
  public static func changes(of recipe: Recipe) -> [String] {
    zip(RecipeField.all(of: recipe), RecipeField.all(of: Recipe())).compactMap { field, plain in
      field.value == plain.value
        ? nil : "\(field.filePath.joined(separator: ".")) = \(field.value.toml)"
    }
  }

  private static func line(of field: RecipeField, settings: [String: Setting]) -> String {
    let key = field.filePath.joined(separator: ".")
    let start = "\(field.filePath.last ?? key) = \(field.value.toml)"
    let comment: String
    if let setting = settings[key] {
      let range = setting.range
      comment = "\(short(range.lowerBound)) to \(short(range.upperBound)) \(setting.unit)"
    } else if case .word(_, let allowed) = field.value {
      comment = allowed.joined(separator: ", ")
    } else {
      return start
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

  private static func short(_ value: Double) -> String {
    value.rounded() == value && value.magnitude < 1e15 ? "\(Int(value))" : "\(value)"
  }
}

extension RecipeField.Value {
  /// The value as TOML writes it.
  var toml: String {
    switch self {
    case .whole(let value): "\(value)"
    // TOML's whole numbers end at Int64; a seed beyond it is written as text.
    case .natural(let value): value > UInt64(Int64.max) ? "\"\(value)\"" : "\(value)"
    case .number(let value): "\(value)"
    case .flag(let value): "\(value)"
    case .text(let value), .word(let value, _): RecipeField.Value.quoted(value)
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
