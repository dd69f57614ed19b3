package import Foundation
import Records

/// Names for new runs.
package enum RunNames {
  /// The folder of a new run: the name that was asked for, else the file's name and a number.
  package static func folder(
    _ name: String?, for file: String, in runs: URL = Locations.runs
  ) throws -> URL {
    if let name {
      guard !name.contains("/"), !name.hasPrefix("."), !name.isEmpty else {
        throw Complaint("“\(name)” is no name for a run; take letters, digits and hyphens.")
      }
      return runs.appendingPathComponent(name)
    }
    let stem = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
    return RunFolders.fresh(in: runs, named: stem)
  }
}
