public import Foundation
public import Trajectories

/// Reads BIG-Bench-Mistake, ProcessBench, MR-GSM8K and MR-Ben, known by their fields.
public enum StepLabelFile {
  /// Reads a file.
  ///
  /// - Parameters:
  ///   - url: JSON lines or a JSON array.
  ///   - style: What the prompts ask for beside the question.
  /// - Returns: The solutions; nil where the file's first row is of no such set.
  /// - Throws: A sentence where the file cannot be read, or none of its rows is whole.
  public static func read(_ url: URL, style: PromptStyle = .steps) throws -> StepLabelSet? {
    let data = try DurableFiles.bytes(of: url, limit: JSONLines.sizeLimit)
    return try read(data, name: url.lastPathComponent, style: style)
  }

  /// Reads the bytes of a file that is called `name`, as `read(_:style:)` does.
  public static func read(
    _ data: Data, name: String, style: PromptStyle = .steps
  ) throws -> StepLabelSet? {
    guard !name.lowercased().hasSuffix(".csv"),
      let rows = try? RawRow.rows(of: data, name: name), let first = rows.first,
      let kind = kind(of: first)
    else { return nil }
    var set = StepLabelSet(name: name, kind: kind, solutions: [], oddRows: [])
    for row in rows {
      do {
        let labelled = try StepLabelRow(row, kind)
        let id = row.text("id", "uuid") ?? "\(row.number)"
        set.solutions.append(try labelled.solution(id: "\(name)/\(id)", style: style))
      } catch {
        set.oddRows.append("\(row.place): \(error)")
      }
    }
    guard !set.solutions.isEmpty else {
      throw RecordsError(set.oddRows.first ?? "\(name) holds no solutions.")
    }
    return set
  }

  private static func kind(of row: RawRow) -> StepLabelKind? {
    let names = Set(row.fields.keys)
    if names.isSuperset(of: ["steps", "mistake_index", "input"]) { return .bigBenchMistake }
    if names.isSuperset(of: ["steps", "label", "problem"]) { return .processBench }
    if names.contains("model_output_solution_first_error_step") { return .mrGSM8K }
    return names.contains("Model_Solution_First_Error_Step") ? .mrBen : nil
  }
}
