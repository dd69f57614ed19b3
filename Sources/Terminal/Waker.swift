import CTerminal

/// Ends the wait of the screen's thread, from any other thread.
public struct Waker: Sendable {
  /// The only one there is: a process has one terminal.
  public init() {}

  /// Makes `Screen.events` return with `.woken`; many wakes before that count as one.
  public func wake() { ct_wake() }
}
