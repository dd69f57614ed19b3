import BigInt
import Foundation

/// What an instance holds beside its question and answer.
struct ReasoningGymFacts {
  private let fields: [String: Any]

  /// Reads the metadata of an instance; nothing where it is no JSON object.
  init(_ json: String) {
    let object = try? JSONSerialization.jsonObject(with: Data(json.utf8))
    fields = object as? [String: Any] ?? [:]
  }

  /// The task that made the instance.
  var task: String { fields["source_dataset"] as? String ?? "" }

  func text(_ name: String) -> String? { fields[name] as? String }

  func texts(_ name: String) -> [String]? { fields[name] as? [String] }

  func number(_ name: String) -> Double? { (fields[name] as? NSNumber)?.doubleValue }

  func whole(_ name: String) -> BigInt? { (fields[name] as? NSNumber).flatMap(Self.whole) }

  func wholes(_ name: String) -> [BigInt]? {
    (fields[name] as? [NSNumber])?.compactMap(Self.whole)
  }

  /// The least and the largest value that the instance was made of, where its difficulty says so.
  var valueRange: ClosedRange<BigInt>? {
    let bounds = (fields["difficulty"] as? [String: Any])?["value"] as? [NSNumber]
    let wholes = bounds?.compactMap(Self.whole) ?? []
    return wholes.count == 2 && wholes[0] <= wholes[1] ? wholes[0]...wholes[1] : nil
  }

  /// The cells of a grid, row by row.
  var grid: [[String]]? { fields["matrix"] as? [[String]] }

  private static func whole(_ number: NSNumber) -> BigInt? {
    let value = number.doubleValue
    if abs(value) < 1e15 { return value == value.rounded() ? BigInt(Int64(value)) : nil }
    return BigInt(number.stringValue) ?? BigInt(exactly: value)
  }
}
