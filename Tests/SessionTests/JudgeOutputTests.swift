import Testing

@testable import Session

struct JudgeOutputTests {
  @Test(arguments: [("0", 0.0), ("1", 1.0), (" .5 ", 0.5), ("2.5e-1", 0.25), ("1.0", 1.0)])
  func `plain numbers from 0 to 1 are rewards`(line: String, number: Double) throws {
    #expect(try JudgeOutput.number(in: Array(line.utf8)) == number)
  }

  @Test(arguments: [
    "", "  ", "nan", "NaN", "inf", "-inf", "1e999", "-0.1", "1.0001", "0x1p-1", "0.5 0.5", "0,5",
    "true", "0.5\u{0}", "\u{1B}[31m1", "١",
  ])
  func `nothing else is`(line: String) {
    #expect(throws: JudgeOutput.Fault.self) { try JudgeOutput.number(in: Array(line.utf8)) }
  }

  @Test func `no sequence of bytes makes the reader trap, and what it takes is a share`() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      let line = (0..<Int.random(in: 0...12, using: &random)).map { _ in
        Array("0123456789.eE+-naif \u{0}\t\u{FF}".utf8).randomElement(using: &random) ?? 0
      }
      guard let number = try? JudgeOutput.number(in: line) else { continue }
      #expect((0...1).contains(number), "\(line)")
    }
  }
}
