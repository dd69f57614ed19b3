public import Foundation

/// What is wrong with a file of a model, as a sentence.
public struct ModelFileError: Error, Equatable, CustomStringConvertible, LocalizedError {
  /// Name or path of the file.
  public let file: String
  /// What is wrong and what to do.
  public let problem: String

  /// An error about that file.
  public init(file: String, problem: String) {
    self.file = file
    self.problem = problem
  }

  /// The file, then the sentence.
  public var description: String { "\(file): \(problem)" }
  /// The same as `description`.
  public var errorDescription: String? { description }
}

/// A name from a file as it may stand in a message: short, and without control characters.
func quoted(_ name: String) -> String {
  var text = ""
  for scalar in name.unicodeScalars.prefix(80) {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse:
      text += "\\u{\(String(scalar.value, radix: 16))}"
    default: text.unicodeScalars.append(scalar)
    }
  }
  return "‘\(text)\(name.unicodeScalars.count > 80 ? "…" : "")’"
}
