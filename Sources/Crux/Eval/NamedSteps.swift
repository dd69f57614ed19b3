import Foundation
import Records
import Session
import Trajectories
import Workbench

/// Steps that a person or a program named as first errors.
struct NamedSteps {
  let name: String
  private var byID: [String: Int?] = [:]
  /// By the text of the steps, for files that do not keep the names of solutions.
  private var byText: [String: Int?] = [:]

  /// Reads labels: those that `crux labels export` writes, a person's each; a file of one of the
  /// known sets; or JSON lines `{"id": …, "step": …}` with steps from 0 and null for none.
  ///
  /// - Parameters:
  ///   - file: The file.
  ///   - kind: The set they are held against; a run keeps its labels as those of a person.
  /// - Returns: One for each person.
  /// - Throws: A sentence where the file is none of these.
  static func read(_ file: String, besides kind: StepLabelKind) throws -> [NamedSteps] {
    let url = URL(fileURLWithPath: file)
    let name = url.lastPathComponent
    if let set = try StepLabelFile.read(url) { return [NamedSteps(set)] }
    if let rated = try? PRM800KFile.read(url) {
      let people = Dictionary(grouping: rated, by: \.labeler)
      return people.keys.filter { $0 != kind.rawValue }.sorted().map { person in
        NamedSteps(person.isEmpty ? name : person, people[person] ?? [])
      }
    }
    return [try NamedSteps(lines: url)]
  }

  private init(_ set: StepLabelSet) {
    name = set.name
    for solution in set.solutions {
      byID[Self.key(solution.problem.id)] = .some(solution.firstError)
    }
  }

  private init(_ name: String, _ rated: [RatedSolution]) {
    self.name = name
    // Of several choices of one person the first counts.
    for solution in rated.reversed() {
      byText[Self.text(of: solution.steps)] = .some(solution.critical)
    }
  }

  private init(lines url: URL) throws {
    struct Line: Decodable {
      var id: String
      var step: Int?
    }
    name = url.lastPathComponent
    let text = try String(contentsOf: url, encoding: .utf8)
    for (number, line) in text.split(separator: "\n").enumerated() {
      guard let row = try? JSONDecoder().decode(Line.self, from: Data(line.utf8)) else {
        throw Complaint("\(name):\(number + 1) is no label; write {\"id\": \"x-1\", \"step\": 2}.")
      }
      byID[Self.key(row.id)] = .some(row.step)
    }
  }

  /// The step named for a solution, perhaps none; nil where nothing was said of it.
  func step(of solution: StepLabelledSolution) -> Int?? {
    byID[Self.key(solution.problem.id)] ?? byText[Self.text(of: solution.steps)]
  }

  /// The id in the file, without the file's name.
  private static func key(_ id: String) -> String {
    guard let slash = id.firstIndex(of: "/"), id[..<slash].contains(".jsonl") else { return id }
    return String(id[id.index(after: slash)...])
  }

  /// The letters and digits of the steps, in order; an end mark, where a policy has one, left away.
  private static func text(of steps: [String]) -> String {
    steps.map { step in
      withoutEndMark(step).filter { $0.isLetter || $0.isNumber }
    }.joined(separator: "/")
  }
}
