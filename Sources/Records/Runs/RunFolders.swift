public import Foundation

/// The folder `runs` and the runs within it.
public enum RunFolders {
  /// Lists the runs in a folder.
  ///
  /// - Parameter folder: Such as `runs`.
  /// - Returns: The folders that hold a run, the one written last first.
  public static func list(in folder: URL) -> [URL] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    // What begins with a dot is a run that is being made, or was when it was killed.
    let runs = names.filter { !$0.hasPrefix(".") }.compactMap {
      name -> (url: URL, written: Date)? in
      let url = folder.appendingPathComponent(name, isDirectory: true)
      return written(url).map { (url, $0) }
    }
    return runs.sorted { ($1.written, $0.url.path) < ($0.written, $1.url.path) }.map(\.url)
  }

  /// Finds a name that no run has yet: `name`, then `name-2`, `name-3` and so on.
  ///
  /// - Parameters:
  ///   - folder: Such as `runs`; it need not be there yet.
  ///   - name: What the run should be called.
  /// - Returns: The folder, which is not made yet.
  public static func fresh(in folder: URL, named name: String) -> URL {
    var url = folder.appendingPathComponent(name, isDirectory: true)
    var number = 1
    while FileManager.default.fileExists(atPath: url.path) {
      number += 1
      url = folder.appendingPathComponent("\(name)-\(number)", isDirectory: true)
    }
    return url
  }

  // The log is younger than the database while the run is open.
  private static func written(_ run: URL) -> Date? {
    let files = [RunStore.fileName, RunStore.fileName + "-wal"]
    return files.compactMap { name in
      let path = run.appendingPathComponent(name).path
      let attributes = try? FileManager.default.attributesOfItem(atPath: path)
      return attributes?[.modificationDate] as? Date
    }.max()
  }
}
