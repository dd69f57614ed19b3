import Foundation
import GRDB
public import Trajectories

extension RunStore {
  /// The recipe that a run goes by, and what its `recipe.toml` says otherwise.
  ///
  /// A run goes by the recipe that its record tells, with the edits that a person accepted. A key of
  /// which an older Crux recorded nothing is as the file has it.
  ///
  /// - Parameter written: What `recipe.toml` says now.
  /// - Returns: The recipe in force, and a line for each key that the file has otherwise.
  /// - Throws: A sentence where the run cannot be read.
  public func recipe(_ written: Recipe) throws -> (inForce: Recipe, edits: [RecipeEdit]) {
    guard let (began, told) = try recordedRecipe() else { return (written, []) }
    var fields = RecipeField.all(of: written)
    let recorded = RecipeField.all(of: began)
    for index in fields.indices where told.contains(fields[index].path) {
      fields[index].value = recorded[index].value
    }
    try accept(acceptedEdits(), into: &fields)
    let edits = zip(fields, RecipeField.all(of: written)).compactMap { before, now in
      before.value == now.value
        ? nil
        : RecipeEdit(
          update: 0, key: now.filePath.joined(separator: "."), before: before.value.toml,
          value: now.value.toml)
    }
    return (edits.isEmpty ? written : try RecipeField.recipe(from: fields), edits)
  }

  /// The recipe of the first event, and which keys it has; nil where there is none that can be read.
  private func recordedRecipe() throws -> (recipe: Recipe, told: Set<[String]>)? {
    do {
      return try database.read { database in
        let schema = try Schema.found(in: database)
        let row = try Row.fetchOne(
          database,
          sql: "SELECT \(EventFormat.columns) FROM event WHERE kind = 'started' ORDER BY id LIMIT 1"
        )
        guard let row, case .started(let start) = EventFormat().recorded(row, schema: schema).event,
          let payload = String.fromDatabaseValue(row["payload"]),
          let object = try? JSONSerialization.jsonObject(with: Data(payload.utf8)),
          let recipe = RunStore.member(["recipe"], of: object)
            ?? RunStore.member(["started", "_0", "recipe"], of: object)
        else { return nil }
        let paths = RecipeField.all(of: start.recipe).map(\.path)
        return (start.recipe, Set(paths.filter { RunStore.member($0, of: recipe) != nil }))
      }
    } catch { throw RunStore.sentence(error, path: folder.path, doing: "read") }
  }

  private static func member(_ path: [String], of object: Any) -> Any? {
    path.reduce(object as Any?) { ($0 as? [String: Any])?[$1] }
  }

  private func acceptedEdits() throws -> [RecipeEdit] {
    do {
      return try database.read { database in
        let schema = try Schema.found(in: database)
        let rows = try Row.fetchAll(
          database,
          sql: "SELECT \(EventFormat.columns) FROM event WHERE kind = 'edited' ORDER BY id")
        let format = EventFormat()
        return rows.compactMap { row in
          if case .edited(let edit) = format.recorded(row, schema: schema).event {
            edit
          } else {
            nil
          }
        }
      }
    } catch { throw RunStore.sentence(error, path: folder.path, doing: "read") }
  }

  /// Lays accepted edits over a recipe's fields, each key by itself.
  private func accept(_ edits: [RecipeEdit], into fields: inout [RecipeField]) throws {
    for edit in edits {
      let key = edit.key
      guard
        let place = fields.firstIndex(where: { $0.filePath.joined(separator: ".") == key }),
        let document = try? TOMLDocument("\(key) = \(edit.value)", name: "the record")
      else { continue }
      var reading = RecipeReading(document: document, base: try RecipeField.recipe(from: fields))
      reading.take(document.root, at: [])
      guard reading.faults.isEmpty else { continue }
      fields[place].value = reading.fields[place].value
    }
  }
}
