import Foundation
import Trajectories

/// One thing a recipe file may say: where, and of which kind.
struct RecipeField {
  /// The property's place in `Recipe`, such as `optimiser`, `learningRate`.
  var path: [String]
  /// Its value.
  var value: Value

  /// A value that a recipe can hold.
  enum Value: Equatable {
    case whole(Int)
    case natural(UInt64)
    case number(Double)
    case flag(Bool)
    case text(String)
    /// One word of an enumeration.
    case word(String, allowed: [String])
  }

  /// Its place in the file, such as `optimiser`, `learning_rate`.
  var filePath: [String] { path.map(RecipeField.snakeCase) }

  /// `learningRate` as `learning_rate`.
  static func snakeCase(_ name: String) -> String {
    name.reduce(into: "") { result, character in
      if character.isUppercase { result.append("_") }
      result.append(contentsOf: character.lowercased())
    }
  }

  /// Every field of a recipe in the order of its declaration.
  static func all(of recipe: Recipe) -> [RecipeField] { fields(of: recipe, at: []) }

  private static func fields(of owner: Any, at path: [String]) -> [RecipeField] {
    Mirror(reflecting: owner).children.flatMap { label, child -> [RecipeField] in
      guard let label else { return [] }
      let place = path + [label]
      guard let value = value(of: child) else { return fields(of: child, at: place) }
      return [RecipeField(path: place, value: value)]
    }
  }

  private static func value(of child: Any) -> Value? {
    switch child {
    case let value as Int: .whole(value)
    case let value as UInt64: .natural(value)
    case let value as Double: .number(value)
    case let value as Bool: .flag(value)
    case let value as String: .text(value)
    case let value as any CaseIterable & RawRepresentable: word(value)
    default: nil
    }
  }

  private static func word<Word: CaseIterable & RawRepresentable>(_ value: Word) -> Value {
    .word("\(value.rawValue)", allowed: Word.allCases.map { "\($0.rawValue)" })
  }

  /// The recipe that has these values; a field that is missing is an error of the caller.
  static func recipe(from fields: [RecipeField]) throws -> Recipe {
    let json = try object(fields, depth: 0)
    return try JSONDecoder().decode(Recipe.self, from: Data(json.utf8))
  }

  // Recipe is Codable, so JSON is the short way from values back to it.
  private static func object(_ fields: [RecipeField], depth: Int) throws -> String {
    var members: [String] = []
    var sections: [String] = []
    for field in fields {
      let name = field.path[depth]
      if field.path.count == depth + 1 {
        members.append("\"\(name)\":\(try field.json)")
      } else if !sections.contains(name) {
        sections.append(name)
      }
    }
    for section in sections {
      let inner = fields.filter { $0.path.count > depth + 1 && $0.path[depth] == section }
      members.append("\"\(section)\":\(try object(inner, depth: depth + 1))")
    }
    return "{" + members.joined(separator: ",") + "}"
  }

  private var json: String {
    get throws {
      switch value {
      case .whole(let value): "\(value)"
      case .natural(let value): "\(value)"
      case .number(let value): "\(value)"
      case .flag(let value): "\(value)"
      case .text(let value), .word(let value, _):
        String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
      }
    }
  }
}
