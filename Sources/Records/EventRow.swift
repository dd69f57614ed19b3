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
  /// The word that stands in the store's `kind` column.
  var kind: String {
    switch self {
    case .started: "started"
    case .sampled: "sampled"
    case .valued: "valued"
    case .proposed: "proposed"
    case .marked: "marked"
    case .recut: "recut"
    case .labelled: "labelled"
    case .undone: "undone"
    case .redone: "redone"
    case .followed: "followed"
    case .updated: "updated"
    case .evaluated: "evaluated"
    case .checkpointed: "checkpointed"
    case .resumed: "resumed"
    case .rolledBack: "rolledBack"
    case .finished: "finished"
    case .changed: "changed"
    case .stopped: "stopped"
    case .failed: "failed"
    case .warned: "warned"
    }
  }

  /// The trajectory it speaks of, if it speaks of one.
  var trajectoryID: String? {
    switch self {
    case .sampled(let trajectory): trajectory.id
    case .valued(let valuation): valuation.trajectory
    case .proposed(let step): step.trajectory
    case .marked(let mark): mark.trajectory
    case .recut(let cut): cut.trajectory
    case .labelled(let label): label.trajectory
    default: nil
    }
  }
}

/// Turns events into JSON and back; numbers that JSON lacks are written as words.
struct EventCoder {
  private let encoder = JSONEncoder()
  private let decoder = JSONDecoder()

  init() {
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  }

  func payload(of event: RunEvent) throws -> String {
    String(decoding: try encoder.encode(event), as: UTF8.self)
  }

  func event(from row: Row, of path: String) throws -> RecordedEvent {
    guard let id = Int64.fromDatabaseValue(row["id"]) else {
      throw RecordsError("\(path) holds an event without a number; restore it from a copy.")
    }
    let payload = Data((String.fromDatabaseValue(row["payload"]) ?? "").utf8)
    let event =
      (try? decoder.decode(RunEvent.self, from: payload))
      ?? EventDefaults.filled(payload, encoder: encoder).flatMap {
        try? decoder.decode(RunEvent.self, from: $0)
      }
    guard let event else {
      let kind = String.fromDatabaseValue(row["kind"]) ?? "without a kind"
      throw RecordsError(
        "Event \(id) (\(kind)) of \(path) cannot be read: it is damaged, or another version of "
          + "Crux wrote it; restore the run from a copy or open it with that version.")
    }
    return RecordedEvent(id: id, time: Double.fromDatabaseValue(row["time"]) ?? 0, event: event)
  }
}
