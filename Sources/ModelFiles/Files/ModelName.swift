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
