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

  func number(_ name: String) -> Double? { (fields[name] as? NSNumber)?.doubleValue }

  func numbers(_ name: String) -> [Double]? { (fields[name] as? [NSNumber])?.map(\.doubleValue) }

  /// The two roles of a puzzle of knights and knaves, in lower case.
  var roles: [String]? {
    let terms = fields["knight_knave_terms"] as? [String: String]
    guard let knight = terms?["knight"], let knave = terms?["knave"] else { return nil }
    return [knight.lowercased(), knave.lowercased()]
  }

  /// The cells of a grid, row by row.
  var grid: [[String]]? { fields["matrix"] as? [[String]] }
}
