import CTerminal
import Glibc
public import Workbench

/// What the screen's thread has to answer.
public enum Event: Equatable, Sendable {
  /// Keys, mouse, pasted text, in the order they came.
  case input([Input])
  /// The terminal has another size; present a grid of that size.
  case resized(Size)
  /// `Waker.wake` was called.
  case woken
  /// Someone wants the program to end.
  case signalled(EndSignal)
  /// Someone wanted the process to stop, and no shell above would continue it.
  case notStopped
  /// The time given has passed and nothing happened.
  case tick
}

/// Why the program should end: a signal whose default is to end it.
public struct EndSignal: Equatable, Sendable {
  /// Its number.
  public var number: Int32

  /// A signal by its number.
  public init(_ number: Int32) { self.number = number }

  /// The terminal is gone: SIGHUP, or the other side closed.
  public static let hangup = EndSignal(SIGHUP)
}

extension Screen {
  /// Waits until something happens and tells all that did.
  ///
  /// Stop and continue signals are handled inside: the terminal is given back, and taken and
  /// repainted afterwards. After a hangup the input stays at its end, so leave the loop.
  ///
  /// - Parameter milliseconds: How long to wait at most; negative waits for ever.
  /// - Returns: What happened, signals first; `[.tick]` when nothing did.
  public func events(within milliseconds: Int) -> [Event] {
    let start = Self.now
    if !typedAhead.isEmpty {
      let inputs = decoder.decode(typedAhead, at: start)
      typedAhead = []
      if !inputs.isEmpty { return [.input(inputs)] }
    }
    while true {
      let now = Self.now
      let left = milliseconds < 0 ? -1 : max(0, milliseconds - (now - start))
      let held = decoder.deadline.map { max(0, $0 - now) }
      let events = poll(for: held.map { left < 0 ? $0 : min($0, left) } ?? left)
      if !events.isEmpty { return events }
      if milliseconds >= 0, Self.now - start >= milliseconds { return [.tick] }
    }
  }

  /// Milliseconds of a clock that does not go back.
  static var now: Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
  }

  private func poll(for milliseconds: Int) -> [Event] {
    var descriptors = [input, ct_signal_descriptor(), ct_wake_descriptor()].map {
      pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
    }
    let wait = Int32(clamping: milliseconds)
    let ready = Glibc.poll(&descriptors, nfds_t(descriptors.count), wait)
    // An interrupted poll: the signal is in the pipe already.
    if ready < 0 { return takeSignals() }
    var events: [Event] = []
    if descriptors[1].revents != 0 { events += takeSignals() }
    if descriptors[0].revents != 0 {
      readInput(into: &events)
    } else {
      // Only where nothing follows: what has come while this thread was busy came in time.
      append(decoder.expire(at: Self.now), to: &events)
    }
    if descriptors[2].revents != 0, ct_woken() != 0 { events.append(.woken) }
    return events
  }

  private func append(_ inputs: [Input], to events: inout [Event]) {
    if !inputs.isEmpty { events.append(.input(inputs)) }
  }

  private func readInput(into events: inout [Event]) {
    var bytes = [UInt8](repeating: 0, count: 16_384)
    let count = bytes.withUnsafeMutableBytes { read(input, $0.baseAddress, $0.count) }
    if count > 0 {
      append(decoder.decode(bytes[..<count], at: Self.now), to: &events)
    } else if count == 0 || (errno != EINTR && errno != EAGAIN) {
      events.append(.signalled(.hangup))
    }
  }

  private func takeSignals() -> [Event] {
    var events: [Event] = []
    var isResized = false
    while true {
      let number = ct_next_signal()
      switch number {
      case 0:
        if isResized, let size = resize() { events.append(.resized(size)) }
        return events
      case SIGWINCH: isResized = true
      case SIGTSTP:
        if !suspend() { events.append(.notStopped) }
      case SIGCONT:
        reenter()
        isResized = true
      default: events.append(.signalled(EndSignal(number)))
      }
    }
  }
}
