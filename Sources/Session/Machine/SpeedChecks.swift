import Foundation
import Tensors
import Trajectories

/// What the machine and its settings offer for speed, and what stands against it.
package struct SpeedChecks {
  /// Feature flags of the processor, as Linux lists them.
  var processorFlags: Set<String>
  /// Variables of the process.
  var environment: [String: String]
  /// The set of vector loops in use.
  var kernels: String
  /// Whether those loops multiply BF16 numbers by an instruction.
  var multipliesBF16: Bool
  /// The processor type OpenBLAS runs its loops for.
  var core: String
  /// What Linux says of transparent huge pages, such as “always [madvise] never”.
  var hugePageChoice: String?

  /// This machine.
  package static var current: SpeedChecks {
    SpeedChecks(
      processorFlags: OpenBLASChoice.processorFlags(),
      environment: ProcessInfo.processInfo.environment, kernels: Machine.kernelSet,
      multipliesBF16: Machine.multipliesBFloat16, core: Machine.openBLASCore,
      hugePageChoice: try? String(
        contentsOfFile: "/sys/kernel/mm/transparent_hugepage/enabled", encoding: .utf8))
  }

  /// Whether large blocks can lie in huge pages.
  package var hugePages: String {
    switch chosenHugePages {
    case "always": "always"
    case "madvise": "on request, which Crux makes for weights and caches"
    case "never": "never"
    default: "this system does not say"
    }
  }

  /// Whether the processor multiplies BF16 numbers by itself, and these loops let it.
  package var bf16: String {
    if multipliesBF16 { return "dot products of the processor" }
    return processorFlags.isDisjoint(with: ["avx512_bf16", "bf16"])
      ? "no instruction of the processor"
      : "the processor has dot products, which the \(kernels) kernels do not use"
  }

  /// What stands against speed, in sentences.
  package var findings: [String] {
    [kernelFinding, unknownCore, lowCore, cacheSize, hugePageFinding].compactMap { $0 }
  }

  /// What of a recipe makes its training slower here than it need be, in sentences.
  func warnings(for recipe: Recipe) -> [String] {
    guard recipe.optimizer.gradients == .bf16, !multipliesBF16 else { return [] }
    return [
      "optimizer.gradients is bf16, and BF16 products run on no instruction here (\(bf16)): "
        + "training is slower than with f32."
    ]
  }

  private var chosenHugePages: Substring? {
    hugePageChoice?.split(separator: "[").dropFirst().first?.split(separator: "]").first
  }

  private var kernelFinding: String? {
    guard kernels == "baseline", processorFlags.contains("sse2") else { return nil }
    return OpenBLASChoice.rank(of: processorFlags) > 2
      ? "CRUX_KERNELS asks for the baseline loops, and the processor can do more; unset it."
      : "The processor has no AVX2, so the vector loops run at a fraction of their speed."
  }

  private var unknownCore: String? {
    guard let wanted = environment["OPENBLAS_CORETYPE"], !wanted.isEmpty,
      wanted.lowercased() != core.lowercased()
    else { return nil }
    return "OPENBLAS_CORETYPE is \(wanted), which this OpenBLAS does not take; it runs as \(core)."
  }

  private var lowCore: String? {
    guard OpenBLASChoice.isBelow(core, processorFlags) else { return nil }
    let what =
      kernels == "baseline"
      ? "the gradients of weights are summed" : "adapters are merged into weights"
    return "OpenBLAS runs as \(core), and this processor can do more: \(what) more slowly "
      + "than need be. Unset OPENBLAS_CORETYPE, or install a newer OpenBLAS."
  }

  private var cacheSize: String? {
    environment["OPENBLAS_L2_SIZE"].map {
      "OPENBLAS_L2_SIZE=\($0) overrides what OpenBLAS measured; unset it."
    }
  }

  private var hugePageFinding: String? {
    guard chosenHugePages == "never" else { return nil }
    return "Huge pages are off, so large models are read at half the speed; as root, "
      + "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled turns them on."
  }
}
