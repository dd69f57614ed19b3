import Foundation
import Glibc

/// Writes a file under a temporary name beside the final one and renames it when it is complete.
struct FileWriter {
  private let descriptor: Int32
  private let path: String

  /// Writes a file such that it is there whole or not at all, and on disk when this returns.
  static func write(to url: URL, _ body: (FileWriter) throws -> Void) throws {
    let aside = url.path + ".part-\(getpid())"
    unlink(aside)
    let descriptor = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure(url.path) }
    do {
      try body(FileWriter(descriptor: descriptor, path: url.path))
      guard fsync(descriptor) == 0 else { throw failure(url.path) }
    } catch {
      close(descriptor)
      unlink(aside)
      throw error
    }
    close(descriptor)
    guard rename(aside, url.path) == 0 else {
      let error = failure(url.path)
      unlink(aside)
      throw error
    }
  }

  /// Appends all of the bytes.
  func append(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = Glibc.write(
        descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if written < 0 {
        if errno == EINTR { continue }
        throw FileWriter.failure(path)
      }
      rest = rest.dropFirst(written)
    }
  }

  /// Appends a text as UTF-8.
  func append(_ text: String) throws {
    try Array(text.utf8).withUnsafeBytes { try append($0) }
  }

  private static func failure(_ path: String) -> ModelFileError {
    ModelFileError(file: path, problem: "the file cannot be written (\(lastSystemError())).")
  }
}
