import LanguageModel
import Trajectories

/// The objective of an offline recipe on the pairs of one update.
struct OfflineObjective {
  /// The pairs of the whole batch.
  let pairs: [ReferencedPair]
  /// z of KTO, nats.
  let referencePoint: Double
  private let choice: ObjectiveChoice
  private let loss: Loss

  private enum Loss {
    case preference(PreferenceLoss, isReferenced: Bool)
    case unpaired(UnpairedPreferenceLoss)
    case oddsRatio(OddsRatioLoss)
    case supervised(CrossEntropy)
    case weighted(AdvantageWeightedRegression)
  }

  /// The objective; nil where the method is none of these.
  init?(_ choice: ObjectiveChoice, pairs: [ReferencedPair], referencePoint: Double) {
    self.choice = choice
    self.pairs = pairs
    self.referencePoint = referencePoint
    switch choice.method {
    case .dpo: loss = .preference(PreferenceLoss(choice), isReferenced: true)
    case .simpo: loss = .preference(PreferenceLoss(choice), isReferenced: false)
    case .kto: loss = .unpaired(UnpairedPreferenceLoss(choice))
    case .orpo: loss = .oddsRatio(OddsRatioLoss(beta: choice.beta, nllWeight: choice.nllWeight))
    case .sft: loss = .supervised(choice.crossEntropy(on: pairs.map(\.preference.chosen.count)))
    case .awr: loss = .weighted(AdvantageWeightedRegression(choice, pairs))
    default: return nil
    }
  }

  /// Rows of a pair: the right continuation alone where the wrong one teaches nothing.
  var rowsOfPair: Int { if case .supervised = loss { 1 } else { 2 } }

  /// What is scored, `rowsOfPair` rows a pair, the right one first.
  var rows: [TokenRow] { pairs.flatMap { $0.preference.rows.prefix(rowsOfPair) } }

  /// What the starting policy says of these rows.
  var references: [[Float]] {
    pairs.flatMap { [$0.chosenReference, $0.rejectedReference].prefix(rowsOfPair) }
  }

  /// The loss of some of the rows, as a part of the batch's.
  func callAsFunction(_ scores: [TokenScores], rows part: Range<Int>) -> LossGradient {
    let reference = Array(references[part])
    let chosen = pairs.reduce(0) { $0 + $1.preference.chosen.count }
    let whole = (pairs: pairs.count, chosenTokens: chosen)
    switch loss {
    case .preference(let loss, let isReferenced):
      return loss(scores, reference: isReferenced ? reference : [], whole: whole)
    case .unpaired(let loss):
      return loss(
        scores, reference: reference, desirable: part.map { $0.isMultiple(of: 2) },
        referencePoint: referencePoint, whole: 2 * pairs.count)
    case .oddsRatio(let loss): return loss(scores, whole: whole)
    case .supervised(let loss): return loss(scores)
    case .weighted(let loss): return loss(scores, advantages: Array(advantages[part]))
    }
  }

  private var advantages: [[Float]] {
    pairs.flatMap { pair in
      pair.advantages
        ?? [pair.preference.chosen, pair.preference.rejected].map { $0.map { _ in 0 } }
    }
  }
}

extension PreferenceLoss {
  /// The objective of a recipe.
  init(_ choice: ObjectiveChoice) {
    let form: Form =
      switch choice.form {
      case .sigmoid, .apoZero: .sigmoid(smoothing: choice.smoothing)
      case .robust: .robust(flips: choice.smoothing)
      case .hinge: .hinge
      case .ipo: .squaredOfMeans
      case .ipoSum: .squared
      case .sigmoidNorm: .sigmoidOfMeans(margin: choice.margin, smoothing: choice.smoothing)
      }
    self.init(form: form, beta: choice.beta, nllWeight: choice.nllWeight)
  }
}

extension UnpairedPreferenceLoss {
  fileprivate init(_ choice: ObjectiveChoice) {
    self.init(
      beta: choice.beta, desirableWeight: choice.desirableWeight,
      undesirableWeight: choice.undesirableWeight)
  }
}

extension AdvantageWeightedRegression {
  fileprivate init(_ choice: ObjectiveChoice, _ pairs: [ReferencedPair]) {
    let lengths = pairs.flatMap { [$0.preference.chosen.count, $0.preference.rejected.count] }
    self.init(
      beta: choice.beta, limit: choice.weightLimit, average: choice.crossEntropy(on: lengths))
  }
}

extension ObjectiveChoice {
  /// The average over a whole batch of rows with so many tokens each.
  fileprivate func crossEntropy(on lengths: [Int]) -> CrossEntropy {
    let rows = lengths.count { $0 > 0 }
    return CrossEntropy(
      average: average, scalesByProbability: method == .sft && scaledByProbability,
      whole: average == .tokens ? lengths.reduce(0, +) : rows)
  }
}
