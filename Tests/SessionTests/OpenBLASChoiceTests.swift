import Testing

@testable import Session

struct OpenBLASChoiceTests {
  private let wide: Set = ["avx2", "fma", "avx512f", "avx512bw", "avx512dq", "avx512vl"]

  @Test func `a core type below the processor is removed with its cache size`() {
    let choice = OpenBLASChoice(
      environment: ["OPENBLAS_CORETYPE": "Haswell", "OPENBLAS_L2_SIZE": "512"],
      processorFlags: wide)
    #expect(Set(choice.changes.keys) == ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"])
    #expect(choice.changes.values.allSatisfy { $0 == nil })
    #expect(choice.reason?.contains("Haswell") == true)
  }

  @Test func `a core type that fits is left alone`() {
    let choice = OpenBLASChoice(
      environment: ["OPENBLAS_CORETYPE": "Haswell"], processorFlags: ["avx2", "fma"])
    #expect(choice == OpenBLASChoice(environment: [:], processorFlags: []))
  }

  @Test func `the reader's own choice is honoured once`() {
    let asked = OpenBLASChoice(
      environment: ["CRUX_OPENBLAS_CORETYPE": "Haswell"], processorFlags: wide)
    #expect(asked.changes == ["OPENBLAS_CORETYPE": "Haswell"])
    let done = OpenBLASChoice(
      environment: ["CRUX_OPENBLAS_CORETYPE": "Haswell", "OPENBLAS_CORETYPE": "Haswell"],
      processorFlags: wide)
    #expect(done.changes.isEmpty)
  }

  @Test func `an unknown core type is left to OpenBLAS`() {
    let choice = OpenBLASChoice(
      environment: ["OPENBLAS_CORETYPE": "NEOVERSEN1"], processorFlags: wide)
    #expect(choice.changes.isEmpty)
  }
}
