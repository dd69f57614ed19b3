import Testing

@testable import Session

struct OpenBLASChoiceTests {
  private let wide: Set = ["avx2", "fma", "avx512f", "avx512bw", "avx512dq", "avx512vl"]

  @Test func `a core type below the processor is removed with its cache size`() {
    let choice = OpenBLASChoice(
      environment: ["OPENBLAS_CORETYPE": "Haswell", "OPENBLAS_L2_SIZE": "512"],
      processorFlags: wide, core: "SkylakeX")
    #expect(Set(choice.changes.keys) == ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"])
    #expect(choice.changes.values.allSatisfy { $0 == nil })
    #expect(choice.reason?.contains("Haswell") == true)
  }

  @Test func `a core type that fits is left alone`() {
    let choice = OpenBLASChoice(
      environment: ["OPENBLAS_CORETYPE": "Haswell"], processorFlags: ["avx2", "fma"],
      core: "Haswell")
    #expect(choice == OpenBLASChoice(environment: [:], processorFlags: [], core: "Prescott"))
  }

  @Test func `the reader's own choice is honoured once`() {
    let asked = OpenBLASChoice(
      environment: ["CRUX_OPENBLAS_CORETYPE": "Haswell"], processorFlags: wide, core: "SkylakeX")
    #expect(asked.changes == ["OPENBLAS_CORETYPE": "Haswell"])
    let done = OpenBLASChoice(
      environment: ["CRUX_OPENBLAS_CORETYPE": "Haswell", "OPENBLAS_CORETYPE": "Haswell"],
      processorFlags: wide, core: "SkylakeX")
    #expect(done.changes.isEmpty)
  }

  @Test func `an unknown core type is left to OpenBLAS`() {
    let choice = OpenBLASChoice(
      environment: ["OPENBLAS_CORETYPE": "NEOVERSEN1"], processorFlags: wide, core: "SkylakeX")
    #expect(choice.changes.isEmpty)
  }

  @Test(arguments: [(true, "SkylakeX"), (false, "Haswell")])
  func `a processor that OpenBLAS does not know gets its type, once`(_ isWide: Bool, _ type: String)
  {
    func choice(_ environment: [String: String], _ core: String = "Prescott") -> OpenBLASChoice {
      OpenBLASChoice(
        environment: environment, processorFlags: isWide ? wide : ["avx2", "fma"], core: core)
    }
    let made = choice([:])
    #expect(made.changes["OPENBLAS_CORETYPE"] == type && made.reason == nil)
    #expect(choice([OpenBLASChoice.chosen: "so"]).changes.isEmpty)
    #expect(choice([:], type).changes.isEmpty)
    #expect(choice(["OPENBLAS_CORETYPE": type]).changes.isEmpty)
    let old = OpenBLASChoice(environment: [:], processorFlags: ["avx"], core: "Prescott")
    #expect(old.changes.isEmpty)
  }
}
