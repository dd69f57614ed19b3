import Testing
import Trajectories

@testable import Session

struct SpeedChecksTests {
  private var good: SpeedChecks {
    SpeedChecks(
      processorFlags: [
        "sse2", "avx", "avx2", "fma", "avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512_bf16",
      ], environment: [:], kernels: "avx512", multipliesBF16: true,
      core: "Cooperlake", hugePageChoice: "always [madvise] never\n")
  }

  @Test func `a machine with nothing against it has no findings`() {
    #expect(good.findings.isEmpty)
    #expect(good.hugePages.hasPrefix("on request"))
    #expect(good.bf16 == "dot products of the processor")
  }

  @Test func `BF16 gradients are warned of where no instruction multiplies them`() {
    var recipe = Recipe()
    recipe.optimizer.gradients = .bf16
    #expect(good.warnings(for: recipe).isEmpty)
    var checks = good
    checks.multipliesBF16 = false
    checks.kernels = "avx2"
    #expect(checks.bf16.contains("the avx2 kernels do not use"))
    #expect(checks.warnings(for: recipe).contains { $0.contains("slower than with f32") })
    #expect(checks.warnings(for: Recipe()).isEmpty)
    checks.processorFlags.remove("avx512_bf16")
    #expect(checks.bf16 == "no instruction of the processor")
  }

  @Test func `huge pages that are off are a finding`() {
    var checks = good
    checks.hugePageChoice = "always madvise [never]\n"
    #expect(checks.findings.contains { $0.contains("transparent_hugepage") })
    checks.hugePageChoice = nil
    #expect(checks.findings.isEmpty)
  }

  @Test func `a core type that OpenBLAS ignored is named`() {
    var checks = good
    checks.environment["OPENBLAS_CORETYPE"] = "Zen9"
    #expect(
      checks.findings == [
        "OPENBLAS_CORETYPE is Zen9, which this OpenBLAS does not take; it runs as Cooperlake."
      ])
  }

  @Test(arguments: ["Haswell", "Zen"])
  func `a core type below the processor is a finding`(core: String) {
    var checks = good
    checks.core = core
    #expect(checks.findings.contains { $0.contains("runs as \(core)") })
    checks.processorFlags = ["sse2", "avx", "avx2", "fma"]
    #expect(checks.findings.isEmpty)
  }

  @Test func `SkylakeX is enough for 32-bit floats`() {
    var checks = good
    checks.core = "SkylakeX"
    #expect(checks.findings.isEmpty)
  }

  @Test func `baseline loops are a finding with its cause`() {
    var checks = good
    checks.kernels = "baseline"
    #expect(checks.findings.contains { $0.contains("CRUX_KERNELS") })
    checks.processorFlags = ["sse2"]
    checks.core = "Nehalem"
    #expect(checks.findings.contains { $0.contains("no AVX2") })
  }
}
