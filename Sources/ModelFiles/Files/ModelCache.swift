public import Foundation

/// The models that Hugging Face's tools have fetched; read, never written.
///
/// The layout is that of huggingface_hub: `models--org--name` with `refs` that name commits,
/// `snapshots` a commit, and links from there to the files.
public struct ModelCache: Sendable {
  /// The folder of all models.
  public let folder: URL

  /// The cache in this folder.
  public init(folder: URL) { self.folder = folder }

  /// The cache that huggingface_hub would use: HF_HUB_CACHE, else HUGGINGFACE_HUB_CACHE, else `hub`
  /// in HF_HOME, else in `huggingface` in XDG_CACHE_HOME, else in `~/.cache`.
  public init(environment: [String: String]) {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    let home = value("HOME") ?? NSHomeDirectory()
    let shared = value("XDG_CACHE_HOME") ?? home + "/.cache"
    let hub = (value("HF_HOME") ?? shared + "/huggingface") + "/hub"
    let path = value("HF_HUB_CACHE") ?? value("HUGGINGFACE_HUB_CACHE") ?? hub
    let expanded = ModelCache.expanded(path, home: home, environment)
    folder = URL(fileURLWithPath: expanded, isDirectory: true)
  }

  /// A path with `~`, `$NAME` and `${NAME}` replaced; names that are not set stay.
  private static func expanded(
    _ path: String, home: String, _ environment: [String: String]
  ) -> String {
    var rest = path[...]
    var result = ""
    if rest == "~" || rest.hasPrefix("~/") {
      result = home
      rest = rest.dropFirst()
    }
    while let dollar = rest.firstIndex(of: "$") {
      result += rest[..<dollar]
      rest = rest[rest.index(after: dollar)...]
      let braced = rest.first == "{"
      let start = braced ? rest.dropFirst() : rest
      let name = start.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
      let after = start[name.endIndex...]
      guard let value = environment[String(name)], !braced || after.first == "}" else {
        result += "$"
        continue
      }
      result += value
      rest = braced ? after.dropFirst() : after
    }
    return result + rest
  }
}

extension ModelCache {
  /// Where a model lies: the file that is named, else the folder with `config.json` and weights, else
  /// the only GGUF file of the repository.
  ///
  /// - Throws: `ModelFileError` with the command that fetches it where it is not there.
  public func place(of name: ModelName) throws -> URL {
    let snapshot = try snapshot(of: name)
    if let file = name.file {
      let place = snapshot.appendingPathComponent(file)
      guard isThere(place) else {
        throw missing(name, "the cache \(folder.path) has the model but not this file")
      }
      return place
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: snapshot.path)) ?? []
    let whole = names.filter { isThere(snapshot.appendingPathComponent($0)) }
    let hasWeights = whole.contains { $0.hasSuffix(".safetensors") }
    if whole.contains("config.json"), hasWeights { return snapshot }
    let packed = whole.filter { $0.hasSuffix(".gguf") }.sorted()
    if packed.count > 1 {
      let choices = packed.prefix(6).map { quoted($0) }.joined(separator: ", ")
      throw ModelFileError(
        file: name.description,
        problem: "it has several GGUF files; name one after a colon, as in "
          + "\(name):\(packed[0]); there are \(choices).")
    }
    guard let only = packed.first else {
      throw missing(name, "\(snapshot.path) lacks config.json or the weights (*.safetensors)")
    }
    return snapshot.appendingPathComponent(only)
  }

  /// The folder of one commit.
  private func snapshot(of name: ModelName) throws -> URL {
    let parts = name.repository.split(separator: "/").map(String.init)
    let model = folder.appendingPathComponent((["models"] + parts).joined(separator: "--"))
    guard isThere(model) else {
      throw missing(name, "it is not in the cache \(folder.path) (HF_HUB_CACHE or HF_HOME move it)")
    }
    let snapshots = model.appendingPathComponent("snapshots")
    let list = (try? FileManager.default.contentsOfDirectory(atPath: snapshots.path)) ?? []
    let commits = list.filter(ModelCache.isCommit).sorted()
    let revision = name.revision ?? "main"
    let refs = model.appendingPathComponent("refs")
    let commit = try reference(refs.appendingPathComponent(revision)) ?? revision
    if commits.contains(commit) { return snapshots.appendingPathComponent(commit) }
    let longer = ModelCache.isCommit(revision) ? commits.filter { $0.hasPrefix(revision) } : []
    if longer.count == 1 { return snapshots.appendingPathComponent(longer[0]) }
    let known =
      commits.isEmpty ? "none" : commits.prefix(6).map { "@" + $0 }.joined(separator: ", ")
    throw missing(
      name,
      longer.isEmpty
        ? "the cache \(folder.path) has the model but not its revision \(revision); "
          + "there it has \(known)"
        : "the revision \(revision) is the beginning of several: \(known)")
  }

  /// The commit that a file of `refs` names; nil where there is no such file.
  private func reference(_ file: URL) throws -> String? {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: file.path, isDirectory: &isFolder),
      !isFolder.boolValue
    else { return nil }
    let text = String(decoding: try readWhole(file).prefix(80), as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    guard ModelCache.isCommit(text) else {
      throw ModelFileError(
        file: file.path,
        problem:
          "this should name a commit in hexadecimal digits; delete it and fetch the model again.")
    }
    return text
  }

  /// Whether a text may be a commit or its beginning.
  private static func isCommit(_ text: String) -> Bool {
    (4...64).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9"))
          || ($0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "f"))
      }
  }

  /// Whether a file or folder is there; a link to what is not there is not.
  private func isThere(_ place: URL) -> Bool {
    FileManager.default.fileExists(atPath: place.path)
  }

  private func missing(_ name: ModelName, _ reason: String) -> ModelFileError {
    ModelFileError(
      file: name.description, problem: "\(reason). Fetch it with: \(name.download)")
  }
}

