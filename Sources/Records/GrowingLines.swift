public import Foundation

/// A file of JSON objects, one a line, that grows: whatever ends the process loses no whole line.
///
/// One process adds at a time; others may read meanwhile. A line that was torn in the middle is not
/// read, and the next one that is added takes its place.
public final class GrowingLines {
  /// What stood in the file when it was opened, each line with its number, from 1.
  public let lines: [(number: Int, text: Data)]
  private let file: FileHandle?
  /// Where the last whole line ends, in bytes.
  private var end: UInt64

  /// Opens a file to read it and, where `isWritten`, to add to it; made if it does not exist.
  ///
  /// - Parameters:
  ///   - url: The file.
  ///   - isWritten: Whether lines will be added.
  ///   - advice: What to do where another process is adding to it, such as “wait for it”.
  /// - Throws: A sentence where the file cannot be opened, is no file of lines, is too large, or
  ///   another process is adding to it.
  public init(_ url: URL, isWritten: Bool, whenTaken advice: String) throws {
    file = isWritten ? try Self.open(url, whenTaken: advice) : nil
    guard FileManager.default.fileExists(atPath: url.path) else {
      (lines, end) = ([], 0)
      return
    }
    let data = try DurableFiles.bytes(of: url, limit: JSONLines.sizeLimit)
    let whole = data.prefix(data.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0)
    guard !isWritten || whole.count == data.count || data[whole.endIndex] == UInt8(ascii: "{")
    else {
      throw RecordsError("\(url.path) ends in what is no line of JSON; name another file.")
    }
    lines = whole.isEmpty ? [] : try JSONLines(whole, name: url.lastPathComponent).lines
    end = UInt64(whole.count)
  }

  private static func open(_ url: URL, whenTaken advice: String) throws -> FileHandle {
    let descriptor = Foundation.open(url.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw RecordsError.system("\(url.path) could not be opened") }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    guard FileLock.take(descriptor) else {
      throw RecordsError("\(url.path) is being added to by another process; \(advice).")
    }
    return file
  }

  /// Whether a process adds to a file at present.
  public static func isAddedTo(_ url: URL) -> Bool {
    let descriptor = Foundation.open(url.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return FileLock.isHeld(descriptor)
  }

  /// Adds a line; it is on disk when this returns.
  ///
  /// Nothing is added where the file is only read. What was torn, here or by whoever wrote before,
  /// gives way.
  public func append(_ line: some Encodable) throws {
    guard let file else { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let text = try encoder.encode(line) + Data("\n".utf8)
    try file.truncate(atOffset: end)
    try file.seek(toOffset: end)
    try file.write(contentsOf: text)
    try file.synchronize()
    end += UInt64(text.count)
  }
}
