import Foundation
import Trajectories

/// A noun that stands in the store as a JSON object with the keys of its list.
protocol StoredNoun: Sendable {
  /// What it is before anything is read; keys that are missing leave it so.
  static var blank: Self { get }
  /// Its keys.
  static var fields: [Field<Self>] { get }
}

/// One key of a stored noun, written and read.
///
/// A key that is missing is an error where it is needed; otherwise the noun keeps what its blank
/// has. Keys that no list names are ignored.
struct Field<Noun>: Sendable {
  /// The key.
  let name: String
  let write: @Sendable (Noun, inout KeyedEncodingContainer<StoredKey>) throws -> Void
  let read: @Sendable (inout Noun, KeyedDecodingContainer<StoredKey>) throws -> Void

  /// A value without which the object says nothing.
  static func needed<Value: Codable & Sendable>(
    _ name: String, _ path: any WritableKeyPath<Noun, Value> & Sendable
  ) -> Field {
    Field(
      name: name, write: { try $1.encode($0[keyPath: path], forKey: StoredKey(name)) },
      read: { $0[keyPath: path] = try $1.decode(Value.self, forKey: StoredKey(name)) })
  }

  /// A value that older writers did not know.
  static func plain<Value: Codable & Sendable>(
    _ name: String, _ path: any WritableKeyPath<Noun, Value> & Sendable
  ) -> Field {
    Field(
      name: name, write: { try $1.encode($0[keyPath: path], forKey: StoredKey(name)) },
      read: { noun, box in
        let found = try box.decodeIfPresent(Value.self, forKey: StoredKey(name))
        if let found { noun[keyPath: path] = found }
      })
  }

  /// A value that may be missing; its key is then left out.
  static func perhaps<Value: Codable & Sendable>(
    _ name: String, _ path: any WritableKeyPath<Noun, Value?> & Sendable
  ) -> Field {
    Field(
      name: name, write: { try $1.encodeIfPresent($0[keyPath: path], forKey: StoredKey(name)) },
      read: { $0[keyPath: path] = try $1.decodeIfPresent(Value.self, forKey: StoredKey(name)) })
  }

  /// Another noun.
  static func object<Value: StoredNoun>(
    _ name: String, _ path: any WritableKeyPath<Noun, Value> & Sendable
  ) -> Field {
    Field(
      name: name, write: { try $1.encode(Stored($0[keyPath: path]), forKey: StoredKey(name)) },
      read: {
        $0[keyPath: path] = try $1.decode(Stored<Value>.self, forKey: StoredKey(name)).noun
      })
  }

  /// Another noun that may be missing.
  static func perhapsObject<Value: StoredNoun>(
    _ name: String, _ path: any WritableKeyPath<Noun, Value?> & Sendable
  ) -> Field {
    Field(
      name: name,
      write: {
        try $1.encodeIfPresent($0[keyPath: path].map(Stored.init), forKey: StoredKey(name))
      },
      read: {
        let found = try $1.decodeIfPresent(Stored<Value>.self, forKey: StoredKey(name))
        $0[keyPath: path] = found?.noun
      })
  }

  /// An array of nouns.
  static func list<Value: StoredNoun>(
    _ name: String, _ path: any WritableKeyPath<Noun, [Value]> & Sendable
  ) -> Field {
    Field(
      name: name,
      write: { try $1.encode($0[keyPath: path].map(Stored.init), forKey: StoredKey(name)) },
      read: {
        let found = try $1.decode([Stored<Value>].self, forKey: StoredKey(name))
        $0[keyPath: path] = found.map(\.noun)
      })
  }

  /// An array of nouns that may be missing.
  static func perhapsList<Value: StoredNoun>(
    _ name: String, _ path: any WritableKeyPath<Noun, [Value]?> & Sendable
  ) -> Field {
    Field(
      name: name,
      write: {
        let found = $0[keyPath: path]?.map(Stored.init)
        try $1.encodeIfPresent(found, forKey: StoredKey(name))
      },
      read: {
        let found = try $1.decodeIfPresent([Stored<Value>].self, forKey: StoredKey(name))
        $0[keyPath: path] = found?.map(\.noun)
      })
  }

  /// A seed: a text of digits, since half of all seeds are beyond what SQL holds in a number.
  static func seed(
    _ name: String, _ path: any WritableKeyPath<Noun, UInt64> & Sendable
  ) -> Field {
    Field(
      name: name, write: { try $1.encode("\($0[keyPath: path])", forKey: StoredKey(name)) },
      read: { noun, box in
        let key = StoredKey(name)
        // The first schema had a number.
        if let text = try? box.decode(String.self, forKey: key), let seed = UInt64(text) {
          noun[keyPath: path] = seed
        } else {
          noun[keyPath: path] = try box.decode(UInt64.self, forKey: key)
        }
      })
  }

