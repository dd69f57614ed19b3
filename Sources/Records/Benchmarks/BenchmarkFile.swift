public import Foundation
public import Trajectories

/// Reads the public files of BBH, GSM8K, MATH, MMLU, MMLU-Pro, AIME and reasoning-gym, and problems
/// of one's own.
///
/// A file is known by its fields, not by its name: JSON lines, a JSON array, BBH's JSON object with
/// `examples`, MMLU's CSV without a header, or a folder of such files (MATH has one problem in
/// each).
public enum BenchmarkFile {
  /// Reads a file, or every `.json`, `.jsonl` and `.csv` beneath a folder.
  ///
  /// - Parameters:
  ///   - url: The file or folder.
  ///   - style: What the prompts ask for beside the question.
  /// - Returns: The problems and the rows that are none.
  /// - Throws: A sentence where there is no problem at all in it, with the first row's fault.
  public static func read(_ url: URL, style: PromptStyle = .steps) throws -> BenchmarkSet {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue
    {
      return try folder(url, style: style)
    }
    let data = try DurableFiles.bytes(of: url, limit: JSONLines.sizeLimit)
    return try read(data, name: url.lastPathComponent, style: style)
  }

  /// Reads the bytes of a file.
  ///
  /// - Parameters:
  ///   - data: The file.
  ///   - name: What it is called; `.csv` at its end makes it a table.
  ///   - style: What the prompts ask for beside the question.
  /// - Returns: The problems and the rows that are none.
  /// - Throws: As `read(_:style:)`.
  public static func read(
    _ data: Data, name: String, style: PromptStyle = .steps
  ) throws -> BenchmarkSet {
    let rows = try RawRow.rows(of: data, name: name)
    let stem = name.split(separator: ".").dropLast().joined(separator: ".")
    var found: [(BenchmarkKind, Problem)] = []
    var odd: [String] = []
    for row in rows {
      do {
        let (kind, problem) = try BenchmarkRow.read(row, stem: stem)
        found.append((kind, problem.problem(id: "\(name)/\(row.number)", style: style)))
      } catch {
        odd.append("\(row.place): \(error)")
      }
    }
    guard let kind = found.first?.0 else {
      throw RecordsError(odd.first ?? "\(name) holds no problems.")
    }
    return BenchmarkSet(name: name, kind: kind, problems: found.map(\.1), oddRows: odd)
  }

  private static func folder(_ url: URL, style: PromptStyle) throws -> BenchmarkSet {
    let files = try FileManager.default.subpathsOfDirectory(atPath: url.path).sorted()
      .filter { ["json", "jsonl", "csv"].contains(($0 as NSString).pathExtension) }
    var whole: BenchmarkSet?
    var odd: [String] = []
    for file in files {
      do {
        let set = try read(url.appendingPathComponent(file), style: style)
        let problems = set.problems.map { problem in
          var problem = problem
          problem.id = (file as NSString).deletingLastPathComponent + "/" + problem.id
          return problem
        }
        whole =
          whole
          ?? BenchmarkSet(
            name: url.lastPathComponent, kind: set.kind, problems: [], oddRows: [])
        whole?.problems += problems
        odd += set.oddRows
      } catch {
        odd.append("\(error)")
      }
    }
    guard var whole else {
      throw RecordsError(odd.first ?? "\(url.path) holds no .json, .jsonl or .csv file.")
    }
    whole.oddRows = odd
    return whole
  }
}
