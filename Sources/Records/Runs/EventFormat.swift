import Foundation
import GRDB
public import Trajectories

/// Events as the store writes them.
///
/// Each is a word in the `kind` column and one JSON object of its own fields in `payload`; the page
/// `README.md` beside this file says the same to whoever reads a run elsewhere. A field more in a
/// noun is a line more in its list below; a kind more is a line in each of the two switches. Readers
/// skip keys and kinds that they do not know, so neither needs a new schema.
struct EventFormat {
  private let encoder = JSONEncoder()

  init() {
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Numbers that JSON lacks are written as words.
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  }

  /// The event as a row has it; nil for one that this Crux does not know.
  func row(of event: RunEvent) throws -> (kind: String, payload: String)? {
    switch event {
    case .started(let it): try row("started", it)
    case .sampled(let it): try row("sampled", it)
    case .valued(let it): try row("valued", it)
    case .measured(let it): try row("measured", it)
    case .compared(let it): try row("compared", it)
    case .proposed(let it): try row("proposed", it)
    case .marked(let it): try row("marked", it)
    case .recut(let it): try row("recut", it)
    case .labelled(let it): try row("labelled", it)
    case .undone: try row("undone", Bare())
    case .redone: try row("redone", Bare())
    case .followed(let marks, let update):
      try row("followed", Obedience(marks: marks, update: update))
    case .updated(let it): try row("updated", it)
    case .evaluated(let it): try row("evaluated", it)
    case .checkpointed(let update, let manifest):
      try row("checkpointed", Moment(update: update, manifest: manifest))
    case .resumed(let update): try row("resumed", Moment(update: update))
    case .rolledBack(let update): try row("rolledBack", Moment(update: update))
    case .finished: try row("finished", Bare())
    case .changed(let it): try row("changed", it)
    case .edited(let it): try row("edited", it)
    case .stopped: try row("stopped", Bare())
    case .failed(let message): try row("failed", Sentence(message: message))
    case .warned(let message): try row("warned", Sentence(message: message))
    case .unknown, .damaged: nil
    }
  }

  /// The event that a row holds; `unknown` where it is of a kind that this Crux does not know.
  ///
  /// - Throws: What is wrong with a payload that is not JSON, lacks what is needed or says what this
  ///   Crux does not know.
  func event(
    _ kind: String, _ payload: some Collection<UInt8>, schema: Int
  ) throws(StoredFault) -> RunEvent {
    let source = Source(payload: payload, schema: schema)
    return try event(kind, source) ?? .unknown(kind: EventFormat.plain(kind))
  }

  private func event(
    _ kind: String, _ source: Source<some Collection<UInt8>>
  ) throws(StoredFault) -> RunEvent? {
    switch kind {
    case "started": .started(try source.read())
    case "sampled": .sampled(try source.read())
    case "valued": .valued(try source.read())
    case "measured": .measured(try source.read())
    case "compared": .compared(try source.read())
    case "proposed": .proposed(try source.read())
    case "marked": .marked(try source.read())
    case "recut": .recut(try source.read())
    case "labelled": .labelled(try source.read())
    case "undone": .undone
    case "redone": .redone
    case "followed": (try source.read() as Obedience).event
    case "updated": .updated(try source.read())
    case "evaluated": .evaluated(try source.read())
    case "checkpointed": (try source.read() as Moment).checkpointed
    case "resumed": .resumed(update: (try source.read() as Moment).update)
    case "rolledBack": .rolledBack(update: (try source.read() as Moment).update)
    case "finished": .finished
    case "changed": .changed(try source.read())
    case "edited": .edited(try source.read())
    case "stopped": .stopped
    case "failed": .failed(message: (try source.read() as Sentence).message)
    case "warned": .warned(message: (try source.read() as Sentence).message)
    default: nil
    }
  }

  private func row<Noun: StoredNoun>(
    _ kind: String, _ noun: Noun
  ) throws -> (kind: String, payload: String) {
    (kind, String(decoding: try encoder.encode(Stored(noun)), as: UTF8.self))
  }
}

// What some kinds say that is no noun elsewhere.

private struct Bare: StoredNoun {
  static let blank = Bare()
  static let fields: [Field<Bare>] = []
}

private struct Moment: StoredNoun {
  var update = 0
  var manifest: String?
  var checkpointed: RunEvent { .checkpointed(update: update, manifest: manifest) }
  static let blank = Moment()
  static let fields: [Field<Moment>] = [
    .needed("update", \.update), .perhaps("manifest", \.manifest),
  ]
}

private struct Sentence: StoredNoun {
  var message = ""
  static let blank = Sentence()
  static let fields: [Field<Sentence>] = [.needed("message", \.message)]
}

