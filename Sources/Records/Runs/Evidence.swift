import Foundation
import GRDB
public import Trajectories

// The rollouts behind values: a row a boundary, in the same commit as the event they came with.
extension RunStore {
  /// Writes the rollouts that came with the event `id`.
  static func insert(_ evidence: [Evidence], event id: Int64, into database: Database) throws {
    for evidence in evidence {
      for part in evidence.parts where !part.rollouts.isEmpty {
        try database.cachedStatement(
          sql: """
            INSERT INTO rollout
              (event, trajectory, policy_version, boundary, start, first, count, data)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """
        ).execute(
          arguments: [
            id, evidence.trajectory, evidence.version, part.boundary, part.start, part.first,
            part.rollouts.count, RolloutBlob.bytes(of: part.rollouts),
          ])
      }
    }
  }

  /// The rollouts that the record has of an answer's boundaries under one version of the policy.
  ///
  /// Those of weights that were given up since, and of another answer that had the same name, are
  /// left out. Whoever valued the same boundary twice drew the same rollouts, which are told once.
  ///
  /// - Returns: The rollouts by boundary, in the order of their numbers.
  /// - Throws: A sentence where the run cannot be read; a damaged row is left out.
  public func evidence(
    of trajectory: Trajectory, version: Int
  ) throws -> [BoundaryRollouts] {
    let tokens = "[" + trajectory.responseTokens.map(String.init).joined(separator: ",") + "]"
    do {
      return try database.read { database in
        guard try database.tableExists("rollout") else { return [] }
        let rows = try Row.fetchAll(
          database,
          sql: """
            SELECT boundary, start, first, data, MAX(event) FROM rollout
            WHERE trajectory = :trajectory AND policy_version = :version AND event > MAX(
              (SELECT COALESCE(MAX(id), 0) FROM event WHERE kind = 'sampled'
                AND trajectory = :trajectory
                AND json_extract(payload, '$.responseTokens') <> :tokens),
              (SELECT COALESCE(MAX(id), 0) FROM event WHERE kind IN ('resumed', 'rolledBack')
                AND json_extract(payload, '$.update') < :version))
            AND event IN (SELECT id FROM event WHERE kind = 'valued' AND trajectory = :trajectory)
            GROUP BY start, first ORDER BY start, first
            """,
          arguments: ["trajectory": trajectory.id, "version": version, "tokens": tokens])
        return rows.compactMap { RunStore.rollouts(of: $0, from: trajectory) }
      }
    } catch { throw RunStore.sentence(error, path: folder.path, doing: "read") }
  }
}

extension RunStore {
  /// The rollouts of a row; nil where they cannot be such of that answer.
  private static func rollouts(of row: Row, from answer: Trajectory) -> BoundaryRollouts? {
    func number(_ column: String, _ most: Int) -> Int? {
      Int.fromDatabaseValue(row[column]).flatMap { (0...most).contains($0) ? $0 : nil }
    }
    let tokens = answer.responseTokens.count
    guard let boundary = number("boundary", tokens), let start = number("start", tokens),
      let first = number("first", EventCheck.mostNumbered),
      let data = Data.fromDatabaseValue(row["data"]), data.count <= EventFormat.largestPayload,
      let rollouts = RolloutBlob.rollouts(of: data)
    else { return nil }
    let isSound = rollouts.allSatisfy { rollout in
      (0...1).contains(rollout.reward) && rollout.tokens.allSatisfy { $0 >= 0 }
    }
    guard isSound else { return nil }
    return BoundaryRollouts(boundary: boundary, start: start, first: first, rollouts: rollouts)
  }
}

/// Rollouts of one trajectory under one version of the policy.
struct Evidence {
  var trajectory: String
  var version: Int
  var parts: [BoundaryRollouts]
}

extension RunEvent {
  /// The rollouts that come with it, to be written apart from it.
  var evidence: [Evidence] {
    switch self {
    case .valued(let it):
      [Evidence(trajectory: it.trajectory, version: it.policyVersion, parts: it.evidence)]
    case .measured(let it):
      [Evidence(trajectory: it.trajectory, version: it.policyVersion, parts: it.evidence)]
    case .compared(let it):
      zip([it.firstVersion, it.secondVersion], it.evidence).map { version, parts in
        Evidence(trajectory: it.trajectory, version: version, parts: parts)
      }
    default: []
    }
  }
}
