import Foundation
import GRDB
import Trajectories

extension RunStore {
  static func index(_ trajectory: Trajectory, in database: Database) throws {
    try database.cachedStatement(
      sql: "INSERT INTO trajectory_text (trajectory, prompt, response) VALUES (?, ?, ?)"
    ).execute(arguments: [trajectory.id, trajectory.problem.prompt, trajectory.text])
  }

  /// Finds the trajectories whose problem or response contains a text.
  ///
  /// Capitals do not matter. Every character is taken as it stands; there is no query language.
  ///
  /// - Parameters:
  ///   - text: What to look for; blanks at the ends are dropped. Empty text finds nothing.
  ///   - limit: Most ids to return.
  /// - Returns: Their ids, in the order drawn.
  /// - Throws: A sentence where the run cannot be read.
  public func search(_ text: String, limit: Int = 1000) throws -> [String] {
    let wanted = text.trimmingCharacters(in: .whitespacesAndNewlines)
      .replacingOccurrences(of: "\0", with: "")
    guard !wanted.isEmpty else { return [] }
    do {
      return try database.read { database in
        // A trigram index knows nothing shorter than three characters.
        guard wanted.unicodeScalars.count >= 3 else {
          return try String.fetchAll(
            database,
            sql: """
              SELECT trajectory FROM trajectory_text
              WHERE instr(lower(prompt), lower(?1)) OR instr(lower(response), lower(?1))
              ORDER BY rowid LIMIT ?2
              """,
            arguments: [wanted, limit])
        }
        let phrase = "\"" + wanted.replacingOccurrences(of: "\"", with: "\"\"") + "\""
        return try String.fetchAll(
          database,
          sql: """
            SELECT trajectory FROM trajectory_text
            WHERE trajectory_text MATCH ? ORDER BY rowid LIMIT ?
            """,
          arguments: [phrase, limit])
      }
    } catch { throw RunStore.sentence(error, path: folder.path, doing: "searched") }
  }
}
