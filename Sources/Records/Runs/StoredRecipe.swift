import Trajectories

/// A recipe within an event: an object a section, keys as in `recipe.toml` but in the case of all
/// keys of the record, such as `learningRate`.
struct StoredRecipe: Encodable {
  let recipe: Recipe

  func encode(to encoder: any Encoder) throws {
    var box = encoder.container(keyedBy: StoredKey.self)
    let sections = Dictionary(grouping: Recipe.keys, by: \.section)
    for key in sections[""] ?? [] { try write(key, into: &box) }
    for (section, keys) in sections where !section.isEmpty {
      var inner = box.nestedContainer(keyedBy: StoredKey.self, forKey: StoredKey(section))
      for key in keys { try write(key, into: &inner) }
    }
  }

  private func write(
    _ key: RecipeKey, into box: inout KeyedEncodingContainer<StoredKey>
  ) throws {
    let name = StoredKey(Self.camelCase(key.lastName))
    switch key.value(in: recipe) {
    case .whole(let value): try box.encode(value, forKey: name)
    case .natural(let value): try box.encode(value, forKey: name)
    case .number(let value): try box.encode(value, forKey: name)
    case .flag(let value): try box.encode(value, forKey: name)
    case .text(let value), .word(let value): try box.encode(value, forKey: name)
    }
  }

  /// The recipe at a place; keys that an older Crux had none of keep their defaults.
  static func read(_ json: StoredJSON, at root: Int) throws(StoredFault) -> Recipe {
    try json.checkObject(at: root)
    var recipe = Recipe()
    for key in Recipe.keys {
      guard let place = try place(of: key, in: json, at: root) else { continue }
      let value: RecipeValue
      do { value = try key.value(from: json, at: place) } catch {
        throw error.within(path(key.name).joined(separator: "."))
      }
      guard key.put(value, into: &recipe) else { throw StoredFault(.unreadable) }
    }
    // The name the estimators had when there were two of them.
    if let place = try place(["values", "adaptive"], in: json, at: root),
      try Bool?(stored: json, at: place) == true,
      try self.place(["values", "estimator"], in: json, at: root) == nil
    {
      recipe.values.estimator = .topTwo
    }
    return recipe
  }

  /// The names that lead to a key, such as `optimizer`, `learningRate`.
  static func path(_ name: String) -> [String] {
    name.split(separator: ".").map { camelCase(String($0)) }
  }

  private static func camelCase(_ name: String) -> String {
    name.split(separator: "_").enumerated().map { place, word in
      place == 0 ? String(word) : word.prefix(1).uppercased() + word.dropFirst()
    }.joined()
  }

  /// The place of a key's value, under whichever name it was written.
  private static func place(
    of key: RecipeKey, in json: StoredJSON, at root: Int
  ) throws(StoredFault) -> Int? {
    for name in [key.name] + key.formerNames {
      if let place = try place(path(name), in: json, at: root) { return place }
    }
    return nil
  }

  /// The place of the value that objects within objects have under these names.
  private static func place(
    _ path: [String], in json: StoredJSON, at root: Int
  ) throws(StoredFault) -> Int? {
    var place = root
    for (depth, name) in path.enumerated() {
      do { try json.checkObject(at: place) } catch {
        throw error.within(path.prefix(depth).joined(separator: "."))
      }
      guard let member = json.member(Array(name.utf8), of: place) else { return nil }
      place = member
    }
    return place
  }
}

extension RecipeKey {
  /// What a stored recipe says.
  fileprivate func value(
    from json: StoredJSON, at place: Int
  ) throws(StoredFault) -> RecipeValue {
    switch kind {
    case .whole: return .whole(try Int(stored: json, at: place))
    case .natural: return .natural(try UInt64(stored: json, at: place))
    case .number:
      let number = try Double(stored: json, at: place)
      guard number.isFinite else { throw StoredFault(.unreadable) }
      return .number(number)
    case .flag: return .flag(try Bool(stored: json, at: place))
    case .text: return .text(try json.text(at: place))
    case .word(let allowed):
      // Some words were truths once.
      let flag = try? Bool(stored: json, at: place)
      let said = if let flag { "\(flag)" } else { try json.text(at: place) }
      let found = present(said)
      guard allowed.contains(found) else { throw StoredFault(.unknown) }
      return .word(found)
    }
  }
}
