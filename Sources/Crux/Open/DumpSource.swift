import Foundation
import ModelFiles
import Records
import Session

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
