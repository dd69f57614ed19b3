import Learning
import Testing
import Trajectories

struct CoverageStudyTests {
  @Test func `the interval shown for a chosen step holds the truth where the plain one fails`() {
    let study = CoverageStudy(
      of: [CoverageStudy.flat(steps: 9, value: 0.5)], rollouts: [4, 8, 32], repetitions: 300,
      recipe: Recipe())
    #expect(study.rows.map(\.rollouts) == [4, 8, 32])
    for row in study.rows {
      #expect(row.shown.high >= 0.95 && row.shown.mean >= 0.92, "\(row)")
      #expect(row.shown.mean >= row.plain.mean, "\(row)")
    }
    #expect(study.rows[0].plain.high < 0.9)
    #expect(study.rows[0].width > study.rows[2].width)
  }
}