  /// A recipe: the keys of `recipe.toml`, in the case of all keys here.
  static func recipe(
    _ name: String, _ path: any WritableKeyPath<Noun, Recipe> & Sendable
  ) -> Field {
    Field(
      name: name, write: { try $1.encode($0[keyPath: path], forKey: StoredKey(name)) },
      read: { noun, box in
        noun[keyPath: path] = try box.decode(StoredRecipe.self, forKey: StoredKey(name)).recipe
      })
  }
}

/// A key of a stored object.
struct StoredKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(_ name: String) { stringValue = name }
  init?(stringValue: String) { self.init(stringValue) }
  init?(intValue: Int) { nil }
}

/// A noun with its list of keys in place of its own coding.
struct Stored<Noun: StoredNoun>: Codable, Sendable {
  var noun: Noun

  init(_ noun: Noun) { self.noun = noun }

  init(from decoder: any Decoder) throws {
    let box = try decoder.container(keyedBy: StoredKey.self)
    noun = Noun.blank
    for field in Noun.fields { try field.read(&noun, box) }
  }

  func encode(to encoder: any Encoder) throws {
    var box = encoder.container(keyedBy: StoredKey.self)
    for field in Noun.fields { try field.write(noun, &box) }
  }
}

/// A recipe of which some keys may be missing, since an older Crux had none of them.
struct StoredRecipe: Decodable {
  let recipe: Recipe

  init(from decoder: any Decoder) throws {
    let root = try decoder.container(keyedBy: StoredKey.self)
    var fields = RecipeField.all(of: Recipe())
    for index in fields.indices {
      guard let box = try StoredRecipe.box(fields[index].path.dropLast(), in: root),
        let key = fields[index].path.last.map({ StoredKey($0) }), box.contains(key)
      else { continue }
      fields[index].value = try fields[index].value.decoded(key, in: box)
    }
    // The name the estimators had when there were two of them.
    let values = try StoredRecipe.box(["values"], in: root)
    if try values?.decodeIfPresent(Bool.self, forKey: StoredKey("adaptive")) == true,
      values?.contains(StoredKey("estimator")) == false,
      let place = fields.firstIndex(where: { $0.path == ["values", "estimator"] }),
      case .word(_, let allowed) = fields[place].value
    {
      fields[place].value = .word(Estimator.topTwo.rawValue, allowed: allowed)
    }
    recipe = try RecipeField.recipe(from: fields)
  }

  private static func box(
    _ path: some Sequence<String>, in root: KeyedDecodingContainer<StoredKey>
  ) throws -> KeyedDecodingContainer<StoredKey>? {
    var box = root
    for name in path {
      let key = StoredKey(name)
      guard box.contains(key) else { return nil }
      box = try box.nestedContainer(keyedBy: StoredKey.self, forKey: key)
    }
    return box
  }
}

extension RecipeField.Value {
  /// What a stored recipe says in place of this.
  fileprivate func decoded(
    _ key: StoredKey, in box: KeyedDecodingContainer<StoredKey>
  ) throws -> RecipeField.Value {
    switch self {
    case .whole: .whole(try box.decode(Int.self, forKey: key))
    case .natural: .natural(try box.decode(UInt64.self, forKey: key))
    case .number: .number(try box.decode(Double.self, forKey: key))
    case .flag: .flag(try box.decode(Bool.self, forKey: key))
    case .text: .text(try box.decode(String.self, forKey: key))
    case .word(_, let allowed):
      if let flag = try? box.decode(Bool.self, forKey: key) {
        // Recipes of before said true or false for what is divided by.
        .word((flag ? RewardScale.group : .none).rawValue, allowed: allowed)
      } else {
        .word(try box.decode(String.self, forKey: key), allowed: allowed)
      }
    }
  }
}

/// The payload of a row, in whichever schema it was written.
struct Source {
  let payload: Data
  let schema: Int
  let decoder: JSONDecoder

  /// The noun that the payload is.
  func read<Noun: StoredNoun>() throws -> Noun {
    schema < 2
      ? try decoder.decode(FirstSchema<Noun>.self, from: payload).noun
      : try decoder.decode(Stored<Noun>.self, from: payload).noun
  }
}

/// A payload of the first schema: the kind again around the noun, which had no key but `_0`.
private struct FirstSchema<Noun: StoredNoun>: Decodable {
  let noun: Noun

  init(from decoder: any Decoder) throws {
    let outer = try decoder.container(keyedBy: StoredKey.self)
    guard let kind = outer.allKeys.first else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "no kind"))
    }
    let inner = try outer.nestedContainer(keyedBy: StoredKey.self, forKey: kind)
    let first = StoredKey("_0")
    noun =
      inner.contains(first)
      ? try inner.decode(Stored<Noun>.self, forKey: first).noun
      : try outer.decode(Stored<Noun>.self, forKey: kind).noun
  }
}
