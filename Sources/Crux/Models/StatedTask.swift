import LanguageModel
import Learning
import Trajectories

// A model is a small policy of an embedded task only where it says so.
extension Configuration {
  /// The key of `config.json` that says it.
  private static let key = "crux_task"

  /// The embedded task that the model was made for; nil where it names none.
  var statedTask: TaskName? { note(Configuration.key).flatMap(TaskName.init(rawValue:)) }

  /// Writes down that the model was made for a task.
  mutating func state(_ task: TaskName) { setNote(Configuration.key, task.rawValue) }

  /// Writes it down for models of before, which did not say it: their vocabulary is exactly the
  /// words of the embedded tasks, in their order.
  ///
  /// A word of those among many others says nothing: `?v` is a token of large vocabularies too.
  mutating func state(taskOf tokenizer: Tokenizer) {
    guard note(Configuration.key) == nil else { return }
    let modulus = tokenizer.vocabularySize - TaskVocabulary(modulus: 0).words.count
    guard (1...997).contains(modulus) else { return }
    let words = TaskVocabulary(modulus: modulus).words
    guard words.enumerated().allSatisfy({ tokenizer.token(for: $1) == Token($0) }) else { return }
    state(.chains)
  }
}
