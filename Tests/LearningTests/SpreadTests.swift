import Foundation
import Testing
import Trajectories

@testable import Learning

struct SpreadTests {
  @Test(arguments: [(1.0, 12.7062), (2, 4.30265), (4, 2.776445), (9, 2.262157), (30, 2.042272)])
  func `Student's t has the quantiles of the tables`(degrees: Double, quantile: Double) {
    #expect(abs(StudentT(degrees: degrees).quantile(0.975) - quantile) < 1e-4)
    #expect(abs(StudentT(degrees: degrees).quantile(0.025) + quantile) < 1e-4)
  }

  @Test func `a mean has the standard error and the interval of the textbook`() throws {
    let spread = Spread([1, 2, 3, 4, 5])
    #expect(spread.mean == 3)
    #expect(abs(try #require(spread.standardError) - 0.5.squareRoot()) < 1e-12)
    let interval = try #require(spread.interval())
    #expect(abs(interval.upperBound - 3 - 2.776445 * 0.5.squareRoot()) < 1e-5)
  }

  @Test func `one number has no error`() {
    #expect(Spread([0.4]).standardError == nil)
    #expect(Spread([0.4]).interval() == nil)
    #expect(Spread([]).count == 0)
  }

  @Test func `a quantile is one of the numbers`() {
    let numbers = (0..<100).map(Double.init)
    #expect(quantile(0.5, ofSorted: numbers) == 50)
    #expect(quantile(0.99, ofSorted: numbers) == 99)
    #expect(quantile(1, ofSorted: numbers) == 99)
    #expect(quantile(0.5, ofSorted: []).isNaN)
  }
}