private struct Obedience: StoredNoun {
  var marks = 0
  var update = 0
  var event: RunEvent { .followed(marks: marks, update: update) }
  static let blank = Obedience()
  static let fields: [Field<Obedience>] = [
    .needed("marks", \.marks), .needed("update", \.update),
  ]
}

// The words that their fields hold.

extension GradingRule: StoredValue {}
extension StepVerdict: StoredValue {}
extension Control: StoredValue {}
extension ValueBasis: StoredValue {}
extension Estimator: StoredValue {}
extension Rule: StoredValue {}
extension ResetVerdict: StoredValue {}
extension RecipeChange.Key: StoredValue {}
extension MarkKind: StoredValue {}
extension StepCutKind: StoredValue {}
extension LabelFinish: StoredValue {}

// The nouns, each a list of its keys.

extension RunStart: StoredNoun {
  static let blank = RunStart(recipe: Recipe(), machine: "", parameters: 0, version: "")
  static let fields: [Field<RunStart>] = [
    .recipe("recipe", \.recipe), .plain("machine", \.machine),
    .plain("parameters", \.parameters), .plain("version", \.version),
  ]
}

extension Trajectory: StoredNoun {
  static let blank = Trajectory(
    id: "", problem: .blank, promptTokens: [], responseTokens: [], logProbabilities: [], steps: [],
    reward: 0, chainCorrect: nil, seed: 0, policyVersion: 0, truncated: false)
  static let fields: [Field<Trajectory>] = [
    .needed("id", \.id), .object("problem", \.problem), .needed("promptTokens", \.promptTokens),
    .needed("responseTokens", \.responseTokens), .plain("logProbabilities", \.logProbabilities),
    .list("steps", \.steps), .needed("reward", \.reward), .perhaps("chainCorrect", \.chainCorrect),
    .seed("seed", \.seed), .needed("policyVersion", \.policyVersion),
    .plain("truncated", \.truncated), .perhapsObject("forkedFrom", \.forkedFrom),
    .perhaps("seconds", \.seconds),
  ]
}

extension Problem: StoredNoun {
  static let blank = Problem(id: "", task: "", prompt: "", reference: "", guessChance: 0)
  static let fields: [Field<Problem>] = [
    .needed("id", \.id), .needed("task", \.task), .needed("prompt", \.prompt),
    .needed("reference", \.reference), .perhaps("solution", \.solution),
    .plain("guessChance", \.guessChance), .perhapsObject("grading", \.grading),
  ]
}

extension AnswerGrading: StoredNoun {
  static let blank = AnswerGrading(.mathematics)
  static let fields: [Field<AnswerGrading>] = [
    .needed("rule", \.rule), .plain("options", \.options), .plain("facts", \.facts),
  ]
}

extension Step: StoredNoun {
  static let blank = Step(start: 0, end: 0, text: "")
  static let fields: [Field<Step>] = [
    .needed("start", \.start), .needed("end", \.end), .needed("text", \.text),
    .perhaps("verdict", \.verdict), .plain("note", \.note),
  ]
}

extension Fork: StoredNoun {
  static let blank = Fork(trajectory: "", step: 0, keptTokens: 0)
  static let fields: [Field<Fork>] = [
    .needed("trajectory", \.trajectory), .needed("step", \.step),
    .needed("keptTokens", \.keptTokens),
  ]
}

extension Valuation: StoredNoun {
  static let blank = Valuation(
    trajectory: "", policyVersion: 0, values: [], tokens: 0, seconds: 0)
  static let fields: [Field<Valuation>] = [
    .needed("trajectory", \.trajectory), .needed("policyVersion", \.policyVersion),
    .list("values", \.values), .plain("tokens", \.tokens), .plain("seconds", \.seconds),
    .perhapsList("anchors", \.anchors), .perhaps("estimator", \.estimator),
    .perhapsObject("cost", \.cost),
  ]
}

extension Cost: StoredNoun {
  static let blank = Cost()
  static let fields: [Field<Cost>] = [
    .plain("rollouts", \.rollouts), .plain("tokens", \.tokens), .plain("seconds", \.seconds),
  ]
}

extension StepMeasurement: StoredNoun {
  static let blank = StepMeasurement(
    trajectory: "", control: .none, policyVersion: 0, tokens: 0..<0, effect: .blank)
  static let fields: [Field<StepMeasurement>] = [
    .needed("trajectory", \.trajectory), .needed("control", \.control),
    .needed("policyVersion", \.policyVersion), .needed("start", \.start), .needed("end", \.end),
    .object("effect", \.effect), .object("cost", \.cost),
  ]
}

