import Glibc

/// Zeroed memory for `count` floats on a 64-byte boundary; free it with `deallocate()`.
public func allocateFloats(_ count: Int) -> UnsafeMutableBufferPointer<Float> {
  let bytes = max(64, count * MemoryLayout<Float>.stride)
  let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
  memset(memory, 0, bytes)
  let floats = memory.bindMemory(to: Float.self, capacity: count)
  return UnsafeMutableBufferPointer(start: floats, count: count)
}
