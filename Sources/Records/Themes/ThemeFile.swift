public import Foundation

/// A theme as a TOML file: `inherits`, `[palette]` and `[roles]`.
///
/// A file that inherits takes over the palette and the roles of its parent and replaces what it
/// names itself; roles find their colours in the palette that results, so a file that changes the
/// palette alone is a whole theme. The palette's `foreground` and `background` paint the roles
/// that name no colour of their own; the word `default` is the terminal's own colour.
public enum ThemeFile {
  /// The word for the terminal's own colour.
  static let terminal = "default"
  private static let longestChain = 16

  /// Reads a theme.
  ///
  /// - Parameters:
  ///   - name: The file's name without `.toml`.
  ///   - folders: Where to look, the first find wins.
  ///   - roles: The roles there are; others are warned of.
  /// - Returns: The theme, its inheritance and colours resolved.
  /// - Throws: A sentence where a file is missing or is not TOML, or the inheritance is a circle.
  public static func read(
    named name: String, in folders: [URL], roles: Set<String>
  ) throws -> ThemeDescription {
    try resolve(name, roles: roles) { wanted in
      guard !wanted.contains("/"), !wanted.hasPrefix(".") else { return nil }
      for folder in folders {
        let file = folder.appendingPathComponent(wanted + ".toml")
        guard FileManager.default.fileExists(atPath: file.path) else { continue }
        return try DurableFiles.text(of: file, limit: TOMLDocument.sizeLimit)
      }
      return nil
    } among: {
      names(in: folders)
    }
  }

  /// The names of the themes in some folders, sorted, each once.
  public static func names(in folders: [URL]) -> [String] {
    let files = folders.flatMap {
      (try? FileManager.default.contentsOfDirectory(atPath: $0.path)) ?? []
    }
    let names = files.filter { $0.hasSuffix(".toml") && !$0.hasPrefix(".") }.map {
      String($0.dropLast(5))
    }
    return Set(names).sorted()
  }

  /// Resolves a theme whose files come from a function.
  ///
  /// - Parameters:
  ///   - name: The theme.
  ///   - roles: The roles there are.
  ///   - source: The text of a theme's file; nil where there is none.
  ///   - known: The themes there are, for the sentence about one that is missing.
  /// - Returns: The theme, its inheritance and colours resolved.
  /// - Throws: As `read`, and what `source` throws.
  public static func resolve(
    _ name: String, roles: Set<String>, source: (String) throws -> String?,
    among known: () -> [String] = { [] }
  ) throws -> ThemeDescription {
    var chain: [String] = []
    var layers: [ThemeLayer] = []
    var next: String? = name
    while let current = next {
      try check(current, after: chain)
      guard let text = try source(current) else {
        throw missing(current, parentOf: chain.last, among: known())
      }
      let layer = ThemeLayer(try TOMLDocument(text, name: "\(current).toml"), roles: roles)
      chain.append(current)
      layers.append(layer)
      next = layer.inherits
    }
    return ThemeResolution(layers: layers.reversed()).description(named: name)
  }

  private static func check(_ name: String, after chain: [String]) throws {
    if chain.contains(name) {
      let circle = (chain + [name]).map(Words.quoted).joined(separator: " → ")
      throw RecordsError("The themes inherit from each other in a circle: \(circle); break it.")
    }
    guard chain.count < longestChain else {
      throw RecordsError("A theme inherits through more than \(longestChain) files; shorten it.")
    }
  }

  private static func missing(
    _ name: String, parentOf child: String?, among known: [String]
  ) -> RecordsError {
    let asked = child.map { ", which \(Words.quoted($0)) inherits from" } ?? ""
    let choice = known.isEmpty ? "" : "; " + Words.choice(known, insteadOf: name)
    return RecordsError("There is no theme \(Words.quoted(name))\(asked)\(choice).")
  }
}