extension StepComparison: StoredNoun {
  static let blank = StepComparison(
    trajectory: "", step: 0, tokens: 0..<0, firstVersion: 0, secondVersion: 0, first: .blank,
    second: .blank)
  static let fields: [Field<StepComparison>] = [
    .needed("trajectory", \.trajectory), .needed("step", \.step), .needed("start", \.start),
    .needed("end", \.end), .needed("firstVersion", \.firstVersion),
    .needed("secondVersion", \.secondVersion), .object("first", \.first),
    .object("second", \.second), .object("cost", \.cost),
  ]
}

extension StepValue: StoredNoun {
  static let blank = StepValue(
    boundary: 0, rewardSum: 0, rollouts: 0, truncated: 0, mean: 0, low: 0, high: 0)
  static let fields: [Field<StepValue>] = [
    .needed("boundary", \.boundary), .needed("rewardSum", \.rewardSum),
    .needed("rollouts", \.rollouts), .plain("truncated", \.truncated), .needed("mean", \.mean),
    .needed("low", \.low), .needed("high", \.high), .perhaps("basis", \.basis),
  ]
}

extension StepAnchor: StoredNoun {
  static let blank = StepAnchor(kept: 0, keptMean: 0, changed: 0, changedMean: 0, divergence: nil)
  static let fields: [Field<StepAnchor>] = [
    .needed("kept", \.kept), .needed("keptMean", \.keptMean), .needed("changed", \.changed),
    .needed("changedMean", \.changedMean), .perhaps("divergence", \.divergence),
  ]
}

extension CriticalStep: StoredNoun {
  static let blank = CriticalStep(
    trajectory: "", policyVersion: 0, rule: .paperAbsolute, step: nil, leader: 0, advantage: 0,
    low: 0, high: 0, confidence: 0, rollouts: 0)
  static let fields: [Field<CriticalStep>] = [
    .needed("trajectory", \.trajectory), .needed("policyVersion", \.policyVersion),
    .needed("rule", \.rule), .perhaps("step", \.step), .needed("leader", \.leader),
    .needed("advantage", \.advantage), .needed("low", \.low), .needed("high", \.high),
    .needed("confidence", \.confidence), .plain("rollouts", \.rollouts),
    .perhapsObject("fresh", \.fresh), .perhaps("estimator", \.estimator),
    .perhapsList("candidates", \.candidates), .perhaps("storedAt", \.storedAt),
  ]
}

extension StepCandidate: StoredNoun {
  static let blank = StepCandidate(
    step: 0, score: 0, probability: nil, isClear: false, verdict: .lowerRanked)
  static let fields: [Field<StepCandidate>] = [
    .needed("step", \.step), .needed("score", \.score), .perhaps("probability", \.probability),
    .needed("isClear", \.isClear), .needed("verdict", \.verdict),
  ]
}

extension FreshEffect: StoredNoun {
  static let blank = FreshEffect(
    step: 0, before: .blank, after: .blank, advantage: 0, low: 0, high: 0)
  static let fields: [Field<FreshEffect>] = [
    .needed("step", \.step), .object("before", \.before), .object("after", \.after),
    .needed("advantage", \.advantage), .needed("low", \.low), .needed("high", \.high),
  ]
}

extension RecipeChange: StoredNoun {
  static let blank = RecipeChange(update: 0, key: .updates, before: 0, value: 0, reason: "")
  static let fields: [Field<RecipeChange>] = [
    .needed("update", \.update), .needed("key", \.key), .needed("before", \.before),
    .needed("value", \.value), .plain("reason", \.reason),
  ]
}

extension RecipeEdit: StoredNoun {
  static let blank = RecipeEdit(update: 0, key: "", before: "", value: "")
  static let fields: [Field<RecipeEdit>] = [
    .needed("update", \.update), .needed("key", \.key), .needed("before", \.before),
    .needed("value", \.value),
  ]
}

extension Mark: StoredNoun {
  static let blank = Mark(trajectory: "", step: 0, kind: .cleared)
  static let fields: [Field<Mark>] = [
    .needed("trajectory", \.trajectory), .needed("step", \.step), .needed("kind", \.kind),
  ]
}

extension StepCut: StoredNoun {
  static let blank = StepCut(trajectory: "", kind: .split, token: 0, starts: [], steps: [])
  static let fields: [Field<StepCut>] = [
    .needed("trajectory", \.trajectory), .needed("kind", \.kind), .needed("token", \.token),
    .needed("starts", \.starts), .list("steps", \.steps),
  ]
}

extension StepLabel: StoredNoun {
  static let blank = StepLabel(person: "", trajectory: "", step: nil, starts: [], blind: false)
  static let fields: [Field<StepLabel>] = [
    .needed("person", \.person), .needed("trajectory", \.trajectory), .perhaps("step", \.step),
    .plain("starts", \.starts), .plain("blind", \.blind), .perhaps("seconds", \.seconds),
    .plain("ratings", \.ratings), .perhaps("finish", \.finish),
  ]
}

