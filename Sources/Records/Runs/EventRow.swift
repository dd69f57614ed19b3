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
  static let columns = "id, time, kind, trajectory, payload"
  /// Largest payload that is read, bytes.
  static let largestPayload = 256 << 20

  /// Reads a row of the `event` table.
  ///
  /// A row that cannot be read, or that cannot be true, is told as damaged; the others are read.
  func recorded(_ row: Row, schema: Int) -> RecordedEvent {
    let id = Int64.fromDatabaseValue(row["id"]) ?? 0
    let kind = String.fromDatabaseValue(row["kind"]) ?? "without a kind"
    let time = Double.fromDatabaseValue(row["time"]) ?? 0
    func damaged(_ fault: String) -> RunEvent {
      .damaged(
        DamagedEvent(
          id: id, kind: EventFormat.plain(kind),
          trajectory: String.fromDatabaseValue(row["trajectory"]), fault: fault))
    }
    let event: RunEvent
    if let payload = String.fromDatabaseValue(row["payload"]) {
      if payload.utf8.count > EventFormat.largestPayload {
        event = damaged("its payload has \(payload.utf8.count) bytes")
      } else if !time.isFinite {
        event = damaged("its time is no number")
      } else {
        do {
          let found = try self.event(kind, payload.utf8, schema: schema)
          event = found.fault.map(damaged) ?? found
        } catch { event = damaged(error.words) }
      }
    } else {
      event = damaged("its payload is no text")
    }
    return RecordedEvent(id: id, time: time, event: event)
  }

  /// A stranger's word, short and of plain signs.
  static func plain(_ word: String) -> String {
    let signs = word.unicodeScalars.prefix(40).map { scalar in
      scalar.properties.isWhitespace || scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
        || scalar.properties.generalCategory == .format ? "?" : Character(scalar)
    }
    return String(signs)
  }
}
