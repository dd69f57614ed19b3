/// A number of the recipe that was changed while the run went on; the recipe it began with stays.
public struct RecipeChange: Codable, Equatable, Sendable {
  /// The numbers that may change.
  public enum Key: String, Codable, CaseIterable, Sendable {
    /// Updates to make.
    case updates
    /// Most tokens of a response.
    case limit = "sampling.limit"
  }

  /// Updates the policy had seen by then; the change holds for those after it.
  public var update: Int
  /// Which number.
  public var key: Key
  /// What it was.
  public var before: Int
  /// What it is from then on.
  public var value: Int
  /// Why, in a few words, such as `asked for`.
  public var reason: String

  /// A change with every field given.
  public init(update: Int, key: Key, before: Int, value: Int, reason: String) {
    self.update = update
    self.key = key
    self.before = before
    self.value = value
    self.reason = reason
  }
}

/// A key of a run's `recipe.toml` that a person wrote otherwise while the run was at rest, and that it
/// goes on with since.
public struct RecipeEdit: Codable, Equatable, Sendable {
  /// Updates the policy had seen by then.
  public var update: Int
  /// The key, such as `objective.clip_high`.
  public var key: String
  /// What it was, as the file writes it.
  public var before: String
  /// What it is, as the file writes it.
  public var value: String

  /// An edit with every field given.
  public init(update: Int, key: String, before: String, value: String) {
    self.update = update
    self.key = key
    self.before = before
    self.value = value
  }

  /// The edit in words, such as `objective.clip_high was 0.2 and is 0.3`.
  public var words: String { "\(key) was \(before) and is \(value)" }
}

extension Recipe {
  /// The number that may change.
  public subscript(key: RecipeChange.Key) -> Int {
    get {
      switch key {
      case .updates: updates
      case .limit: sampling.limit
      }
    }
    set {
      switch key {
      case .updates: updates = newValue
      case .limit: sampling.limit = newValue
      }
    }
  }
}
