public import Trajectories

/// Something that happened: a person's doing, the run's, or the engine's.
public enum Action: Equatable, Sendable {
  /// A key was pressed.
  case key(Key)
  /// The mouse did something.
  case mouse(MouseEvent)
  /// Text was pasted into the terminal.
  case pasted(String)
  /// The terminal has a new size.
  case resized(Size)
  /// The run went on; in order, from the store or the engine.
  case events([RunEvent])
  /// How far the reading of a recorded run is; nil once all of it came.
  case reading(RunReading?)
  /// There is time to go on with what is worked out a slice at a time.
  case goOn
  /// How far the engine is with its present work; nil when it has none.
  case progress(EngineProgress?)
  /// What the engine does as a whole.
  case engine(EngineState)
  /// An answer on the way: shown until it comes as an event; nil when none is.
  case partialAnswer(PartialAnswer?)
  /// Tokens that the policy draws a second, as measured last.
  case speed(Double)
  /// What was asked for and waits for its turn, in words, the next first.
  case waiting([String])
  /// The run that a model, a recipe or a file of problems began once all was loaded.
  case begun(runName: String, policyName: String)
  /// Servers draw in place of the embedded engine: what the title line says of them, such as
  /// `smol on vLLM`, the longest first.
  case served([String])
  /// Values on the way: shown until the finished valuation comes as an event.
  case partialValuation(Valuation)
  /// Branches on the way: shown until each comes as an event.
  case partialBranches([Trajectory])
  /// Something to tell.
  case message(String, Severity)
  /// A reward command is needed that nobody allowed; in words, with the whole of it.
  case consentWanted(command: String, words: String)
  /// The run's recipe.toml was edited, in words, and nobody has accepted that; what was wanted.
  case recipeEdited(String, TrainingRequest)
  /// Another process trains this run, by its number (0 where it did not say); nil when none does.
  case trainedElsewhere(Int?)
  /// What is known of a study by now, and how many of its trainings are finished.
  case study([StudyRow], finished: Int)
  /// The trainings of a study that are under way here, with the share that is made.
  case underWay([StudyCell: Double])
  /// The themes there are.
  case themes([String])
  /// The checkpoints whose weights can still be loaded.
  case checkpoints([Int])
  /// The text of each token of a response.
  case pieces([String], trajectory: String)
  /// The trajectories in which a search found the text.
  case found(String, trajectories: [String])
}

/// How much a message matters.
public enum Severity: Equatable, Sendable {
  /// Good to know.
  case information
  /// Needs a look.
  case warning
  /// Something did not work.
  case error
}

/// What the engine does as a whole.
public enum EngineState: Equatable, Sendable {
  /// Reading a model; what is asked for waits for it.
  case loading
  /// Nothing.
  case idle
  /// Valuing, sampling or comparing for the person.
  case working
  /// Making updates.
  case training
  /// Between two updates, waiting.
  case paused
  /// Stopped by an error.
  case failed(String)
}

/// How far the engine is with its present work.
public struct EngineProgress: Equatable, Sendable {
  /// What it is doing, such as `valuing #17`.
  public var label: String
  /// Parts done.
  public var done: Int
  /// Parts in all; 0 where nobody knows.
  public var total: Int
  /// Estimated seconds to go; nil where nobody knows.
  public var secondsLeft: Double?
  /// Rollouts drawn for this work so far.
  public var rollouts: Int

  /// Progress with every field given.
  public init(label: String, done: Int, total: Int, secondsLeft: Double?, rollouts: Int) {
    self.label = label
    self.done = done
    self.total = total
    self.secondsLeft = secondsLeft
    self.rollouts = rollouts
  }
}

/// How far the reading of a recorded run is.
public struct RunReading: Equatable, Sendable {
  /// Events that were read.
  public var done: Int
  /// Events there are.
  public var total: Int
  /// What the last of them said that would be told of a run under way.
  var said: Message?

  /// A reading with every field given.
  public init(done: Int, total: Int) {
    self.done = done
    self.total = total
  }
}

/// What the policy has written so far to a problem that a person typed.
public struct PartialAnswer: Equatable, Sendable {
  /// The problem.
  public var prompt: String
  /// The text so far.
  public var text: String
  /// Its tokens.
  public var tokens: Int

  /// An answer with every field given.
  public init(prompt: String, text: String, tokens: Int) {
    self.prompt = prompt
    self.text = text
    self.tokens = tokens
  }
}

extension EngineProgress {
  /// The share that is done, in whole hundredths; 0 where nobody knows.
  var percent: Int { total > 0 ? min(100, max(0, done * 100 / total)) : 0 }
}

extension RunReading {
  /// How much of the run is read.
  var words: String { "reading the run: \(grouped(done)) of \(grouped(total)) events" }
}
