import Testing

@testable import Learning

@Suite struct ProportionTests {
  @Test func `wilson's interval is that of the textbook`() {
    // Newcombe 1998, table I: 81 of 263 and 0 of 20 and 1 of 29, method 3.
    let first = Proportion(81, of: 263)
    #expect(abs(first.low - 0.2553) < 5e-5 && abs(first.high - 0.3662) < 5e-5)
    let none = Proportion(0, of: 20)
    #expect(none.low == 0 && abs(none.high - 0.1611) < 5e-5)
    let one = Proportion(1, of: 29)
    #expect(abs(one.low - 0.0061) < 5e-5 && abs(one.high - 0.1718) < 5e-5)
    #expect(Proportion(0, of: 0).high == 1)
    #expect(Proportion(5, of: 5).high == 1)
  }

  @Test func `pass at k is the mean over all ways to choose k answers`() throws {
    for drawn in 1...6 {
      for right in 0...drawn {
        for k in 1...drawn {
          // Every subset of k of the drawn answers, the right ones being the first.
          let subsets = (0..<(1 << drawn)).filter { $0.nonzeroBitCount == k }
          let passing = subsets.count { $0 & ((1 << right) - 1) != 0 }
          let estimate = try #require(PassAtK.estimate(k, right: right, of: drawn))
          #expect(abs(estimate - Double(passing) / Double(subsets.count)) < 1e-12)
        }
      }
    }
    #expect(PassAtK.estimate(5, right: 1, of: 4) == nil)
    #expect(PassAtK.estimate(0, right: 1, of: 4) == nil)
  }
}
