public import Foundation

/// Held by the one process that trains a run; others watch and mark without it.
///
/// The lock is the kernel's, so it is gone as soon as its process is, however that ends.
public final class TrainingLock: Sendable {
  private let descriptor: Int32

  /// Name of the lock's file within a run's folder.
  public static let fileName = "training.lock"

  /// Takes the lock of a run.
  ///
  /// - Parameter folder: The run's folder.
  /// - Throws: A sentence that names the process that trains the run already.
  public init(run folder: URL) throws {
    let path = folder.appendingPathComponent(TrainingLock.fileName).path
    try PlainFiles.check(URL(fileURLWithPath: path), .file)
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw RecordsError.system("\(path) could not be made") }
    guard FileLock.take(descriptor) else {
      let process = TrainingLock.process(writtenIn: descriptor)
      close(descriptor)
      let holder = process.map { " (process \($0))" } ?? ""
      throw RecordsError(
        "\(folder.path) is being trained by another Crux\(holder); "
          + "open it to watch, or stop the training there first.")
    }
    let line = "\(getpid())\n"
    ftruncate(descriptor, 0)
    pwrite(descriptor, line, line.utf8.count, 0)
  }

  deinit { close(descriptor) }

  /// Says who trains a run at this moment.
  ///
  /// - Parameter folder: The run's folder.
  /// - Returns: The process, 0 where it has not said its number; nil where nobody trains.
  public static func holder(of folder: URL) -> Int32? {
    let path = folder.appendingPathComponent(fileName).path
    // A pipe of that name would otherwise be waited for.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    guard FileLock.isHeld(descriptor) else { return nil }
    return process(writtenIn: descriptor) ?? 0
  }

  private static func process(writtenIn descriptor: Int32) -> Int32? {
    var bytes = [UInt8](repeating: 0, count: 16)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    guard count > 0 else { return nil }
    let text = String(decoding: bytes.prefix(count), as: UTF8.self)
    return Int32(text.prefix { $0.isNumber })
  }
}
