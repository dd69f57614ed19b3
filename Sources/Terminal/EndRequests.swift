import CTerminal

/// Requests to end this process: any signal whose default is to end it.
///
/// Watched for the life of the process, beneath a `Screen`, which hears them first while it is open.
public enum EndRequests {
  /// Notes such signals from now on instead of dying of them.
  ///
  /// Those that whoever started this process had it ignore stay ignored. A third SIGINT or SIGQUIT
  /// ends it at once.
  public static func watch() { ct_watch_end() }

  /// The number of the first signal that asked; nil where none did.
  public static var first: Int32? {
    let number = ct_asked_to_end()
    return number == 0 ? nil : number
  }

  /// Asks for the end as a signal would.
  public static func ask(_ signal: Int32) { ct_ask_to_end(signal) }

  /// Does something that no impatience may cut short, such as writing the last checkpoint.
  public static func held<Result>(_ body: () throws -> Result) rethrows -> Result {
    ct_hold_end(1)
    defer { ct_hold_end(0) }
    return try body()
  }
}

/// Faults of this process, and what the system does to it unasked.
public enum Faults {
  /// From now on a fault gives the terminal back and its backtrace waits for no key, and a write
  /// beyond the file size limit (SIGXFSZ) fails instead of ending the process.
  public static func watch() { ct_watch_faults() }

  /// The file size limit of this process in bytes, once a write has met it.
  public static var metFileSizeLimit: Int? {
    let limit = Int(ct_file_limit_met())
    return limit < 0 ? nil : limit
  }
}
