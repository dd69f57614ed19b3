public import Foundation
public import Trajectories

/// A study as a TOML file.
///
/// At the top stand `recipe` (the file everything starts from), `seeds`, `baseline`, and whatever
/// keys of a recipe hold for all; `[budget]` says what a training may use; `[tasks.NAME]` and
/// `[methods.NAME]` lay keys of a recipe over that. A method may name a `recipe` of its own, the
/// method it is `against`, the method whose tokens it may use (`tokens_of`), or be `untrained`.
public enum StudyFile {
  /// Whether a file is a study and not a recipe: it has methods.
  public static func isStudy(_ url: URL) throws -> Bool {
    try document(url).node(at: ["methods"]) != nil
  }

  /// Reads a study and the recipes it names, which are looked up from its folder.
  ///
  /// - Throws: A sentence for each fault, with its file and line.
  public static func read(_ url: URL) throws -> Study {
    try study(from: try document(url), in: url.deletingLastPathComponent())
  }

  /// Reads a study from a text.
  ///
  /// - Parameters:
  ///   - text: The file.
  ///   - name: What the file is called in sentences.
  ///   - folder: Where the recipes it names are.
  /// - Returns: The study.
  /// - Throws: As `read`.
  public static func study(from text: String, name: String, in folder: URL) throws -> Study {
    try study(from: try TOMLDocument(text, name: name), in: folder)
  }

  private static func study(from document: TOMLDocument, in folder: URL) throws -> Study {
    var reading = StudyReading(document: document, folder: folder)
    guard let study = reading.study() else { throw RecordsError(reading.faults) }
    return study
  }

  private static func document(_ url: URL) throws -> TOMLDocument {
    let text = try DurableFiles.text(of: url, limit: TOMLDocument.sizeLimit)
    return try TOMLDocument(text, name: url.lastPathComponent)
  }
}
