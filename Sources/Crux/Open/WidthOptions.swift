import ArgumentParser
import Foundation
import Terminal
import Workbench

/// How wide the terminal draws characters, where it shall not be asked.
struct WidthOptions: ParsableArguments {
  @Option(
    help: """
      The newest Unicode version that the terminal can draw, such as 14; newer characters are \
      shown by number. Else CRUX_UNICODE; else the terminal is asked.
      """)
  var unicode: Int?

  @Option(
    help: """
      Cells of characters that are wide only in East Asian fonts: 1 or 2. Else \
      CRUX_AMBIGUOUS; else the terminal is asked.
      """)
  var ambiguous: Int?

  private static let versions = 5...CellWidths.newestVersion

  func validate() throws {
    if let version = try Self.number(unicode, "--unicode", "CRUX_UNICODE"),
      !Self.versions.contains(version)
    {
      throw ValidationError(
        "There is no Unicode \(version) here; --unicode and CRUX_UNICODE take "
          + "\(Self.versions.lowerBound) to \(Self.versions.upperBound).")
    }
    if let cells = try Self.number(ambiguous, "--ambiguous", "CRUX_AMBIGUOUS"),
      !(1...2).contains(cells)
    {
      throw ValidationError("--ambiguous and CRUX_AMBIGUOUS take 1 or 2, not \(cells).")
    }
  }

  /// What is given, as far as it is.
  var known: WidthProbe.Known { Self.known(unicode, ambiguous) }

  /// What the options say, else the variables, as far as they say anything that can be used.
  static func known(_ unicode: Int? = nil, _ ambiguous: Int? = nil) -> WidthProbe.Known {
    WidthProbe.Known(
      version: (try? number(unicode, "--unicode", "CRUX_UNICODE")) ?? nil,
      ambiguous: (try? number(ambiguous, "--ambiguous", "CRUX_AMBIGUOUS")) ?? nil)
  }

  /// The option, else the variable; “auto” and nothing are nil.
  private static func number(_ option: Int?, _ name: String, _ variable: String) throws -> Int? {
    if let option { return option }
    let text = ProcessInfo.processInfo.environment[variable] ?? ""
    if text.isEmpty || text == "auto" { return nil }
    guard let number = Int(text) else {
      throw ValidationError("\(variable) is “\(text)”; it must be a number or auto.")
    }
    return number
  }
}
