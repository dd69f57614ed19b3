import Grading
import Testing

struct GraderAgreementTests {
  @Test func `without a third judge the verdict counts`() {
    var agreement = GraderAgreement()
    for (score, verdict) in [(1, 1), (0, 1), (1, 0), (0.5, 0.5 + 1e-12)] as [(Double, Double)] {
      agreement.add(score, verdict: verdict, truth: nil, isJudged: false)
    }
    agreement.add(1, verdict: nil, truth: nil, isJudged: false)
    #expect(agreement.rows == 5 && agreement.agreeing == 2 && agreement.notCompared == 1)
    #expect(agreement.missed == 1 && agreement.acceptedWrongly == 1 && agreement.open == 0)
  }

  @Test func `a third judge counts against both, and what he leaves is open`() {
    var agreement = GraderAgreement()
    agreement.add(1, verdict: 0, truth: true, isJudged: true)
    agreement.add(1, verdict: 1, truth: false, isJudged: true)
    agreement.add(1, verdict: 0, truth: nil, isJudged: true)
    #expect(agreement.missed == 0 && agreement.acceptedWrongly == 1)
    #expect(agreement.verdictMissed == 1 && agreement.verdictAcceptedWrongly == 1)
    #expect(agreement.open == 1 && agreement.agreeing == 1)
  }
}
