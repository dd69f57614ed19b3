import LanguageModel
import Learning
import Trajectories

extension Explorer {
  /// Refuses an answer of the record that this policy cannot have given or been given, before it goes
  /// on from it.
  ///
  /// - Throws: A sentence that names the answer and what is wrong.
  func check(_ answer: Trajectory) throws {
    let tokens = answer.promptTokens + answer.responseTokens
    let known = 0..<Token(policy.vocabulary)
    if let strange = tokens.first(where: { !known.contains($0) }) {
      throw Complaint(
        "\(answer.id) holds token \(strange), but the policy's vocabulary ends at "
          + "\(policy.vocabulary - 1); it is not an answer of this policy, so it is only shown.")
    }
    guard tokens.count <= policy.contextLength else {
      throw Complaint(
        "\(answer.id) has \(tokens.count) tokens with its prompt, more than the policy's "
          + "\(policy.contextLength); it is only shown.")
    }
    guard !answer.steps.isEmpty, !answer.promptTokens.isEmpty else {
      throw Complaint("\(answer.id) has no prompt or no steps to go back to; it is only shown.")
    }
  }
}
