import Glibc

/// Memory for `count` floats on a 64-byte boundary; free it with `deallocate()`.
///
/// Unless `zeroed`, it holds anything: that is for memory that is written whole at once.
public func allocateFloats(
  _ count: Int, zeroed: Bool = true
) -> UnsafeMutableBufferPointer<Float> {
  let bytes = max(64, count * MemoryLayout<Float>.stride)
  // Large blocks start on a huge page, which doubles the speed of reading them.
  let huge = 1 << 21
  let alignment = bytes >= 2 * huge ? huge : 64
  let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: alignment)
  if alignment == huge { madvise(memory, bytes, MADV_HUGEPAGE) }
  if zeroed { memset(memory, 0, bytes) }
  let floats = memory.bindMemory(to: Float.self, capacity: max(count, 1))
  return UnsafeMutableBufferPointer(start: floats, count: count)
}

/// Memory that grows and is then used again, so that a step allocates nothing.
public final class FloatBuffer {
  /// The first float; valid until the next `reserve` that grows.
  public private(set) var start: UnsafeMutablePointer<Float>
  /// Floats there is room for.
  public private(set) var capacity: Int

  /// Room for `count` floats, zeroed.
  public init(_ count: Int = 0) {
    start = FloatBuffer.memory(count)
    capacity = count
  }

  deinit { start.deallocate() }

  /// Makes room for `count` floats; what was there is lost when it has to grow.
  public func reserve(_ count: Int) {
    guard count > capacity else { return }
    start.deallocate()
    let wanted = max(count, capacity + capacity / 4)
    start = FloatBuffer.memory(wanted)
    capacity = wanted
  }

  private static func memory(_ count: Int) -> UnsafeMutablePointer<Float> {
    guard let base = allocateFloats(count).baseAddress else {
      preconditionFailure("no memory for \(count) floats")
    }
    return base
  }
}

/// Distance between rows of that many columns: whole panels of every instruction set.
public func rowStride(_ columns: Int) -> Int { (columns + 31) / 32 * 32 }
