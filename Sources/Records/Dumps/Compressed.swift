import CCompression
import Foundation

/// The compressions that dumps come in.
enum Compression: Sendable {
  /// RFC 1952.
  case gzip
  /// RFC 8878.
  case zstandard
  /// RFC 1951, within zip archives.
  case deflate

  /// The compression of a file by its first bytes; nil where it is none.
  init?(magic bytes: some Collection<UInt8>) {
    if bytes.starts(with: [0x1F, 0x8B]) {
      self = .gzip
    } else if bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
      self = .zstandard
    } else {
      return nil
    }
  }
}

/// Bytes that are decompressed as they are asked for.
final class Compressed {
  /// Most bytes that a file of rows may come to; more is taken for a bomb.
  static let streamLimit = 64 << 30
  /// Most bytes that are decompressed to be held at once.
  static let heldLimit = 1 << 30
  private static let chunk = 1 << 17

  private let source: (Int) throws -> [UInt8]
  private let limit: Int
  private let engine: any CompressedEngine
  private var input: [UInt8] = []
  private var used = 0
  private var total = 0

  /// - Parameters:
  ///   - compression: What the bytes are compressed with.
  ///   - limit: Most bytes that come out.
  ///   - source: Gives at most so many of the compressed bytes that follow; none at their end.
  /// - Throws: Where there is no memory for it.
  init(
    _ compression: Compression, limit: Int, source: @escaping (Int) throws -> [UInt8]
  ) throws(DumpFault) {
    self.source = source
    self.limit = limit
    engine =
      switch compression {
      case .gzip: try Inflation(windowBits: 15 + 16)
      case .deflate: try Inflation(windowBits: -15)
      case .zstandard: try Zstandard()
      }
  }

  /// Decompresses all of some bytes.
  ///
  /// - Throws: Where they are damaged, or come to more than `limit` bytes.
  static func bytes(
    _ compression: Compression, _ compressed: [UInt8], limit: Int = heldLimit
  ) throws(DumpFault) -> [UInt8] {
    var rest: [UInt8]? = compressed
    let stream = try Compressed(compression, limit: limit) { _ in
      defer { rest = nil }
      return rest ?? []
    }
    do {
      var all: [UInt8] = []
      while true {
        let more = try stream.read(chunk)
        if more.isEmpty { return all }
        all += more
      }
    } catch let fault as DumpFault { throw fault } catch { throw DumpFault("\(error)") }
  }

  /// At most so many of the bytes that follow; none at their end.
  ///
  /// - Throws: Where they are damaged, end too early, or come to more than the limit.
  func read(_ count: Int) throws -> [UInt8] {
    var output: [UInt8] = []
    while output.isEmpty {
      if used == input.count {
        (input, used) = (try source(Self.chunk), 0)
        if input.isEmpty {
          guard engine.isAtEnd else { throw DumpFault("its compressed bytes end too early") }
          return []
        }
      }
      let step = try engine.step(input[used...], room: count)
      used += step.used
      output = step.output
      guard step.used > 0 || !output.isEmpty else { throw DumpFault.damaged }
    }
    total += output.count
    guard total <= limit else {
      throw DumpFault("it comes to more than \(limit >> 20) MB when it is decompressed")
    }
    return output
  }
}

extension DumpFault {
  fileprivate static let damaged = DumpFault("its compressed bytes are damaged")
}

private protocol CompressedEngine: AnyObject {
  /// Whether what was read so far is whole.
  var isAtEnd: Bool { get }
  /// Decompresses some of the input into at most `room` bytes.
  func step(_ input: ArraySlice<UInt8>, room: Int) throws -> (used: Int, output: [UInt8])
}

/// zlib's inflate; members of a gzip file may follow one another.
private final class Inflation: CompressedEngine {
  private let stream: UnsafeMutablePointer<z_stream>
  private var hasBegun = false
  private(set) var isAtEnd = false

  init(windowBits: Int32) throws(DumpFault) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let size = Int32(MemoryLayout<z_stream>.size)
    guard inflateInit2_(stream, windowBits, ZLIB_VERSION, size) == Z_OK else {
      stream.deallocate()
      throw DumpFault("there is no memory to decompress it")
    }
    hasBegun = true
  }

  deinit {
    guard hasBegun else { return }
    inflateEnd(stream)
    stream.deallocate()
  }

  func step(_ input: ArraySlice<UInt8>, room: Int) throws -> (used: Int, output: [UInt8]) {
    if isAtEnd {
      // Zeros may pad a member.
      let padding = input.prefix { $0 == 0 }.count
      if padding > 0 { return (padding, []) }
      guard inflateReset(stream) == Z_OK else { throw DumpFault.damaged }
      isAtEnd = false
    }
    var used = 0
    var status = Z_OK
    let output = input.withUnsafeBufferPointer { input in
      [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        stream.pointee.avail_in = UInt32(clamping: input.count)
        stream.pointee.next_out = buffer.baseAddress
        stream.pointee.avail_out = UInt32(clamping: room)
        let (before, space) = (stream.pointee.avail_in, stream.pointee.avail_out)
        status = inflate(stream, Z_NO_FLUSH)
        used = Int(before - stream.pointee.avail_in)
        count = Int(space - stream.pointee.avail_out)
      }
    }
    guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
      throw DumpFault.damaged
    }
    isAtEnd = status == Z_STREAM_END
    return (used, output)
  }
}

/// libzstd's stream; frames may follow one another.
private final class Zstandard: CompressedEngine {
  private let context: OpaquePointer
  private(set) var isAtEnd = false

  init() throws(DumpFault) {
    guard let context = ZSTD_createDCtx() else {
      throw DumpFault("there is no memory to decompress it")
    }
    self.context = context
  }

  deinit { ZSTD_freeDCtx(context) }

  func step(_ input: ArraySlice<UInt8>, room: Int) throws -> (used: Int, output: [UInt8]) {
    var used = 0
    var status = 0
    let output = input.withUnsafeBufferPointer { input in
      [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
        var from = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var to = ZSTD_outBuffer(dst: buffer.baseAddress, size: room, pos: 0)
        status = ZSTD_decompressStream(context, &to, &from)
        (used, count) = (from.pos, to.pos)
      }
    }
    guard ZSTD_isError(status) == 0 else { throw DumpFault.damaged }
    isAtEnd = status == 0
    return (used, output)
  }
}
