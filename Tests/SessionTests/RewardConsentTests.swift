import Testing
import Trajectories
import Workbench

@testable import Session

extension ProcessWideTests {
  /// Who is asked before a command of a file's runs.
  struct RewardConsentTests {
    private let recipe: Recipe = {
      var recipe = Recipe()
      recipe.task.rewardCommand = "crux-test-\u{1B}[31mgrade"
      return recipe
    }()

    private var command: String { recipe.task.rewardCommand }

    @Test func `the workbench asks once it is needed, and shows the command inertly`() throws {
      RewardConsent.ask(.workbench)
      defer { RewardConsent.ask(.terminal) }
      try RewardConsent.settle(command, in: .none)
      guard case .consentWanted(let asked, let words)? = RewardConsent.question(about: [recipe])
      else {
        Issue.record("nothing was asked")
        return
      }
      #expect(asked == command && words.contains("on this machine"))
      #expect(!words.unicodeScalars.contains("\u{1B}"))
      #expect(RewardConsent.question(about: [Recipe()]) == nil)
    }

    @Test func `nothing runs where only looking is allowed`() {
      RewardConsent.ask(.never("this only looks"))
      defer { RewardConsent.ask(.terminal) }
      #expect(!RewardConsent.allows(command))
      #expect(RewardConsent.refusal(of: command).hasSuffix("does not run: this only looks."))
      let reward = RewardCommand(command, seconds: 1, sandbox: .none)
      let problem = Problem(id: "a", task: "sums", prompt: "1", reference: "1", guessChance: 0)
      #expect(reward.reward(of: "1", ended: true, to: problem) == 0)
      #expect(reward.failure?.contains("only looks") == true)
    }

    @Test func `at the terminal only a yes is one`() {
      defer { SessionHost.set(SessionHost()) }
      #expect(throws: Complaint.self) { try RewardConsent.settle(command, in: .none) }
      var host = SessionHost()
      host.ask = { _, _ in false }
      SessionHost.set(host)
      do {
        try RewardConsent.settle(command, in: .none)
        Issue.record("it was allowed")
      } catch { #expect("\(error)".contains("was not allowed")) }
    }
  }
}
