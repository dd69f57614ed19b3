import Foundation
import ModelFiles
import Records
import Session
import Trajectories

/// Finds out whether a path names what another program wrote: a trainer, an evaluation, a study of
/// steps.
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
    return try dump(in: url)
  }

  private func isRun(_ folder: URL) -> Bool {
    let names = [RunStore.fileName, RunStore.recipeName]
    return names.contains {
      FileManager.default.fileExists(atPath: folder.appendingPathComponent($0).path)
    }
  }

  private func dump(in file: URL) throws -> DumpReader? {
    let found = Result { try DumpReader(opening: path) }
    switch found {
    case .success(let dump):
      // Labelled solutions are judged blind and measured against their labels.
      let isLabelled = dump.formats == [.prm800K] || dump.formats == [.chat]
      return isLabelled && isProblems(file) ? nil : dump
    case .failure(let error):
      if isProblems(file) { return nil }
      throw error
    }
  }

  private func isProblems(_ file: URL) -> Bool { (try? AskedProblem.read(file) { "\($0)" }) != nil }
}

extension AskedProblem {
  /// Most answers of a dump that are worked on at once.
  private static let mostDumped = 2000

  /// The answers of a dump that a policy can go on from, the first two thousand; how many it cannot is
  /// told.
  ///
  /// - Throws: A sentence where there are none, or a row cannot be read.
  static func read(_ dump: DumpReader, at path: String) throws -> [AskedProblem] {
    var problems: [AskedProblem] = []
    var leftOut = 0
    let cursor = dump.cursor()
    while problems.count < mostDumped, let next = try cursor.next() {
      let isWhole = next.fidelity != .stripped && next.segments.allSatisfy(\.carriesLoss)
      if isWhole { problems.append(AskedProblem(next)) } else { leftOut += 1 }
    }
    guard !problems.isEmpty else {
      throw Complaint(
        "No answer of \(path) can be gone on from: \(leftOut) lack their special tokens or hold "
          + "turns of tools. crux open without --model shows them.")
    }
    if leftOut > 0 {
      tell("\(leftOut) answers lack their special tokens or hold turns of tools; left out.")
    }
    return problems
  }
}
