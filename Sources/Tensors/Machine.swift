import CKernels
import COpenBLAS
import Glibc

/// What the numbers of a run depend on besides its seed.
public enum Machine {
  /// The set of vector loops in use: avx512, avx2 or baseline.
  public static var kernelSet: String { String(cString: ck_name()) }

  /// Whether products in bfloat16 run on an instruction of the processor; without one they are
  /// computed from 32-bit floats, with the same results.
  public static var multipliesBFloat16: Bool { ck_has_dot_products() }

  /// The processor type OpenBLAS chose its own loops for.
  public static var openBLASCore: String {
    prepareOpenBLAS()
    guard let name = openblas_get_corename() else { return "unknown" }
    return String(cString: name)
  }

  /// Version of OpenBLAS, such as 0.3.21.
  public static var openBLASVersion: String {
    prepareOpenBLAS()
    // “OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH …”
    let words = String(cString: openblas_get_config()).split(separator: " ")
    return words.count > 1 ? String(words[1]) : "unknown"
  }

  /// Name of the processor, or its architecture where the system does not say.
  public static var processor: String {
    guard let file = fopen("/proc/cpuinfo", "r") else { return architecture }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 1024)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(
        decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      guard text.hasPrefix("model name"), let colon = text.firstIndex(of: ":") else { continue }
      return String(text[text.index(after: colon)...].drop { $0 == " " }.prefix { $0 != "\n" })
    }
    return architecture
  }

  /// Processors this process may use.
  public static var processors: Int { ck_processors() }

  /// All of it in one line, as runs record it.
  public static var summary: String {
    "\(processor), \(processors) processors, OpenBLAS \(openBLASCore), kernels \(kernelSet)"
  }

  private static var architecture: String {
    #if arch(x86_64)
      "x86-64"
    #elseif arch(arm64)
      "arm64"
    #else
      "unknown"
    #endif
  }
}