/// The name of a model on the Hugging Face Hub: `organisation/name`, with a revision after `@` and a
/// file of it after `:` where one is wanted, as in `org/name@v1:model-q8_0.gguf`.
public struct ModelName: Equatable, Sendable, CustomStringConvertible {
  /// `organisation/name`.
  public let repository: String
  /// A branch, a tag or a commit, which may be cut short; nil for the branch `main`.
  public let revision: String?
  /// A file of the repository; nil for all that a model needs.
  public let file: String?

  /// The parts of a name; nil where the text is none.
  public init?(_ text: String) {
    guard text.utf8.count <= 1024, text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else { return nil }
    let fileParts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let parts = fileParts[0].split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    repository = String(parts[0])
    revision = parts.count > 1 ? String(parts[1]) : nil
    file = fileParts.count > 1 ? String(fileParts[1]) : nil
    let names = repository.split(separator: "/", omittingEmptySubsequences: false)
    guard names.count == 2, names.allSatisfy(ModelName.isName), !repository.hasSuffix(".git"),
      [revision, file].allSatisfy({ $0.map(ModelName.isRelativePath) ?? true })
    else { return nil }
  }

  /// The name as it is written.
  public var description: String {
    repository + (revision.map { "@" + $0 } ?? "") + (file.map { ":" + $0 } ?? "")
  }

  /// The command that fetches what is named.
  public var download: String {
    let revision = revision.map { " --revision '\($0)'" } ?? ""
    guard let file else {
      return "hf download \(repository)\(revision)"
        + " --include '*.safetensors' --include '*.json' --include '*.jinja'"
    }
    return "hf download \(repository) '\(file)'\(revision)"
  }

  private static func isName(_ name: Substring) -> Bool {
    let edges = [name.utf8.first, name.utf8.last]
    return (1...96).contains(name.utf8.count) && name.utf8.allSatisfy(isNameByte)
      && edges.allSatisfy { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: ".") }
      && !name.contains("--") && !name.contains("..")
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): true
    case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
    default: false
    }
  }

  /// Whether a path stays below where it begins and can stand between quotes.
  private static func isRelativePath(_ path: String) -> Bool {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    return parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
      && !path.utf8.contains { $0 == UInt8(ascii: "'") || $0 == UInt8(ascii: "\\") }
  }
}
