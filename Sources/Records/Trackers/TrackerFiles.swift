import Foundation
public import Trajectories

/// What trackers read of a run, beside its record: `metrics.jsonl` and a TensorBoard event file.
///
/// Both follow from the run's events and hold what counts of them: what was given up by going back is
/// not in them. They are written whole when training begins or goes back, and grow with each update.
/// Nothing in Crux reads them, so deleting them costs nothing.
public struct TrackerFiles {
  /// Name of the file of metrics within a run's folder.
  public static let metricsName = "metrics.jsonl"
  /// How the name of the event file begins; TensorBoard looks for that.
  public static let boardPrefix = "events.out.tfevents."

  private let metrics: URL
  private let board: URL

  /// Writes both files from a run's record.
  ///
  /// - Throws: A sentence where the run cannot be read or its folder cannot be written.
  public init(of store: RunStore) throws {
    var points: [TrackedPoint] = []
    var began = 0.0
    var known: Int64 = 0
    while true {
      let (events, newest) = try store.progress(after: known)
      if known == 0 { began = events.first?.time ?? 0 }
      guard newest != known else { break }
      for event in events { Self.apply(event.event, time: event.time, to: &points) }
      known = newest
    }
    metrics = store.folder.appendingPathComponent(Self.metricsName)
    // One name for ever: a second file in the folder would be drawn as a second run.
    let seconds = Int(exactly: began.rounded()) ?? 0
    board = store.folder.appendingPathComponent("\(Self.boardPrefix)\(seconds).crux")
    let lines = points.map(\.line).joined()
    try DurableFiles.write(Data(lines.utf8), to: metrics)
    let records = points.flatMap { TensorBoardFile.record(of: $0) }
    try DurableFiles.write(Data(TensorBoardFile.header(time: began) + records), to: board)
  }

  private static func apply(_ event: RunEvent, time: Double, to points: inout [TrackedPoint]) {
    switch event {
    case .rolledBack(let update), .resumed(let update): points.removeAll { $0.step > update }
    default: if let point = TrackedPoint(event, time: time) { points.append(point) }
    }
  }

  /// Whether events give up updates, so that the files have to be written anew.
  public static func goBack(_ events: [RunEvent]) -> Bool {
    events.contains { event in
      switch event {
      case .rolledBack, .resumed: true
      default: false
      }
    }
  }

  /// Adds what events say in numbers.
  ///
  /// - Parameters:
  ///   - events: As they were appended to the run; none of them goes back.
  ///   - time: Seconds since 1970.
  /// - Throws: A sentence where a file cannot be written or is no plain file.
  public func append(_ events: [RunEvent], time: Double) throws {
    let points = events.compactMap { TrackedPoint($0, time: time) }
    guard !points.isEmpty else { return }
    try Self.append(Array(points.map(\.line).joined().utf8), to: metrics)
    try Self.append(points.flatMap { TensorBoardFile.record(of: $0) }, to: board)
  }

  private static func append(_ bytes: [UInt8], to url: URL) throws {
    // A link could lead anywhere; the files were made as plain ones.
    let descriptor = open(url.path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { throw RecordsError.system("\(url.path) could not be opened") }
    defer { close(descriptor) }
    let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    guard written == bytes.count else {
      throw RecordsError.system("\(url.path) could not be written")
    }
  }
}
