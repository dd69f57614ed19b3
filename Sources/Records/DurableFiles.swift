import Foundation

/// Puts files and folders on disk so that a power cut cannot take them back.
enum DurableFiles {
  /// Writes a file aside, syncs it and renames it into place.
  static func write(_ data: Data, to url: URL) throws {
    let aside = url.deletingLastPathComponent()
      .appendingPathComponent(".writing-\(getpid())-\(url.lastPathComponent)")
    do {
      try data.write(to: aside)
      try sync(aside)
      try rename(aside, to: url)
    } catch {
      try? FileManager.default.removeItem(at: aside)
      throw error
    }
    try sync(url.deletingLastPathComponent())
  }

  /// Renames; the target is replaced if it is a file or an empty folder.
  static func rename(_ source: URL, to target: URL) throws {
    guard Foundation.rename(source.path, target.path) == 0 else {
      throw RecordsError.system("\(target.path) could not be put in place")
    }
  }

  /// Waits until a file's bytes, or a folder's list of names, are on disk.
  static func sync(_ url: URL) throws {
    let descriptor = open(url.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw RecordsError.system("\(url.path) could not be opened") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else {
      throw RecordsError.system("\(url.path) could not be written to disk")
    }
  }

  /// Syncs everything in a folder, then the folder.
  static func syncTree(_ folder: URL) throws {
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
      try sync(folder.appendingPathComponent(name))
    }
    try sync(folder)
  }

  /// Reads a small text file.
  ///
  /// - Throws: A sentence where there is no such file, it is larger than `limit` bytes or it is not
  ///   UTF-8.
  static func text(of url: URL, limit: Int) throws -> String {
    try text(from: try bytes(of: url, limit: limit), name: url.path)
  }

  /// The same for bytes that were read already.
  static func text(from data: Data, name: String) throws -> String {
    guard let text = String(data: data, encoding: .utf8) else {
      throw RecordsError("\(name) is not UTF-8 text; save it as UTF-8.")
    }
    return text
  }

  /// Reads a file of at most `limit` bytes.
  static func bytes(of url: URL, limit: Int) throws -> Data {
    guard let handle = try? FileHandle(forReadingFrom: url) else {
      throw RecordsError("\(url.path) cannot be read; check that it exists and is yours to read.")
    }
    defer { try? handle.close() }
    let data: Data
    do { data = try handle.read(upToCount: limit + 1) ?? Data() } catch {
      throw RecordsError("\(url.path) cannot be read; check that it is a file.")
    }
    guard data.count <= limit else {
      throw RecordsError("\(url.path) is larger than \(limit) bytes; give a smaller file.")
    }
    return data
  }
}
