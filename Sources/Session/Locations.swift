package import Foundation
import ModelFiles
import Records

/// Where things are: runs, samples, models.
package enum Locations {
  /// The folder that runs are written to: CRUX_RUNS, else `runs` in the working directory, else,
  /// where that cannot be written, `crux/runs` in the user's state folder.
  package static var runs: URL {
    let environment = ProcessInfo.processInfo.environment
    if let folder = environment["CRUX_RUNS"], !folder.isEmpty {
      return URL(fileURLWithPath: folder, isDirectory: true)
    }
    let here = FileManager.default.currentDirectoryPath
    if FileManager.default.isWritableFile(atPath: here) {
      return URL(fileURLWithPath: here, isDirectory: true).appendingPathComponent("runs")
    }
    return state.appendingPathComponent("runs")
  }

  /// The folder for what Crux remembers of a user: `crux` in XDG_STATE_HOME or in `~/.local/state`.
  static var state: URL {
    let environment = ProcessInfo.processInfo.environment
    let home = environment["HOME"] ?? "/tmp"
    // A path that is not whole counts as none.
    let wanted = environment["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    return URL(fileURLWithPath: wanted ?? home + "/.local/state", isDirectory: true)
      .appendingPathComponent("crux")
  }

  /// Something that ships with Crux, such as `samples/run`.
  package static func shipped(_ name: String) throws -> URL {
    guard let found = Resources.current.find(name) else {
      throw Complaint(
        "\(name) was not found beside the program or above the working directory; "
          + "set CRUX_HOME to the folder that holds it.")
    }
    return found
  }

  /// The model a recipe names: a folder or a GGUF file, from the recipe's folder, the working
  /// directory or `samples`; else `organisation/name` in Hugging Face's cache, with `@revision` or
  /// `:file.gguf` after it where one is wanted.
  package static func model(_ name: String, besides folder: URL?) throws -> URL {
    let here = URL(fileURLWithPath: FileManager.default.currentDirectoryPath, isDirectory: true)
    let path = (name as NSString).expandingTildeInPath
    var places = [folder, here].compactMap { $0 }.map { URL(fileURLWithPath: path, relativeTo: $0) }
    places += [Resources.current.find("samples/\(name)"), Resources.current.find(name)]
      .compactMap { $0 }
    if let found = places.first(where: ModelSource.isModel) {
      return found.absoluteURL.standardizedFileURL
    }
    let looked =
      "no GGUF file and no folder with config.json is "
      + places.map(\.path).joined(separator: " or ")
    guard let model = ModelName(name) else {
      throw Complaint("The model \(name) was not found: \(looked).")
    }
    do {
      return try ModelCache(environment: ProcessInfo.processInfo.environment).place(of: model)
    } catch let error as ModelFileError {
      throw Complaint("The model \(name) was not found: \(looked); \(error.problem)")
    }
  }
}
