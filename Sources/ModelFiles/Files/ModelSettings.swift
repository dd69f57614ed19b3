/// The keys of a `config.json` with their ranges checked.
struct ModelSettings {
  /// The whole file.
  let json: JSON
  /// Named in errors.
  let file: String

  /// An error about the file.
  func error(_ problem: String) -> ModelFileError { ModelFileError(file: file, problem: problem) }

  /// A whole number in a range; nil where the key is missing or null.
  func integer(_ key: String, _ range: ClosedRange<Int>) throws -> Int? {
    guard let value = json[key], !value.isNull else { return nil }
    return try check(value, key, range)
  }

  /// A whole number in a range.
  func check(_ value: JSON, _ key: String, _ range: ClosedRange<Int>) throws -> Int {
    guard let number = value.integer, range.contains(number) else {
      throw error(
        "‘\(key)’ must be a whole number from \(range.lowerBound) to \(range.upperBound).")
    }
    return number
  }

  /// A whole number that must be there.
  func required(_ key: String, _ range: ClosedRange<Int>) throws -> Int {
    guard let number = try integer(key, range) else { throw error("‘\(key)’ is missing.") }
    return number
  }

  /// A number in a range; nil where the key is missing or null.
  func number(_ key: String, _ range: ClosedRange<Double>, in object: JSON? = nil) throws
    -> Double?
  {
    guard let value = (object ?? json)[key], !value.isNull else { return nil }
    guard let number = value.double, range.contains(number) else {
      throw error("‘\(key)’ must be a number from \(range.lowerBound) to \(range.upperBound).")
    }
    return number
  }

  /// A truth value; nil where the key is missing or null.
  func flag(_ key: String) throws -> Bool? {
    guard let value = json[key], !value.isNull else { return nil }
    guard let flag = value.bool else { throw error("‘\(key)’ must be true or false.") }
    return flag
  }
}
