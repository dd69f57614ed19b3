import Foundation
import Records
import Tensors
import Workbench

/// Says what a checkpoint holds, every file with its size and its SHA-256, so that it is used whole as
/// it was written or not at all.
///
/// The digest of the manifest itself stands in the run's record, in the event that tells of the
/// checkpoint. Checkpoints of an older Crux have none.
struct CheckpointManifest: Codable {
  /// Name of its file.
  static let fileName = "manifest.json"
  private static let mostBytes = 16 << 20

  /// A file as it was written.
  struct Entry: Codable, Equatable {
    var bytes: Int
    var sha256: String
  }

  /// Updates the policy had seen.
  var update: Int
  /// The same in all checkpoints of a run, and in those of no other.
  var run: String
  /// Every other file of the folder by its name.
  var files: [String: Entry]

  /// Writes the manifest of a folder whose files are all there; returns its own digest.
  static func write(update: Int, run: String, into folder: URL) throws -> String {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    let entries = try DigestedFile.read(names.map { folder.appendingPathComponent($0) })
    let files = Dictionary(uniqueKeysWithValues: zip(names, entries))
    let manifest = CheckpointManifest(update: update, run: run, files: files)
    let data = Data(try jsonPages(manifest).utf8)
    try data.write(to: folder.appendingPathComponent(fileName))
    return digest(of: data)
  }

  private static func digest(of data: Data) -> String {
    var digest = Digest()
    data.withUnsafeBytes { digest.add($0) }
    return digest.hexadecimal
  }

  /// The manifest of a checkpoint and its own digest; nil where there is none.
  ///
  /// - Throws: A sentence where it cannot be read.
  static func read(_ folder: URL) throws -> (manifest: CheckpointManifest, digest: String)? {
    let file = folder.appendingPathComponent(fileName)
    guard FileManager.default.fileExists(atPath: file.path) else { return nil }
    try PlainFiles.check(file, .file)
    guard let data = try? Data(contentsOf: file), data.count <= mostBytes,
      let manifest = try? JSONDecoder().decode(CheckpointManifest.self, from: data)
    else { throw Complaint("its \(fileName) cannot be read") }
    return (manifest, digest(of: data))
  }

  /// What of the folder is not as it was written, nil where all is; of a file that is skipped, since it
  /// is not to be used, only the size is looked at.
  func fault(of folder: URL, skipping skipped: String?) throws -> String? {
    let found = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0 != CheckpointManifest.fileName }
    if let missing = files.keys.sorted().first(where: { !found.contains($0) }) {
      return "its \(missing) is missing"
    }
    if let strange = found.sorted().first(where: { files[$0] == nil }) {
      return "it holds \(inert(strange)), which Crux did not write there"
    }
    let names = files.keys.sorted()
    for name in names {
      let size = try DigestedFile.size(of: folder.appendingPathComponent(name))
      guard let entry = files[name], entry.bytes == size else {
        return "its \(name) has \(size) bytes and was written with \(files[name]?.bytes ?? 0)"
      }
    }
    let looked = names.filter { $0 != skipped }
    let entries = try DigestedFile.read(looked.map { folder.appendingPathComponent($0) })
    let changed = zip(looked, entries).first { files[$0] != $1 }
    return changed.map { "its \($0.0) is not the file that was written; its SHA-256 differs" }
  }
}

/// The size and the SHA-256 of files, read without waiting for anything that is no plain file.
enum DigestedFile {
  private static let piece = 1 << 22

  /// Reads files, several at a time.
  static func read(_ urls: [URL]) throws -> [CheckpointManifest.Entry] {
    let found = Found(count: urls.count)
    // The largest first, or the last thread would be busy alone with it.
    let sizes = urls.map { (try? size(of: $0)) ?? 0 }
    let order = urls.indices.sorted { sizes[$0] > sizes[$1] }
    DispatchQueue.concurrentPerform(iterations: urls.count) { place in
      let result = Result { try entry(of: urls[order[place]]) }
      found.set(order[place], result)
    }
    return try found.all().map { try $0.get() }
  }

  /// The size of a plain file.
  static func size(of url: URL) throws -> Int {
    try PlainFiles.check(url, .file)
    let size = try FileManager.default.attributesOfItem(atPath: url.path)[.size] as? Int
    return size ?? 0
  }

  private static func entry(of url: URL) throws -> CheckpointManifest.Entry {
    try PlainFiles.check(url, .file)
    let handle = try FileHandle(forReadingFrom: url)
    defer { try? handle.close() }
    var digest = Digest()
    var bytes = 0
    while let data = try handle.read(upToCount: piece), !data.isEmpty {
      data.withUnsafeBytes { digest.add($0) }
      bytes += data.count
    }
    return CheckpointManifest.Entry(bytes: bytes, sha256: digest.hexadecimal)
  }

  /// What several threads found out, each at its own place.
  private final class Found: @unchecked Sendable {
    private let lock = NSLock()
    private var results: [Result<CheckpointManifest.Entry, any Error>?]

    init(count: Int) { results = Array(repeating: nil, count: count) }

    func set(_ place: Int, _ result: Result<CheckpointManifest.Entry, any Error>) {
      lock.withLock { results[place] = result }
    }

    func all() -> [Result<CheckpointManifest.Entry, any Error>] { results.compactMap { $0 } }
  }
}
