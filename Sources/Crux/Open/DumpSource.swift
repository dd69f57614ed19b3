import Foundation
import ModelFiles
import Records
import Session
import Trajectories

/// What another program wrote, by its path: a trainer, an evaluation, a study of steps.
struct DumpSource {
  let path: String

  /// The dump; nil where the path names something that Crux opens otherwise.
  ///
  /// - Throws: A sentence where it is neither: what is wrong and what it came nearest to.
  func reader() throws -> DumpReader? {
    let url = URL(fileURLWithPath: path)
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      return path.contains { "*?[".contains($0) } ? try DumpReader(opening: path) : nil
    }
    if ModelSource.isModel(url) { return nil }
    if isFolder.boolValue { return try isRun(url) ? nil : DumpReader(opening: path) }
    if url.pathExtension == "toml" || url.lastPathComponent == RunStore.fileName { return nil }
    // Labelled solutions are judged blind and measured against their labels.
    guard !ProblemSource(file: url).isLabelled else { return nil }
    do { return try DumpReader(opening: path) } catch {
      guard ProblemSource(file: url).holdsProblems else { throw error }
      return nil
    }
  }

  private func isRun(_ folder: URL) -> Bool {
    let names = [RunStore.fileName, RunStore.recipeName]
    return names.contains {
      FileManager.default.fileExists(atPath: folder.appendingPathComponent($0).path)
    }
  }

  /// Most answers that are worked on at once.
  private static let most = 2000

  /// The answers of a dump that a policy can go on from, the first two thousand; what it cannot go on
  /// from is told.
  ///
  /// - Throws: A sentence where there are none, or a row cannot be read.
  func answers(of dump: DumpReader) throws -> [AskedProblem] {
    let stem = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    var found: [AskedProblem] = []
    var leftOut = 0
    let cursor = dump.cursor()
    while found.count < Self.most, let next = try cursor.next() {
      let isDrawn =
        next.segments.allSatisfy(\.carriesLoss) && next.lossMask?.contains(false) != true
      if next.fidelity != .stripped, isDrawn {
        found.append(AskedProblem(next, id: "\(stem)/\(found.count + 1)"))
      } else {
        leftOut += 1
      }
    }
    guard !found.isEmpty else {
      throw Complaint(
        "No answer of \(path) can be gone on from: \(leftOut) lack their special tokens or hold "
          + "turns of tools. crux open without --model shows them.")
    }
    if leftOut > 0 {
      tell("\(leftOut) answers lack their special tokens or hold turns of tools; left out.")
    }
    if found.count == Self.most { tell("The first \(Self.most) answers are taken.") }
    return found
  }
}
