import Foundation
import Glibc

/// A file's bytes, mapped read-only for as long as this lives.
///
/// Nothing ever writes them, so any thread may read.
final class MappedFile: @unchecked Sendable {
  /// The bytes.
  let bytes: UnsafeRawBufferPointer
  private let isMapped: Bool

  /// A copy of bytes that come from no file.
  init(copying array: [UInt8]) {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: array.count, alignment: 64)
    copy.copyBytes(from: array)
    bytes = UnsafeRawBufferPointer(copy)
    isMapped = false
  }

  /// Maps a regular file.
  ///
  /// - Throws: `ModelFileError` where it is missing, unreadable or no regular file.
  init(_ url: URL) throws {
    let path = url.path
    // Without O_NONBLOCK, opening a pipe would wait for its writer.
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else {
      throw ModelFileError(file: path, problem: "the file cannot be read (\(lastSystemError())).")
    }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw ModelFileError(file: path, problem: "this is not a regular file.")
    }
    isMapped = status.st_size > 0
    guard isMapped else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    let size = Int(status.st_size)
    guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, file, 0), start != MAP_FAILED else {
      throw ModelFileError(file: path, problem: "mapping it failed (\(lastSystemError())).")
    }
    bytes = UnsafeRawBufferPointer(start: start, count: size)
    guard !bytes.starts(with: MappedFile.pointer) else {
      throw ModelFileError(
        file: path,
        problem: "this is a pointer of Git LFS and not the file itself; run git lfs pull in the "
          + "repository, or fetch the file again.")
    }
  }

  private static let pointer = Array("version https://git-lfs.github.com/spec/".utf8)

  /// Tells that some bytes will not be read soon, so that they need not stay in memory.
  func forget(_ range: Range<Int>) {
    let page = Int(getpagesize())
    let (first, end) = ((range.lowerBound + page - 1) / page * page, range.upperBound / page * page)
    guard isMapped, first < end, let start = bytes.baseAddress else { return }
    madvise(UnsafeMutableRawPointer(mutating: start + first), end - first, MADV_DONTNEED)
  }

  deinit {
    guard let start = bytes.baseAddress else { return }
    if isMapped {
      munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
    } else {
      bytes.deallocate()
    }
  }
}

/// What the last failed system call said.
func lastSystemError() -> String { String(cString: strerror(errno)) }

/// A whole file's bytes.
func readWhole(_ url: URL) throws -> [UInt8] {
  let file = try MappedFile(url)
  return [UInt8](file.bytes)
}
