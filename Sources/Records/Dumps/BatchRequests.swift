import Foundation

/// The requests of an OpenAI batch by `custom_id`, found again in the files they lie in.
final class BatchRequests: @unchecked Sendable {
  private let files: [URL]
  private let lock = NSLock()
  /// Where each request stands; nil until one is asked for.
  ///
  /// `lock` guards it.
  private var places: [String: (file: Int, offset: Int, length: Int)]?

  init(_ files: [URL]) { self.files = files }

  /// Files beside an output that are inputs by their first line.
  static func beside(_ output: URL) -> BatchRequests {
    let folder = output.deletingLastPathComponent()
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let found = names.sorted().prefix(256).map { folder.appendingPathComponent($0) }
      .filter { $0.lastPathComponent != output.lastPathComponent && isInput($0) }
    return BatchRequests(found)
  }

  /// Whether the first line of a file is a request.
  static func isInput(_ url: URL) -> Bool {
    guard let bytes = try? DumpBytes(url), let lines = try? DumpLines(bytes, nil),
      let line = try? lines.next(), let row = try? DumpValue(parsing: line.bytes)
    else { return false }
    return row.has("custom_id") && row["body"]?.isObject == true
  }

  /// What was asked under a name; nil where no file has it.
  func body(_ name: String) throws(DumpFault) -> DumpValue? {
    lock.lock()
    defer { lock.unlock() }
    if places == nil { places = try index() }
    guard let place = places?[name] else { return nil }
    let bytes = try DumpBytes(files[place.file])
    let row = try DumpValue(parsing: try bytes.read(at: place.offset, count: place.length))
    return row["body"]
  }

  private func index() throws(DumpFault) -> [String: (file: Int, offset: Int, length: Int)] {
    var places: [String: (file: Int, offset: Int, length: Int)] = [:]
    for (index, url) in files.enumerated() {
      let lines = try DumpLines(DumpBytes(url), nil)
      while let line = try DumpFault.passing({ try lines.next() }) {
        guard let name = (try? line.value())?["custom_id"]?.text else { continue }
        places[name] = (index, line.offset, line.bytes.count)
      }
    }
    return places
  }
}
