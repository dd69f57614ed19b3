import Foundation
import Glibc

/// A pseudo-terminal with a virtual terminal at its far end, for a screen in this process or a
/// program of its own.
///
/// Every wait has a deadline, so a test that goes wrong ends.
final class PseudoTerminal: @unchecked Sendable {
  /// The near end, for `Screen.Options` or termios.
  let slave: Int32
  /// The termios of the terminal when it was made.
  let original: [UInt8]
  private let master: Int32
  private let name: [CChar]
  private let condition = NSCondition()
  private var terminal: VirtualTerminal
  private var received: [UInt8] = []
  private var hasEnded = false
  private var markers = 0
  private var child: pid_t = 0
  private var status: Int32?

  /// Whether the terminal says where its cursor is when asked.
  private let answers: Bool

  init?(columns: Int, rows: Int, habit: VirtualHabit = .usual, answers: Bool = true) {
    var ends: (master: Int32, slave: Int32) = (-1, -1)
    var window = winsize(
      ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    var path = [CChar](repeating: 0, count: 128)
    guard openpty(&ends.master, &ends.slave, &path, nil, &window) == 0 else { return nil }
    (master, slave) = ends
    name = path
    _ = fcntl(master, F_SETFD, FD_CLOEXEC)
    _ = fcntl(slave, F_SETFD, FD_CLOEXEC)
    original = Self.modes(of: slave)
    terminal = VirtualTerminal(columns: columns, rows: rows)
    terminal.habit = habit
    self.answers = answers
    Thread { self.read() }.start()
  }

  /// Ends what was spawned and closes both ends.
  func close() {
    if child > 0, exitStatus == nil { kill(child, SIGKILL) }
    Glibc.close(slave)
    _ = wait(seconds: 5) { _ in self.hasEnded }
    Glibc.close(master)
  }

  /// What the terminal shows now.
  var screen: VirtualTerminal { condition.withLock { terminal } }

  /// Every byte received so far.
  var bytes: [UInt8] { condition.withLock { received } }

  /// The termios of the terminal as bytes, to be compared with `original`.
  var modes: [UInt8] { Self.modes(of: slave) }

  /// Waits until the terminal is as wanted; false when it is not in time.
  func wait(seconds: Double = 10, until isReached: (VirtualTerminal) -> Bool) -> Bool {
    let deadline = Date(timeIntervalSinceNow: seconds)
    condition.lock()
    defer { condition.unlock() }
    while !isReached(terminal) {
      if !condition.wait(until: deadline) { return isReached(terminal) }
    }
    return true
  }

  /// The terminal once everything written before has arrived, for a screen in this process.
  func settled() -> VirtualTerminal {
    markers += 1
    let marker = "marker \(markers)"
    write(Array("\u{1B}]\(marker)\u{7}".utf8), to: slave)
    _ = wait { $0.commands.contains(marker) }
    return screen
  }

  /// Writes to the terminal as another program would, past the screen.
  func show(_ text: String) { write(Array(text.utf8), to: slave) }

  /// Types bytes.
  func type(_ text: String) { write(Array(text.utf8), to: master) }

  /// Types bytes that need not be UTF-8.
  func type(_ bytes: [UInt8]) { write(bytes, to: master) }

  /// Gives the terminal another size; a program in it gets SIGWINCH.
  func resize(columns: Int, rows: Int) {
    condition.withLock { terminal.resize(columns: columns, rows: rows) }
    var window = winsize(
      ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(master, UInt(TIOCSWINSZ), &window)
  }

  /// Starts a program in a session of its own, with this as its controlling terminal.
  ///
  /// - Parameters:
  ///   - path: The executable.
  ///   - arguments: Without the name.
  ///   - environment: The whole environment.
  /// - Returns: Its process id, 0 when it could not be started.
  func spawn(_ path: String, _ arguments: [String], environment: [String: String]) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
    posix_spawn_file_actions_adddup2(&actions, 0, 1)
    posix_spawn_file_actions_adddup2(&actions, 0, 2)
    // A screen in this process may be handling signals; the program starts with none handled.
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    let newSession: Int16 = 0x80  // POSIX_SPAWN_SETSID, which Glibc hides
    let flags = Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF) | newSession
    posix_spawnattr_setflags(&attributes, flags)
    let words = ([path] + arguments).map { strdup($0) } + [nil]
    let settings = environment.map { strdup("\($0)=\($1)") } + [nil]
    defer { (words + settings).forEach { free($0) } }
    var id: pid_t = 0
    guard posix_spawn(&id, path, &actions, &attributes, words, settings) == 0 else { return 0 }
    child = id
    let started = id
    Thread {
      var status: Int32 = 0
      while waitpid(started, &status, 0) < 0, errno == EINTR {}
      self.condition.withLock {
        self.status = status
        self.condition.broadcast()
      }
    }.start()
    return id
  }

  /// The wait status once the spawned program has ended: `>> 8` is the exit code, `& 127` a signal.
  var exitStatus: Int32? { condition.withLock { status } }

  /// Waits for the spawned program to end; nil when it does not in time.
  func waitForExit(seconds: Double = 10) -> Int32? {
    _ = wait(seconds: seconds) { _ in self.status != nil }
    return exitStatus
  }

  private func read() {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = buffer.withUnsafeMutableBytes { Glibc.read(master, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      let replies = condition.withLock {
        if count > 0 {
          received += buffer[..<count]
          terminal.feed(buffer[..<count])
        } else {
          hasEnded = true
        }
        condition.broadcast()
        defer { terminal.replies = [] }
        return terminal.replies
      }
      if answers, !replies.isEmpty { type(replies.joined()) }
      if count <= 0 { return }
    }
  }

  private func write(_ bytes: [UInt8], to descriptor: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return }
      rest = rest.dropFirst(count)
    }
  }

  private static func modes(of descriptor: Int32) -> [UInt8] {
    var modes = termios()
    guard tcgetattr(descriptor, &modes) == 0 else { return [] }
    return withUnsafeBytes(of: &modes) { Array($0) }
  }
}
