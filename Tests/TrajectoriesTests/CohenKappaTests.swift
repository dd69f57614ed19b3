import Testing
import Trajectories

struct CohenKappaTests {
  @Test func `two raters of grants agree at 0.4`() throws {
    // 20 yes-yes, 15 no-no, 5 and 10 apart: p_o = .7, p_e = .5 · .6 + .5 · .4 = .5.
    let kappa = CohenKappa(table: [[20, 5], [10, 15]])
    #expect(kappa.items == 50)
    #expect(abs(kappa.agreement - 0.7) < 1e-12)
    #expect(abs(kappa.chance - 0.5) < 1e-12)
    #expect(abs(try #require(kappa.kappa) - 0.4) < 1e-12)
  }

  @Test func `the diagnoses of Fleiss have kappa 0.676 and standard error 0.087 or so`() throws {
    let kappa = CohenKappa(table: [[75, 1, 4], [5, 4, 1], [0, 0, 10]])
    #expect(abs(kappa.chance - 0.66) < 1e-12)
    #expect(abs(try #require(kappa.kappa) - 0.23 / 0.34) < 1e-12)
    #expect(abs(try #require(kappa.standardError) - 0.0877029534752) < 1e-12)
  }

  @Test func `the same share of agreement may be worth little or much`() throws {
    let little = try #require(CohenKappa(table: [[45, 15], [25, 15]]).kappa)
    let much = try #require(CohenKappa(table: [[25, 35], [5, 35]]).kappa)
    #expect(abs(little - 0.06 / 0.46) < 1e-12)
    #expect(abs(much - 0.14 / 0.54) < 1e-12)
  }

  @Test func `raters who never differ have kappa 1 without doubt`() {
    let kappa = CohenKappa(table: [[3, 0], [0, 9]])
    #expect(kappa.kappa == 1)
    #expect((kappa.standardError ?? 1) < 1e-6)
  }

  @Test(arguments: [[[0, 0], [0, 0]], [[7, 0], [0, 0]], [[]]])
  func `where nothing could differ there is no kappa`(table: [[Int]]) {
    let kappa = CohenKappa(table: table == [[]] ? [] : table)
    #expect(kappa.kappa == nil && kappa.standardError == nil)
  }

  @Test func `steps are counted as chosen by both, by one, by none`() throws {
    // Four trajectories of 5 steps: twice the same step, once another, once none by the first.
    let agreement = StepAgreement([
      .init(first: 1, second: 1, steps: 5), .init(first: 2, second: 2, steps: 5),
      .init(first: 0, second: 4, steps: 5), .init(first: nil, second: 3, steps: 5),
    ])
    #expect(agreement.trajectories == 4 && agreement.same == 2 && agreement.steps == 20)
    #expect(abs(agreement.chance - 0.2) < 1e-12)
    // Table 2 1 / 2 15: p_o = .85, p_e = .15 · .2 + .85 · .8 = .71.
    #expect(agreement.kappa == CohenKappa(table: [[2, 1], [2, 15]]))
    #expect(abs(try #require(agreement.kappa.kappa) - 0.14 / 0.29) < 1e-12)
    // Leaving one out: twice [[1, 1], [2, 11]], [[2, 0], [1, 12]], [[2, 1], [1, 11]].
    let left = [
      [[1, 1], [2, 11]], [[1, 1], [2, 11]], [[2, 0], [1, 12]], [[2, 1], [1, 11]],
    ]
    .compactMap { CohenKappa(table: $0).kappa }
    let mean = left.reduce(0, +) / 4
    let error = (0.75 * left.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }).squareRoot()
    #expect(abs(try #require(agreement.clusteredError) - error) < 1e-12)
  }

  @Test func `two who say none agree`() {
    let agreement = StepAgreement([.init(first: nil, second: nil, steps: 4)])
    #expect(agreement.same == 1)
    #expect(agreement.kappa.kappa == nil)
  }
}
