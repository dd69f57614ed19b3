/// What learns in place of the weights: small matrices beside them (LoRA), or nothing.
///
/// What each part means stands beside its key, below.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
public struct AdapterChoice: Equatable, Sendable {
  public var rank = 0
  public var alpha = 32.0
  public var rankStabilized = false
  public var targets = AdapterChoice.all
  public var start = AdapterChoice.new

  /// Stands for all linear layers.
  public static let all = "all-linear"
  /// Stands for an adapter that changes nothing yet.
  public static let new = "new"
  /// The linear layers of a block, as PEFT names them.
  public static let layers = [
    "q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj",
  ]

  /// All weights learn.
  public init() {}

  /// The layers that `targets` names, in the order of the model.
  public var chosenLayers: [String] {
    targets == AdapterChoice.all
      ? AdapterChoice.layers : AdapterChoice.layers.filter(names.contains)
  }

  /// What is wrong with `targets`; nil where nothing is.
  var problem: String? {
    guard targets != AdapterChoice.all else { return nil }
    let known = AdapterChoice.layers.joined(separator: ", ")
    guard !names.isEmpty else {
      return "adapter.targets names no layer; take \(AdapterChoice.all) or some of \(known)."
    }
    guard let strange = names.first(where: { !AdapterChoice.layers.contains($0) }) else {
      return nil
    }
    return "adapter.targets names “\(strange)”; take \(AdapterChoice.all) or some of \(known)."
  }

  private var names: [String] {
    let words = targets.split(separator: ",").map { name in
      String(name.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
    return words.filter { !$0.isEmpty }
  }
}

extension AdapterChoice {
  static let keys: [RecipeKey] = [
    .whole(
      "adapter.rank", \.adapter.rank, 0...4096, "columns",
      "Rank of the matrices that learn beside the weights (LoRA); 0 lets all weights learn."),
    .number(
      "adapter.alpha", \.adapter.alpha, 0...1_000_000, "factor",
      "The product of the matrices is multiplied by alpha over rank.", read: .adapting),
    .flag(
      "adapter.rank_stabilized", \.adapter.rankStabilized,
      "Whether it is multiplied by alpha over the root of rank instead.", read: .adapting),
    .text(
      "adapter.targets", \.adapter.targets, "all-linear or names of layers",
      "Linear layers that are adapted, separated by commas, under PEFT's names; all-linear for all.",
      read: .adapting),
    .text(
      "adapter.start", \.adapter.start, "new or a folder",
      "Folder of an adapter (PEFT) to go on from, with its rank, alpha and targets; new for none."),
  ]
}

extension RecipeKey.Reading {
  fileprivate static let adapting = RecipeKey.Reading("where adapter.rank is above 0") {
    $0.adapter.rank > 0
  }
}
