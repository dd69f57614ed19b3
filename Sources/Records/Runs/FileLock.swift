import Foundation

/// The kernel's lock on an open file (`flock`); it is gone as soon as its process is, however that
/// ends.
enum FileLock {
  /// Takes the lock; answers whether nobody else holds it.
  static func take(_ descriptor: Int32) -> Bool {
    // Whoever asks whether it is held has it for an instant, so one refusal is not yet an answer.
    for attempt in 0..<5 {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
      if attempt < 4 { usleep(10_000) }
    }
    return false
  }

  /// Whether somebody else holds the lock.
  static func isHeld(_ descriptor: Int32) -> Bool {
    guard flock(descriptor, LOCK_SH | LOCK_NB) != 0 else {
      flock(descriptor, LOCK_UN)
      return false
    }
    return errno == EWOULDBLOCK
  }
}
