/// What learns in place of the weights: small matrices beside them (LoRA), or nothing.
public struct AdapterChoice: Codable, Equatable, Sendable {
  /// Rank of the matrices; 0 lets all weights learn.
  public var rank = 0
  /// Their product is multiplied by alpha / rank.
  public var alpha = 32.0
  /// Whether it is multiplied by alpha / √rank instead.
  public var rankStabilised = false
  /// Linear layers that are adapted, separated by commas, under PEFT's names; `all-linear` for all.
  public var targets = AdapterChoice.all
  /// Folder of an adapter (PEFT) to go on from, with its rank, alpha and targets; `new` for none.
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
