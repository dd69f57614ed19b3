import Foundation
import GRDB
public import Trajectories

/// An event as the store keeps it.
public struct RecordedEvent: Equatable, Sendable {
  /// Its number in the run, from 1, without gaps.
  public let id: Int64
  /// When it was written, seconds since 1970.
  public let time: Double
  /// What happened.
  public let event: RunEvent
}

extension RunEvent {
  /// The trajectory it speaks of, if it speaks of one.
  var trajectoryID: String? {
    switch self {
    case .sampled(let trajectory): trajectory.id
    case .valued(let valuation): valuation.trajectory
    case .measured(let measurement): measurement.trajectory
    case .compared(let comparison): comparison.trajectory
    case .proposed(let step): step.trajectory
    case .marked(let mark): mark.trajectory
    case .recut(let cut): cut.trajectory
    case .labelled(let label): label.trajectory
    default: nil
    }
  }
}

extension EventFormat {
  /// Columns that `recorded` reads.
  static let columns = "id, time, kind, payload"

  /// Reads a row of the `event` table.
  ///
  /// - Throws: A sentence that names the row, where its payload is damaged.
  func recorded(_ row: Row, of path: String, schema: Int) throws -> RecordedEvent {
    guard let id = Int64.fromDatabaseValue(row["id"]) else {
      throw RecordsError("\(path) holds an event without a number; restore it from a copy.")
    }
    let kind = String.fromDatabaseValue(row["kind"]) ?? "without a kind"
    let payload = Data((String.fromDatabaseValue(row["payload"]) ?? "").utf8)
    do {
      let event = try event(kind, payload, schema: schema)
      return RecordedEvent(id: id, time: Double.fromDatabaseValue(row["time"]) ?? 0, event: event)
    } catch {
      throw RecordsError(
        "Event \(id) (\(kind)) of \(path) cannot be read: its payload is not JSON, so it is "
          + "damaged; restore the run from a copy.")
    }
  }
}
