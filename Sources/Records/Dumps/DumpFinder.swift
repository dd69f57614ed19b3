import Foundation

/// Finds the files of a dump at a path.
enum DumpFinder {
  /// Most files that are looked at.
  private static let fileLimit = 100_000

  static func find(
    _ path: String
  ) throws -> (files: [DumpFile], passedOver: [(file: String, why: String)]) {
    let candidates = try candidates(path)
    var files: [DumpFile] = []
    var passedOver: [(file: String, why: String)] = []
    for (url, name) in candidates {
      if candidates.count > 1, let whole = wholeOf(url) {
        passedOver.append((name, "\(name): its rows stand in \(whole) too."))
        continue
      }
      do { files.append(try DumpFile(url, name: name)) } catch {
        passedOver.append((name, "\(name): \(error.reason)."))
      }
    }
    guard !files.isEmpty else { throw nothing(path, passedOver) }
    if files.contains(where: { $0.format == .openAIBatch }) {
      // The requests are read with their answers.
      let inputs = candidates.filter { BatchRequests.isInput($0.url) }.map(\.name)
      passedOver.removeAll { inputs.contains($0.file) }
    }
    return (inOrder(files), passedOver)
  }

  /// prime-rl writes the traces that it trained on, `effective`, a second time beside `all`.
  private static func wholeOf(_ url: URL) -> String? {
    let folder = url.deletingLastPathComponent()
    guard folder.lastPathComponent == "effective", url.lastPathComponent.hasPrefix("traces.jsonl")
    else { return nil }
    let whole = folder.deletingLastPathComponent().appendingPathComponent("all")
      .appendingPathComponent(url.lastPathComponent)
    return FileManager.default.fileExists(atPath: whole.path) ? "all/traces.jsonl" : nil
  }

  private static func nothing(
    _ path: String, _ passedOver: [(file: String, why: String)]
  ) -> RecordsError {
    guard passedOver.count != 1, let first = passedOver.first(where: { $0.why.contains("nearest") })
    else {
      let why = passedOver.first?.why
      return RecordsError(why ?? "\(path) is an empty folder; name a dump.")
    }
    return RecordsError(
      "\(path): none of \(passedOver.count) files is a dump that is known; \(first.why)")
  }

  /// By training step, then by name; numbers within names count as numbers.
  private static func inOrder(_ files: [DumpFile]) -> [DumpFile] {
    files.sorted { one, other in
      let steps = (one.trainingStep ?? .min, other.trainingStep ?? .min)
      guard steps.0 == steps.1 else { return steps.0 < steps.1 }
      return one.name.compare(other.name, options: .numeric) == .orderedAscending
    }
  }

  private static func candidates(_ path: String) throws -> [(url: URL, name: String)] {
    var isFolder: ObjCBool = false
    let files = FileManager.default
    if files.fileExists(atPath: path, isDirectory: &isFolder) {
      let url = URL(fileURLWithPath: path, isDirectory: isFolder.boolValue)
      return isFolder.boolValue ? try below(url) : [alone(url)]
    }
    let matches = path.contains { "*?[".contains($0) } ? glob(path) : []
    guard !matches.isEmpty else { throw RecordsError("\(path) does not exist.") }
    return try matches.flatMap { match in
      _ = files.fileExists(atPath: match, isDirectory: &isFolder)
      let url = URL(fileURLWithPath: match, isDirectory: isFolder.boolValue)
      return isFolder.boolValue ? try below(url) : [alone(url)]
    }
  }

  /// A file, or the folder of Thought Anchors' rollouts that it is a part of.
  private static func alone(_ url: URL) -> (url: URL, name: String) {
    let folder = url.deletingLastPathComponent()
    let name = url.lastPathComponent
    if ["chunks.json", "base_solution.json", "problem.json"].contains(name) {
      if isAnchors(folder) { return (folder, folder.lastPathComponent) }
      let solutions = folder.appendingPathComponent("solutions.json")
      if name == "problem.json", FileManager.default.fileExists(atPath: solutions.path) {
        return (solutions, "solutions.json")
      }
    }
    return (url, name)
  }

  private static func isAnchors(_ folder: URL) -> Bool {
    ["chunks.json", "base_solution.json"].allSatisfy {
      FileManager.default.fileExists(atPath: folder.appendingPathComponent($0).path)
    }
  }

  private static func glob(_ pattern: String) -> [String] {
    var found = glob_t()
    defer { globfree(&found) }
    guard Foundation.glob(pattern, 0, nil, &found) == 0 else { return [] }
    return (0..<Int(found.gl_pathc)).compactMap { index in
      found.gl_pathv[index].map { String(cString: $0) }
    }
  }

  private static func below(_ folder: URL) throws -> [(url: URL, name: String)] {
    if isAnchors(folder) { return [(folder, folder.lastPathComponent)] }
    let keys: [URLResourceKey] = [.isRegularFileKey, .isDirectoryKey]
    let walk = FileManager.default.enumerator(
      at: folder, includingPropertiesForKeys: keys, options: [.skipsHiddenFiles])
    let prefix = folder.standardizedFileURL.path
    var found: [(url: URL, name: String)] = []
    while let url = walk?.nextObject() as? URL {
      let kind = try? url.resourceValues(forKeys: Set(keys))
      let isAnswer = kind?.isDirectory == true && isAnchors(url)
      if isAnswer { walk?.skipDescendants() }
      guard isAnswer || kind?.isRegularFile == true else { continue }
      let path = url.standardizedFileURL.path
      let name = path.hasPrefix(prefix + "/") ? String(path.dropFirst(prefix.count + 1)) : path
      found.append((isAnswer ? URL(fileURLWithPath: path, isDirectory: true) : url, name))
      guard found.count <= fileLimit else {
        throw RecordsError("\(folder.path) holds more than \(fileLimit) files; name one of them.")
      }
    }
    return found
  }
}
