import Foundation

/// The bytes of a file, or of what stood compressed in one, by their places.
final class DumpBytes: Sendable {
  /// How many there are.
  let count: Int
  private let descriptor: Int32
  private let held: [UInt8]

  /// Opens a file.
  ///
  /// - Throws: Where it cannot be read or is no plain file.
  init(_ url: URL) throws(DumpFault) {
    let descriptor = open(url.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw DumpFault("it cannot be opened: \(String(cString: strerror(errno)))")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw DumpFault("it is no plain file")
    }
    self.descriptor = descriptor
    count = Int(status.st_size)
    held = []
  }

  /// Bytes that are in memory.
  init(_ bytes: [UInt8]) {
    (descriptor, held, count) = (-1, bytes, bytes.count)
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// At most so many bytes from a place on; fewer, or none, at the end.
  func read(at offset: Int, upTo count: Int) throws(DumpFault) -> [UInt8] {
    guard offset >= 0, count > 0, offset < self.count else { return [] }
    let count = min(count, self.count - offset)
    guard descriptor >= 0 else { return Array(held[offset..<offset + count]) }
    var failed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count, let start = buffer.baseAddress {
        let got = pread(descriptor, start + filled, count - filled, off_t(offset + filled))
        if got < 0, errno == EINTR { continue }
        failed = got < 0
        if got <= 0 { break }
        filled += got
      }
    }
    guard !failed else { throw DumpFault("it cannot be read: \(String(cString: strerror(errno)))") }
    return bytes
  }

  /// Exactly so many bytes from a place on.
  ///
  /// - Throws: Where there are not so many.
  func read(at offset: Int, count: Int) throws(DumpFault) -> [UInt8] {
    guard count >= 0 else { throw DumpFault("it is damaged") }
    let bytes = try read(at: offset, upTo: count)
    guard bytes.count == count else { throw DumpFault("it ends too early") }
    return bytes
  }
}
