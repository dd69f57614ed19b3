import Foundation
import Tensors
import Testing

@testable import Learning

@Suite struct BetaPosteriorTests {
  @Test(arguments: [(1, 4), (3, 7), (12, 12), (40, 200)])
  func `the distribution function is a binomial tail`(successes: Int, trials: Int) {
    // For whole numbers I_x(a, n − a + 1) = P(Bin(n, x) ≥ a).
    let posterior = BetaPosterior(
      alpha: Double(successes), beta: Double(trials - successes + 1))
    for x in [0.05, 0.3, 0.5, 0.77, 0.98] {
      let tail = (successes...trials).reduce(0.0) { sum, k in
        let ways =
          lgamma(Double(trials + 1)) - lgamma(Double(k + 1)) - lgamma(Double(trials - k + 1))
        return sum + exp(ways + Double(k) * log(x) + Double(trials - k) * log(1 - x))
      }
      #expect(abs(posterior.cumulative(x) - tail) < 1e-11)
    }
  }

  @Test func `quantiles agree with closed forms`() {
    for share in [0.001, 0.025, 0.5, 0.975] {
      let two = BetaPosterior(alpha: 2, beta: 1)
      #expect(abs(two.quantile(share) - share.squareRoot()) < 1e-10)
      let five = BetaPosterior(rewardSum: 0, rollouts: 4)
      #expect(abs(five.quantile(share) - (1 - pow(1 - share, 0.2))) < 1e-10)
    }
  }

  @Test func `nothing known is anything from 0 to 1`() {
    let (low, high) = BetaPosterior(rewardSum: 0, rollouts: 0).interval()
    #expect(abs(low - 0.025) < 1e-10 && abs(high - 0.975) < 1e-10)
  }

  @Test func `a reward between 0 and 1 counts on both sides`() {
    let posterior = BetaPosterior(rewardSum: 2.5, rollouts: 4)
    #expect(posterior.alpha == 3.5 && posterior.beta == 2.5)
  }

  @Test(arguments: [(0.0, 0), (3.0, 4), (10.0, 32), (0.0, 64)])
  func `draws have the mean and variance of the distribution`(sum: Double, rollouts: Int) {
    let posterior = BetaPosterior(rewardSum: sum, rollouts: rollouts)
    var random = Random(seed: 5)
    let draws = (0..<20_000).map { _ in posterior.draw(&random) }
    let mean = draws.reduce(0, +) / 20_000
    let variance = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
    // Five standard errors of the mean of 20 000 draws.
    #expect(abs(mean - posterior.mean) < 5 * (posterior.variance / 20_000).squareRoot())
    #expect(abs(variance / posterior.variance - 1) < 0.08)
  }
}
