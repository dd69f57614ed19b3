import ArgumentParser
import Foundation
import Glibc
import Records
import Session
import Tensors
import Terminal
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
    let session = RunSession(
      .recorded(try OpenedRun(run, readOnly: false)), blind: BlindMode(), inbox: .waking)
    let notes = try typist.watch(session)
    endProgress()
    guard session.end() else {
      throw Complaint("The engine did not end in time; the figures up to here hold.")
    }
    try show(row(of: notes, size, isTraining: isTraining))
  }

  private func row(of notes: ScreenTypist.Notes, _ size: Int, isTraining: Bool) -> Row {
    let delays = notes.delays.sorted()
    return Row(
      name: "screen, \(size) trajectories" + (isTraining ? ", training" : ""),
      trajectories: size, isTraining: isTraining, firstFrameSeconds: notes.firstFrame,
      readSeconds: notes.wholeRun, keys: delays.count,
      keyToFrameMedian: quantile(0.5, ofSorted: delays),
      keyToFrame99: quantile(0.99, ofSorted: delays), keyToFrameWorst: delays.last ?? .nan,
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

/// Somebody at the far end of a pseudo-terminal who types keys and looks when each is answered.
///
/// The workbench runs on the thread that calls `watch`; the typist has one of its own, and a third
/// takes what is written to the terminal.
final class ScreenTypist: @unchecked Sendable {
  /// Cells of the terminal.
  static let size = Size(columns: 120, rows: 40)

  /// What was measured; seconds, and shares of one processor.
  struct Notes {
    var firstFrame = 0.0
    var wholeRun = 0.0
    var delays: [Double] = []
    var framesPerSecond = 0.0
    var bytesPerSecond = 0.0
    var screenLoad = 0.0
    var processLoad = 0.0
  }

  /// What the frames so far showed.
  private struct Shown {
    var frames = 0
    var answered = 0
    var trajectories = 0
    var engine = EngineState.loading
    var isAsking = false
  }

  private let trains: Bool
  private let trajectories: Int
  private let keys: Int
  private let condition = NSCondition()
  private let isDrained = DispatchSemaphore(value: 0)
  private var ends: (master: Int32, slave: Int32) = (-1, -1)
  private var shown = Shown()
  private var bytes = 0
  private var typed = 0
  private var notes = Notes()
  private var began = ContinuousClock.now
  private var screenClock = CLOCK_PROCESS_CPUTIME_ID

  /// Most seconds that are given to the keys.
  private static let mostSeconds = 60.0
  /// Seconds after which a key counts as lost.
  private static let patience = 120.0

  init(trains: Bool, trajectories: Int, keys: Int) throws {
    self.keys = keys
    self.trains = trains
    self.trajectories = trajectories
    var window = winsize(
      ws_row: UInt16(Self.size.rows), ws_col: UInt16(Self.size.columns), ws_xpixel: 0,
      ws_ypixel: 0)
    var (master, slave): (Int32, Int32) = (-1, -1)
    guard openpty(&master, &slave, nil, nil, &window) == 0 else {
      throw Complaint("No pseudo-terminal can be opened: \(String(cString: strerror(errno))).")
    }
    ends = (master, slave)
    for end in [master, slave] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
  }

  /// Gives the pseudo-terminal back.
  func close() {
    Glibc.close(ends.slave)
    isDrained.wait()
    Glibc.close(ends.master)
  }

  /// Shows the workbench until all is measured.
  func watch(_ session: any WorkbenchSession) throws -> Notes {
    Thread { self.drain() }.start()
    pthread_getcpuclockid(pthread_self(), &screenClock)
    began = .now
    session.start(patience: OpenCommand.patience)
    var options = Screen.Options()
    (options.input, options.output) = (ends.slave, ends.slave)
    options.terminal = "xterm-256color"
    let screen = try Screen(options)
    defer { screen.close() }
    let run = try WorkbenchRun(
      screen: screen, session: session, themes: Themes(), options: try WorkbenchOptions.parse([]))
    run.onFrame = { [self] state, answered in take(state, answered) }
    Thread { self.work() }.start()
    try CellWidths.$current.withValue(screen.widths) { try run.loop() }
    return condition.withLock { notes }
  }

  /// Notes what a frame shows; on the thread of the screen.
  private func take(_ state: WorkbenchState, _ answered: Int) {
    condition.withLock {
      shown.frames += 1
      shown.answered = answered
      shown.trajectories = state.history.trajectories.count
      shown.engine = state.engine
      if case .confirm = state.mode { shown.isAsking = true } else { shown.isAsking = false }
      condition.broadcast()
    }
  }

  /// Takes what is written to the terminal, so that it never waits.
  private func drain() {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = buffer.withUnsafeMutableBytes { read(ends.master, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      condition.withLock { bytes += count }
    }
    isDrained.signal()
  }

  private func work() {
    defer {
      // The second in a row leaves without a question.
      type("\u{3}")
      type("\u{3}")
    }
    guard wait(for: { $0.frames > 0 }) else { return }
    note { $0.firstFrame = seconds(since: began) }
    guard wait(for: { $0.trajectories >= self.trajectories }) else { return }
    note { $0.wholeRun = seconds(since: began) }
    guard wait(for: { $0.engine == .idle }) else { return }
    if trains { guard startTraining() else { return } }
    Thread.sleep(forTimeInterval: 1)
    lookOn()
    typeAlong()
  }

  private func startTraining() -> Bool {
    for key in ":train 4096\r" where press(String(key)) == nil { return false }
    guard wait(for: { $0.engine == .training || $0.isAsking }) else { return false }
    if condition.withLock({ shown.isAsking }) { _ = press("y") }
    return wait(for: { $0.engine == .training })
  }

  /// What a second costs in which nobody types.
  private func lookOn() {
    let start = (ContinuousClock.now, counts, spent(screenClock), spent(CLOCK_PROCESS_CPUTIME_ID))
    Thread.sleep(forTimeInterval: 5)
    let (passed, now) = (seconds(since: start.0), counts)
    note {
      $0.framesPerSecond = Double(now.frames - start.1.frames) / passed
      $0.bytesPerSecond = Double(now.bytes - start.1.bytes) / passed
      $0.screenLoad = (spent(screenClock) - start.2) / passed
      $0.processLoad = (spent(CLOCK_PROCESS_CPUTIME_ID) - start.3) / passed
    }
  }

  /// Types keys at a typist's pace and notes how long each waits for its frame.
  private func typeAlong() {
    let start = ContinuousClock.now
    var random = SystemRandomNumberGenerator()
    for number in 0..<keys where seconds(since: start) < Self.mostSeconds {
      guard let delay = press(Self.keys[number % Self.keys.count]) else { return }
      note { $0.delays.append(delay) }
      // Not in step with the frames that come by themselves.
      Thread.sleep(forTimeInterval: Double.random(in: 0.02...0.06, using: &random))
    }
  }

  /// Looking about in the list as it came, then ordered, then narrowed, then in the other screens.
  private static let keys: [String] = {
    let about = "jjjk\u{4}\u{15}Gkgg\u{4}j".map(String.init)
    let filter = "Fwrong\r".map(String.init)
    let search = "/4\rnN".map(String.init)
    let steps = "\rjj\u{c}q".map(String.init)
    let screens = "234561".map(String.init)
    let all = "F\u{15}\r".map(String.init)
    return about + steps + ["o"] + about + filter + about + search + ["o"] + about + screens + all
  }()

  /// Types a key; answers how many seconds it waited for its frame, nil where none came.
  private func press(_ key: String) -> Double? {
    let start = ContinuousClock.now
    let wanted = type(key)
    return wait(for: { $0.answered >= wanted }) ? seconds(since: start) : nil
  }

  /// Types a key and does not wait; answers how many were typed by then.
  @discardableResult
  private func type(_ key: String) -> Int {
    let number = condition.withLock {
      typed += 1
      return typed
    }
    let text = Array(key.utf8)
    _ = text.withUnsafeBytes { write(ends.master, $0.baseAddress, $0.count) }
    return number
  }

  private func wait(for isReached: (Shown) -> Bool) -> Bool {
    let deadline = Date(timeIntervalSinceNow: Self.patience)
    condition.lock()
    defer { condition.unlock() }
    while !isReached(shown) {
      if !condition.wait(until: deadline) { return isReached(shown) }
    }
    return true
  }

  private func note(_ change: (inout Notes) -> Void) {
    condition.withLock { change(&notes) }
  }

  private var counts: (frames: Int, bytes: Int) {
    condition.withLock { (shown.frames, bytes) }
  }

  private func seconds(since start: ContinuousClock.Instant) -> Double {
    (ContinuousClock.now - start) / .seconds(1)
  }

  private func spent(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
