import Foundation

/// The checkout these tests were built from.
let root = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

/// One Swift file of the project.
struct SourceFile: CustomStringConvertible {
  let room: String
  let url: URL
  let lines: [Substring]

  var description: String { "\(room)/\(url.lastPathComponent)" }

  /// The modules it imports.
  var imports: [String] {
    lines.compactMap { line in
      let words = line.split(separator: " ").filter {
        !["public", "package", "internal", "private", "@preconcurrency", "@testable"].contains($0)
      }
      guard words.first == "import", words.count > 1 else { return nil }
      let module = words.count > 2 ? words[2] : words[1]
      return String(module.split(separator: ".")[0])
    }
  }
}

/// Every Swift file below a top-level folder.
func swiftFiles(in folder: String) throws -> [SourceFile] {
  let base = root.appendingPathComponent(folder)
  var found: [SourceFile] = []
  for room in try FileManager.default.contentsOfDirectory(atPath: base.path).sorted() {
    let files = FileManager.default.enumerator(
      at: base.appendingPathComponent(room), includingPropertiesForKeys: nil)
    while let url = files?.nextObject() as? URL {
      guard url.pathExtension == "swift" else { continue }
      let text = try String(contentsOf: url, encoding: .utf8)
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      found.append(SourceFile(room: room, url: url, lines: lines))
    }
  }
  return found
}
