import Foundation
import Glibc

/// What is done about the variables that steer OpenBLAS, which it reads while it is loaded.
///
/// A core type below what the processor can do makes its products several times slower, and an OpenBLAS
/// that is older than the processor takes it for one of twenty years ago. Crux therefore starts itself
/// again with the right one, before anything is computed.
package struct OpenBLASChoice: Equatable {
  /// Variables to set; nil removes one.
  var changes: [String: String?] = [:]
  /// What was done, as a sentence; nil when nothing was.
  var reason: String?

  /// The choice for an environment, the processor's feature flags and the core type that OpenBLAS runs as.
  package init(environment: [String: String], processorFlags: Set<String>, core: String) {
    if let wanted = environment["CRUX_OPENBLAS_CORETYPE"], !wanted.isEmpty {
      guard environment["OPENBLAS_CORETYPE"] != wanted else { return }
      changes["OPENBLAS_CORETYPE"] = wanted
      reason = "OPENBLAS_CORETYPE is \(wanted), as CRUX_OPENBLAS_CORETYPE asks."
      return
    }
    guard let set = environment["OPENBLAS_CORETYPE"] else {
      chooseType(environment, processorFlags, core)
      return
    }
    guard Self.isBelow(set, processorFlags) else { return }
    changes["OPENBLAS_CORETYPE"] = .some(nil)
    reason =
      "OPENBLAS_CORETYPE=\(set) is below what this processor can do; Crux runs without it. "
      + "Set CRUX_OPENBLAS_CORETYPE to choose otherwise."
    guard environment["OPENBLAS_L2_SIZE"] != nil else { return }
    changes["OPENBLAS_L2_SIZE"] = .some(nil)
  }

  /// Sets the type that OpenBLAS did not find by itself; once, since it ignores names it does not know.
  private mutating func chooseType(
    _ environment: [String: String], _ flags: Set<String>, _ core: String
  ) {
    guard environment[Self.chosen] == nil, Self.isBelow(core, flags) else { return }
    let rank = Self.rank(of: flags)
    guard rank > 2 else { return }
    let type = rank > 3 ? "SkylakeX" : "Haswell"
    changes["OPENBLAS_CORETYPE"] = type
    changes[Self.chosen] = "OpenBLAS takes this processor for \(core); Crux lets it run as \(type)."
  }

  /// Core types by the vector instructions they use; names of arm64 are left alone.
  private static let ranks: [String: Int] = [
    "katmai": 0, "prescott": 0, "core2": 0, "penryn": 0, "opteron": 0, "atom": 0, "nehalem": 1,
    "barcelona": 1, "bobcat": 1, "sandybridge": 2, "bulldozer": 2, "piledriver": 2,
    "steamroller": 2, "excavator": 3, "haswell": 3, "zen": 3, "skylakex": 4, "cooperlake": 5,
    "sapphirerapids": 6,
  ]

  /// Whether a core type uses less than the processor offers; false for names that are not known.
  static func isBelow(_ core: String, _ flags: Set<String>) -> Bool {
    // Core types above AVX-512 differ in what 32-bit floats do not use.
    ranks[core.lowercased()].map { $0 < min(4, rank(of: flags)) } ?? false
  }

  /// How wide the vectors of a processor are, in steps: 3 is AVX2, 4 AVX-512.
  static func rank(of flags: Set<String>) -> Int {
    if flags.isSuperset(of: ["avx512f", "avx512bw", "avx512dq", "avx512vl"]) {
      return flags.contains("avx512_bf16") ? 5 : 4
    }
    if flags.isSuperset(of: ["avx2", "fma"]) { return 3 }
    return flags.contains("avx") ? 2 : 0
  }

  /// The feature flags of the first processor, as Linux lists them.
  package static func processorFlags() -> Set<String> {
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8),
      let line = text.split(separator: "\n").first(where: {
        $0.hasPrefix("flags") || $0.hasPrefix("Features")
      })
    else { return [] }
    return Set(line.split(separator: " ").map(String.init))
  }

  /// Starts this process again with the changes; returns only if there are none or it failed.
  package func restartIfNeeded() {
    guard !changes.isEmpty else { return }
    for (name, value) in changes {
      if let value { setenv(name, value, 1) } else { unsetenv(name) }
    }
    if let reason { setenv(Self.note, reason, 1) }
    var arguments: [UnsafeMutablePointer<CChar>?] = CommandLine.arguments.map { strdup($0) }
    arguments.append(nil)
    execv("/proc/self/exe", arguments)
  }

  /// Carries the reason into the process that was started again.
  package static let note = "CRUX_OPENBLAS_NOTE"
  /// Carries what was chosen of itself into that process.
  package static let chosen = "CRUX_OPENBLAS_CHOSEN"
}
