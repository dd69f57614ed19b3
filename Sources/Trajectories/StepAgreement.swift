/// How far two raters chose the same critical steps.
public struct StepAgreement: Codable, Equatable, Sendable {
  /// Trajectories that both judged.
  public var trajectories: Int
  /// Of these, in how many both chose the same step, or both none.
  public var same: Int
  /// Share of `same` that a uniform guess would reach: the mean of 1 / steps.
  public var chance: Double
  /// Steps of these trajectories.
  public var steps: Int
  /// Kappa over steps, each chosen or not.
  public var kappa: CohenKappa
  /// Standard error of κ by leaving one trajectory out at a time (jackknife).
  ///
  /// Each rater chooses one step a trajectory, so that steps of one trajectory are not independent,
  /// which the standard error of `kappa` assumes. Nil for fewer than three
  /// trajectories, and where leaving out any of them changes nothing.
  public var clusteredError: Double?

  /// What two raters chose of one trajectory.
  public struct Choice: Equatable, Sendable {
    /// The first rater's step; nil for none.
    public var first: Int?
    /// The second rater's step; nil for none.
    public var second: Int?
    /// Number of steps there were.
    public var steps: Int

    /// A choice with every field given.
    public init(first: Int?, second: Int?, steps: Int) {
      self.first = first
      self.second = second
      self.steps = steps
    }

    /// Steps that both chose, the first alone, the second alone, and neither, as a table.
    var table: [[Int]] {
      let both = first != nil && first == second ? 1 : 0
      let firstOnly = (first == nil ? 0 : 1) - both
      let secondOnly = (second == nil ? 0 : 1) - both
      return [[both, firstOnly], [secondOnly, max(0, steps - both - firstOnly - secondOnly)]]
    }
  }

  /// The agreement of two raters on trajectories that both judged.
  public init(_ choices: [Choice]) {
    trajectories = choices.count
    same = choices.count { $0.first == $0.second }
    steps = choices.reduce(0) { $0 + $1.steps }
    let shares = choices.reduce(0) { $0 + 1 / Double(max(1, $1.steps)) }
    chance = choices.isEmpty ? 0 : shares / Double(choices.count)
    kappa = CohenKappa(table: Self.sum(choices))
    clusteredError = Self.jackknife(choices)
  }

  private static func sum(_ choices: [Choice]) -> [[Int]] {
    choices.reduce([[0, 0], [0, 0]]) { sum, choice in
      zip(sum, choice.table).map { zip($0, $1).map { $0 + $1 } }
    }
  }

  /// √((n − 1) / n · Σ (κ_i − κ̄)²), where κ_i leaves out trajectory i (Efron and Stein 1981).
  private static func jackknife(_ choices: [Choice]) -> Double? {
    guard choices.count >= 3 else { return nil }
    let n = Double(choices.count)
    let kappas = choices.indices.compactMap { left in
      CohenKappa(table: sum(Array(choices[..<left]) + Array(choices[(left + 1)...]))).kappa
    }
    guard kappas.count == choices.count else { return nil }
    let mean = kappas.reduce(0, +) / n
    let spread = kappas.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    // Where leaving out any changes nothing, this way cannot tell.
    return spread > 1e-18 ? ((n - 1) / n * spread).squareRoot() : nil
  }
}
