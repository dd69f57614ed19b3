import Foundation
import Glibc
import Records
import Tensors
import Trajectories
import Workbench

/// `crux bench --screen`: how fast the workbench answers a key, and what it costs when nobody types,
/// in front of runs of some sizes, without and with training under way.
struct BenchScreen {
  /// Trajectories of the runs unless told.
  static let sizes = [160, 10_000, 100_000]

  let sizes: [Int]
  /// Keys that are typed in front of each.
  let keys: Int
  let json: Bool

  /// A measurement as a JSON line.
  struct Row: Codable {
    var name: String
    var trajectories: Int
    var isTraining: Bool
    /// Cells of the terminal.
    var columns = ScreenTypist.size.columns
    var rows = ScreenTypist.size.rows
    /// Until the first frame, and until the whole run stands in one.
    var firstFrameSeconds: Double
    var readSeconds: Double
    /// Keys that were typed.
    var keys: Int
    /// From the writing of a key to the end of the frame that answers it.
    var keyToFrameMedian: Double
    var keyToFrame99: Double
    var keyToFrameWorst: Double
    /// What a second costs in which nobody types.
    var framesPerSecond: Double
    var bytesPerSecond: Double
    /// Shares of one processor: the thread of the screen, and the whole process.
    var screenLoad: Double
    var processLoad: Double
    /// The most memory of the process up to here.
    var peakBytes: Int
    var machine = BenchMachine()
  }

  func run() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("crux-bench-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    if !json { showHead() }
    for size in sizes {
      let run = folder.appendingPathComponent("run-\(size)")
      try fill(run, to: size)
      for isTraining in [false, true] { try measure(run, size, isTraining: isTraining) }
      try? FileManager.default.removeItem(at: run)
    }
  }

  /// The sample run with copies of its trajectories; one in ten of them is valued.
  private func fill(_ folder: URL, to size: Int) throws {
    try FileManager.default.copyItem(at: try Locations.shipped("samples/run"), to: folder)
    let store = try RunStore(opening: folder, readOnly: false)
    defer { try? store.close() }
    let events = try store.events().map(\.event)
    let history = RunHistory(events)
    let base = history.trajectories
    var copies: [RunEvent] = []
    for number in stride(from: base.count, to: size, by: 1) {
      var copy = base[number % base.count]
      let original = copy.id
      copy.id = "bench/\(number)"
      copies.append(.sampled(copy))
      if number % 10 == 0, var valuation = history.newestValuation(of: original),
        var proposal = history.proposal(for: original)
      {
        (valuation.trajectory, proposal.trajectory) = (copy.id, copy.id)
        copies += [.valued(valuation), .proposed(proposal)]
      }
      guard copies.count >= 2000 || number + 1 == size else { continue }
      try store.append(copies)
      copies = []
      tellProgress("filling a run: \(number + 1) of \(size) trajectories")
    }
    endProgress()
  }

  private func measure(_ run: URL, _ size: Int, isTraining: Bool) throws {
    let words = isTraining ? ", training" : ""
    tellProgress("\(size) trajectories\(words)")
    let typist = try ScreenTypist(trains: isTraining, trajectories: size, keys: keys)
    defer { typist.close() }
    let desk = RunDesk(.recorded(try OpenedRun(run, readOnly: false)), blind: BlindMode())
    let notes = try typist.watch(desk)
    endProgress()
    guard desk.end() else {
      throw Complaint("The engine did not end in time; the figures up to here hold.")
    }
    try show(row(of: notes, size, isTraining: isTraining))
  }

  private func row(of notes: ScreenTypist.Notes, _ size: Int, isTraining: Bool) -> Row {
    let delays = notes.delays.sorted()
    func delay(_ share: Double) -> Double {
      delays.isEmpty ? .nan : delays[min(delays.count - 1, Int(share * Double(delays.count)))]
    }
    return Row(
      name: "screen, \(size) trajectories" + (isTraining ? ", training" : ""),
      trajectories: size, isTraining: isTraining, firstFrameSeconds: notes.firstFrame,
      readSeconds: notes.wholeRun, keys: delays.count, keyToFrameMedian: delay(0.5),
      keyToFrame99: delay(0.99), keyToFrameWorst: delays.last ?? .nan,
      framesPerSecond: notes.framesPerSecond, bytesPerSecond: notes.bytesPerSecond,
      screenLoad: notes.screenLoad, processLoad: notes.processLoad,
      peakBytes: ProcessMemory.peak ?? 0)
  }

  private func showHead() {
    BenchReport.text(BenchMachine().processor)
    BenchReport.text(
      "                        opening s          key to frame, ms       of a second, nobody types")
    BenchReport.text(
      "trajectories          first   whole    keys  median   99 %  worst  frames    bytes  "
        + "screen  process   GB")
  }

  private func show(_ row: Row) throws {
    guard !json else { return try BenchReport.line(row) }
    let name = "\(row.trajectories)" + (row.isTraining ? ", training" : "")
    BenchReport.text(
      name.padding(toLength: 20, withPad: " ", startingAt: 0)
        + String(
          format: "%7.2f %7.2f %7d %7.1f %6.1f %6.1f %7.1f %8.0f %6.1f %% %6.0f %% %5.2f",
          row.firstFrameSeconds, row.readSeconds, row.keys, row.keyToFrameMedian * 1000,
          row.keyToFrame99 * 1000, row.keyToFrameWorst * 1000, row.framesPerSecond,
          row.bytesPerSecond, row.screenLoad * 100, row.processLoad * 100,
          BenchReport.gigabytes(row.peakBytes)))
  }
}
