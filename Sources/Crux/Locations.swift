import Foundation
import LanguageModel
import Records

/// Where things are: runs, samples, models.
enum Locations {
  /// The folder that runs are written to: CRUX_RUNS, else `runs` in the working directory, else,
  /// where that cannot be written, `crux/runs` in the user's state folder.
  static var runs: URL {
    let environment = ProcessInfo.processInfo.environment
    if let folder = environment["CRUX_RUNS"], !folder.isEmpty {
      return URL(fileURLWithPath: folder, isDirectory: true)
    }
    let here = FileManager.default.currentDirectoryPath
    if FileManager.default.isWritableFile(atPath: here) {
      return URL(fileURLWithPath: here, isDirectory: true).appendingPathComponent("runs")
    }
    let home = environment["HOME"] ?? "/tmp"
    let state = environment["XDG_STATE_HOME"] ?? home + "/.local/state"
    return URL(fileURLWithPath: state, isDirectory: true).appendingPathComponent("crux/runs")
  }

  /// Something that ships with Crux, such as `samples/run`.
  static func shipped(_ name: String) throws -> URL {
    guard let found = Resources.current.find(name) else {
      throw Complaint(
        "\(name) was not found beside the program or above the working directory; "
          + "set CRUX_HOME to the folder that holds it.")
    }
    return found
  }

  /// The model a recipe names: a path from the recipe's folder, the working directory or `samples`.
  static func model(_ name: String, besides folder: URL?) throws -> URL {
    let here = URL(fileURLWithPath: FileManager.default.currentDirectoryPath, isDirectory: true)
    var places = [folder, here].compactMap { $0 }.map { URL(fileURLWithPath: name, relativeTo: $0) }
    places += [Resources.current.find("samples/\(name)"), Resources.current.find(name)]
      .compactMap { $0 }
    let found = places.first { ModelSource.isModel($0) }
    guard let found else {
      throw Complaint(
        "The model \(name) was not found: neither a GGUF file nor config.json in "
          + places.map(\.path).joined(separator: ", ") + ".")
    }
    return found.absoluteURL.standardizedFileURL
  }
}
