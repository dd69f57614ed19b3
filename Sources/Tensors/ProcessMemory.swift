import Glibc

/// Memory of this process as the system counts it.
public enum ProcessMemory {
  /// Bytes in memory now; nil where the system does not say.
  public static var resident: Int? { field("VmRSS:") }

  /// Most bytes that were in memory at once.
  ///
  /// It never falls. Nil where the system does not say.
  public static var peak: Int? { field("VmHWM:") }

  private static func field(_ name: String) -> Int? {
    guard let file = fopen("/proc/self/status", "r") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(
        decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      guard text.hasPrefix(name) else { continue }
      let digits = text.drop { !$0.isNumber }.prefix(while: \.isNumber)
      return Int(digits).map { $0 * 1024 }
    }
    return nil
  }
}
