import Foundation
import Learning
import Trajectories

/// How often the leading step is one that the task itself calls decisive.
struct InspectionTally {
  private var answers = 0
  private var clear = 0
  private var hard = 0
  private var firstWrong = 0
  private var rollouts = 0
  private var seconds = 0.0

  mutating func add(_ inspection: Inspection) {
    let trajectory = inspection.trajectory
    let leader = inspection.critical.leader
    answers += 1
    clear += inspection.critical.step == nil ? 0 : 1
    hard += ClockChains.hardSteps(of: trajectory.problem).contains(leader) ? 1 : 0
    firstWrong += trajectory.steps.firstIndex { $0.verdict == .wrong } == leader ? 1 : 0
    rollouts += inspection.critical.rollouts
    seconds += inspection.valuation.seconds
  }

  var text: String {
    let count = Double(max(1, answers))
    return "\(answers) answers: the leading step is a hard one in \(hard), the first wrong line in "
      + "\(firstWrong); clear in \(clear)\n"
      + String(
        format: "%.0f rollouts and %.3f s an answer", Double(rollouts) / count, seconds / count)
  }
}
