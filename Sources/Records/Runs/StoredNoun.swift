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
/// has, as it does where the value is null. Keys that no list names are ignored.
struct Field<Noun>: Sendable {
  typealias Write = @Sendable (Noun, inout KeyedEncodingContainer<StoredKey>) throws -> Void
  typealias Read = @Sendable (inout Noun, StoredJSON, Int) throws(StoredFault) -> Void

  /// The key.
  let name: String
  let isNeeded: Bool
  let write: Write
  /// Reads the value at a place.
  private let read: Read
  private let key: [UInt8]

  private init(_ name: String, isNeeded: Bool, write: @escaping Write, read: @escaping Read) {
    self.name = name
    self.isNeeded = isNeeded
    self.write = write
    self.read = read
    key = Array(name.utf8)
  }

  /// Reads the key's value of the object at a place into a noun.
  func read(_ noun: inout Noun, from json: StoredJSON, at object: Int) throws(StoredFault) {
    guard let place = json.member(key, of: object) else {
      if isNeeded { throw StoredFault(.missing).within(name) }
      return
    }
    if !isNeeded, json.kind(at: place) == .null { return }
    do { try read(&noun, json, place) } catch { throw error.within(name) }
  }

  /// A value without which the object says nothing.
  static func needed<Value: StoredValue>(
    _ name: String, _ path: any WritableKeyPath<Noun, Value> & Sendable
  ) -> Field {
    Field(
      name, isNeeded: true, write: { try $1.encode($0[keyPath: path], forKey: StoredKey(name)) },
      read: { noun, json, place throws(StoredFault) in
        noun[keyPath: path] = try Value(stored: json, at: place)
      })
  }

  /// A value that older writers did not know.
  static func plain<Value: StoredValue>(
    _ name: String, _ path: any WritableKeyPath<Noun, Value> & Sendable
  ) -> Field {
    Field(
      name, isNeeded: false, write: { try $1.encode($0[keyPath: path], forKey: StoredKey(name)) },
      read: { noun, json, place throws(StoredFault) in
        noun[keyPath: path] = try Value(stored: json, at: place)
      })
  }

  /// A value that may be missing; its key is then left out.
  static func perhaps<Value: StoredValue>(
    _ name: String, _ path: any WritableKeyPath<Noun, Value?> & Sendable
  ) -> Field {
    Field(
      name, isNeeded: false,
      write: { try $1.encodeIfPresent($0[keyPath: path], forKey: StoredKey(name)) },
      read: { noun, json, place throws(StoredFault) in
        noun[keyPath: path] = try Value(stored: json, at: place)
      })
  }

  /// Another noun.
  static func object<Value: StoredNoun>(
    _ name: String, _ path: any WritableKeyPath<Noun, Value> & Sendable
  ) -> Field {
    Field(
      name, isNeeded: true,
      write: { try $1.encode(Stored($0[keyPath: path]), forKey: StoredKey(name)) },
      read: { noun, json, place throws(StoredFault) in
        noun[keyPath: path] = try Value.read(json, at: place)
      })
  }

  /// Another noun that may be missing.
  static func perhapsObject<Value: StoredNoun>(
    _ name: String, _ path: any WritableKeyPath<Noun, Value?> & Sendable
  ) -> Field {
    Field(
      name, isNeeded: false,
      write: {
        try $1.encodeIfPresent($0[keyPath: path].map(Stored.init), forKey: StoredKey(name))
      },
      read: { noun, json, place throws(StoredFault) in
        noun[keyPath: path] = try Value.read(json, at: place)
      })
  }

  /// An array of nouns.
  static func list<Value: StoredNoun>(
    _ name: String, _ path: any WritableKeyPath<Noun, [Value]> & Sendable
  ) -> Field {
    Field(
      name, isNeeded: true,
      write: { try $1.encode($0[keyPath: path].map(Stored.init), forKey: StoredKey(name)) },
      read: { noun, json, place throws(StoredFault) in
        noun[keyPath: path] = try json.list(at: place, Value.read)
      })
  }

  /// An array of nouns that may be missing.
  static func perhapsList<Value: StoredNoun>(
    _ name: String, _ path: any WritableKeyPath<Noun, [Value]?> & Sendable
  ) -> Field {
    Field(
      name, isNeeded: false,
      write: {
        let found = $0[keyPath: path]?.map(Stored.init)
        try $1.encodeIfPresent(found, forKey: StoredKey(name))
      },
      read: { noun, json, place throws(StoredFault) in
        noun[keyPath: path] = try json.list(at: place, Value.read)
      })
  }

  /// A seed: a text of digits, since half of all seeds are beyond what SQL holds in a number.
  static func seed(
    _ name: String, _ path: any WritableKeyPath<Noun, UInt64> & Sendable
  ) -> Field {
    Field(
      name, isNeeded: true,
      write: { try $1.encode("\($0[keyPath: path])", forKey: StoredKey(name)) },
      read: { noun, json, place throws(StoredFault) in
        // The first schema had a number.
        if let text = try? json.text(at: place), let seed = UInt64(text) {
          noun[keyPath: path] = seed
        } else {
          noun[keyPath: path] = try UInt64(stored: json, at: place)
        }
      })
  }

  /// A recipe: the keys of `recipe.toml`, in the case of all keys here.
  static func recipe(
    _ name: String, _ path: any WritableKeyPath<Noun, Recipe> & Sendable
  ) -> Field {
    Field(
      name, isNeeded: true,
      write: { try $1.encode(StoredRecipe(recipe: $0[keyPath: path]), forKey: StoredKey(name)) },
      read: { noun, json, place throws(StoredFault) in
        noun[keyPath: path] = try StoredRecipe.read(json, at: place)
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

extension StoredNoun {
  /// The noun that the object at a place is.
  ///
  /// - Throws: The first of its keys that is missing or is not as it should be.
  static func read(_ json: StoredJSON, at place: Int) throws(StoredFault) -> Self {
    try json.checkObject(at: place)
    var noun = blank
    for field in fields { try field.read(&noun, from: json, at: place) }
    return noun
  }
}

/// A noun with its list of keys in place of its own coding.
struct Stored<Noun: StoredNoun>: Encodable {
  let noun: Noun

  init(_ noun: Noun) { self.noun = noun }

  func encode(to encoder: any Encoder) throws {
    var box = encoder.container(keyedBy: StoredKey.self)
    for field in Noun.fields { try field.write(noun, &box) }
  }
}

/// The payload of a row, in whichever schema it was written.
struct Source<Payload: Collection<UInt8>> {
  let payload: Payload
  let schema: Int

  /// The noun that the payload is.
  func read<Noun: StoredNoun>() throws(StoredFault) -> Noun {
    let json = try StoredJSON(payload)
    return schema < 2 ? try Source.first(json) : try Noun.read(json, at: 0)
  }

  /// A payload of the first schema: the kind again around the noun, which had no key but `_0`.
  private static func first<Noun: StoredNoun>(_ json: StoredJSON) throws(StoredFault) -> Noun {
    try json.checkObject(at: 0)
    guard let key = json.firstKey(of: 0) else { throw StoredFault(.unreadable) }
    do throws(StoredFault) {
      try json.checkObject(at: key + 1)
      guard let noun = json.member(Array("_0".utf8), of: key + 1) else {
        return try Noun.read(json, at: key + 1)
      }
      do { return try Noun.read(json, at: noun) } catch { throw error.within("_0") }
    } catch {
      throw error.within(EventFormat.plain(try json.text(at: key)))
    }
  }
}