extension Metrics: StoredNoun {
  static let blank = Metrics()
  static let fields: [Field<Metrics>] = [
    .needed("update", \.update), .plain("reward", \.reward), .perhaps("resetReward", \.resetReward),
    .perhaps("chainAccuracy", \.chainAccuracy), .plain("loss", \.loss), .plain("kl", \.kl),
    .plain("entropy", \.entropy), .perhaps("samplerGap", \.samplerGap),
    .perhaps("samplerKL", \.samplerKL), .plain("clipRatio", \.clipRatio),
    .plain("gradientNorm", \.gradientNorm), .plain("learningRate", \.learningRate),
    .plain("resetShare", \.resetShare), .plain("bufferSize", \.bufferSize),
    .perhaps("bufferPurity", \.bufferPurity), .plain("bufferMarked", \.bufferMarked),
    .plain("trainingTokens", \.trainingTokens), .plain("estimationTokens", \.estimationTokens),
    .plain("truncatedShare", \.truncatedShare), .plain("responseLength", \.responseLength),
    .plain("tokensPerSecond", \.tokensPerSecond), .plain("seconds", \.seconds),
    .perhaps("explainedVariance", \.explainedVariance), .perhaps("valueLoss", \.valueLoss),
    .perhaps("movedKL", \.movedKL), .perhaps("klCoefficient", \.klCoefficient),
    .perhaps("bufferAge", \.bufferAge), .perhaps("bufferReuse", \.bufferReuse),
    .perhaps("stepsPerAnswer", \.stepsPerAnswer),
  ]
}

extension EvaluationResult: StoredNoun {
  static let blank = EvaluationResult()
  static let fields: [Field<EvaluationResult>] = [
    .needed("policyVersion", \.policyVersion), .plain("problems", \.problems),
    .plain("samples", \.samples), .plain("temperature", \.temperature),
    .plain("sampled", \.sampled), .plain("sampledError", \.sampledError),
    .perhaps("sampledChain", \.sampledChain), .plain("greedy", \.greedy),
    .plain("greedyError", \.greedyError), .perhaps("greedyChain", \.greedyChain),
  ]
}

/// An event as the store keeps it.
public struct RecordedEvent: Equatable, Sendable {
  /// Its number in the run, from 1, without gaps.
  public let id: Int64
  /// When it was written, seconds since 1970.
  public let time: Double
  /// What happened.
  public let event: RunEvent
}

extension RunEvent {
  /// The trajectory it speaks of, if it speaks of one.
  var trajectoryID: String? {
    switch self {
    case .sampled(let trajectory): trajectory.id
    case .valued(let valuation): valuation.trajectory
    case .measured(let measurement): measurement.trajectory
    case .compared(let comparison): comparison.trajectory
    case .proposed(let step): step.trajectory
    case .marked(let mark): mark.trajectory
    case .recut(let cut): cut.trajectory
    case .labelled(let label): label.trajectory
    default: nil
    }
  }
}

extension EventFormat {
  /// Columns that `recorded` reads.
  static let columns = "id, time, kind, trajectory, payload"
  /// Largest payload that is read, bytes.
  static let largestPayload = 256 << 20

  /// Reads a row of the `event` table.
  ///
  /// A row that cannot be read, or that cannot be true, is told as damaged; the others are read.
  func recorded(_ row: Row, schema: Int) -> RecordedEvent {
    let id = Int64.fromDatabaseValue(row["id"]) ?? 0
    let kind = String.fromDatabaseValue(row["kind"]) ?? "without a kind"
    let time = Double.fromDatabaseValue(row["time"]) ?? 0
    func damaged(_ fault: String) -> RunEvent {
      .damaged(
        DamagedEvent(
          id: id, kind: EventFormat.plain(kind),
          trajectory: String.fromDatabaseValue(row["trajectory"]), fault: fault))
    }
    let event: RunEvent
    if let payload = String.fromDatabaseValue(row["payload"]) {
      if payload.utf8.count > EventFormat.largestPayload {
        event = damaged("its payload has \(payload.utf8.count) bytes")
      } else if !time.isFinite {
        event = damaged("its time is no number")
      } else {
        do {
          let found = try self.event(kind, payload.utf8, schema: schema)
          event = found.fault.map(damaged) ?? found
        } catch { event = damaged(error.words) }
      }
    } else {
      event = damaged("its payload is no text")
    }
    return RecordedEvent(id: id, time: time, event: event)
  }

  /// A stranger's word, short and of plain signs.
  static func plain(_ word: String) -> String {
    let signs = word.unicodeScalars.prefix(40).map { scalar in
      scalar.properties.isWhitespace || scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
        || scalar.properties.generalCategory == .format ? "?" : Character(scalar)
    }
    return String(signs)
  }
}
