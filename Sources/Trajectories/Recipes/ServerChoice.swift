/// Which servers draw and score in place of the embedded engine.
///
/// What each part means stands beside its key, below. A key of an API is no part of it: those are
/// taken from the environment alone.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
public struct ServerChoice: Equatable, Sendable {
  public var urls = ""
  public var model = ""
  public var adapter = ""

  /// No server: the embedded engine draws.
  public init() {}

  /// Servers that hold the same weights.
  public init(urls: [String], model: String = "", adapter: String = "") {
    self.urls = urls.joined(separator: ", ")
    self.model = model
    self.adapter = adapter
  }

  /// The addresses one by one.
  public var addresses: [String] {
    urls.split { $0 == "," || $0 == " " }.map(String.init)
  }

  /// Whether a server draws.
  public var isNamed: Bool { !addresses.isEmpty }
}

extension ServerChoice {
  static let keys: [RecipeKey] = [
    .text(
      "server.urls", \.server.urls, "addresses",
      "Addresses of servers that draw and score in place of the embedded engine, separated by "
        + "commas, each a replica of one model; none where it is empty."),
    .text(
      "server.model", \.server.model, "a name",
      "The model's name on the server; the first that it serves where it is empty.", read: .served),
    .text(
      "server.adapter", \.server.adapter, "a folder",
      "Folder of an adapter (PEFT), as the server sees it, that it shall load and draw with.",
      read: .served),
  ]
}

extension RecipeKey.Reading {
  fileprivate static let served = RecipeKey.Reading("where server.urls names a server") {
    $0.server.isNamed
  }
}

extension Recipe {
  /// What no server can be asked for, in sentences.
  var serverContradictions: [String] {
    guard server.isNamed else { return [] }
    var found: [String] = []
    if values.rule == .entropy || values.estimator == .entropy {
      found.append(
        "server.urls names a server, and none tells the entropies that values.rule or "
          + "values.estimator = \"entropy\" looks at; take another.")
    }
    if [.exact, .valueHead].contains(values.estimator) {
      found.append(
        "server.urls names a server, and values.estimator = \"\(values.estimator.rawValue)\" "
          + "needs the weights here; take one that rolls out, such as \"uniform\".")
    }
    return found
  }
}
