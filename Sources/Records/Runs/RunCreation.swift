import Foundation
import GRDB

extension RunStore {
  /// Makes the files of a run of which nothing is known yet.
  ///
  /// A new folder is made aside and put in place whole, so that whoever looks, or is killed meanwhile,
  /// finds either no run or one that can be used; so is the database in a folder that is there.
  static func create(in folder: URL, recipe: String) throws {
    if !FileManager.default.fileExists(atPath: folder.path), try createWhole(folder, recipe) {
      return
    }
    let target = folder.appendingPathComponent(fileName)
    let aside = folder.appendingPathComponent(".writing-\(getpid())-\(fileName)")
    try? FileManager.default.removeItem(at: aside)
    defer { try? FileManager.default.removeItem(at: aside) }
    try makeDatabase(at: aside)
    try removeEmpty(target)
    if FileManager.default.fileExists(atPath: target.path) { try removeUnbegun(folder) }
    guard !FileManager.default.fileExists(atPath: target.path) else { throw holdsOne(folder) }
    try DurableFiles.write(
      Data(recipe.utf8), to: folder.appendingPathComponent(recipeName))
    // Unlike a rename, a link never takes the place of another run.
    guard link(aside.path, target.path) == 0 else {
      throw errno == EEXIST
        ? holdsOne(folder) : RecordsError.system("\(target.path) could not be put in place")
    }
    try DurableFiles.sync(folder)
  }

  /// Makes a folder with all that a run begins with; false where another process was faster.
  private static func createWhole(_ folder: URL, _ recipe: String) throws -> Bool {
    let parent = folder.deletingLastPathComponent()
    let aside = parent.appendingPathComponent(".\(folder.lastPathComponent)-\(getpid())")
    try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
    try removeLeftovers(of: folder)
    defer { try? FileManager.default.removeItem(at: aside) }
    try FileManager.default.createDirectory(at: aside, withIntermediateDirectories: false)
    try makeDatabase(at: aside.appendingPathComponent(fileName))
    try DurableFiles.write(Data(recipe.utf8), to: aside.appendingPathComponent(recipeName))
    try DurableFiles.syncTree(aside)
    // A folder that is not empty is never replaced.
    guard rename(aside.path, folder.path) == 0 else {
      guard errno == EEXIST || errno == ENOTEMPTY else {
        throw RecordsError.system("\(folder.path) could not be put in place")
      }
      return false
    }
    try DurableFiles.sync(parent)
    return true
  }

  /// Removes what processes left aside that were killed while they made this run.
  private static func removeLeftovers(of folder: URL) throws {
    let parent = folder.deletingLastPathComponent()
    let start = ".\(folder.lastPathComponent)-"
    for name in try FileManager.default.contentsOfDirectory(atPath: parent.path)
    where name.hasPrefix(start) {
      guard let maker = pid_t(name.dropFirst(start.count)), maker > 0 else { continue }
      if maker == getpid() || (kill(maker, 0) != 0 && errno == ESRCH) {
        try? FileManager.default.removeItem(at: parent.appendingPathComponent(name))
      }
    }
  }

  static func makeDatabase(at url: URL) throws {
    let queue = try DatabaseQueue(path: url.path)
    // To change this later would need the file alone.
    try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = WAL") }
    try queue.write { try Schema.create(in: $0) }
    try queue.close()
    try DurableFiles.sync(url)
  }

  /// Removes what an older Crux left that was killed while it began.
  private static func removeEmpty(_ file: URL) throws {
    let size = try? FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int
    if size == 0 { try FileManager.default.removeItem(at: file) }
  }

  /// Removes the database of a run that was killed before its first checkpoint; leaves any other.
  private static func removeUnbegun(_ folder: URL) throws {
    guard CheckpointFolder.list(in: folder).isEmpty,
      let store = try? RunStore(opening: folder, readOnly: true), (try? store.neverBegan) == true
    else { return }
    try store.close()
    // Whoever is about to write the first checkpoint holds it.
    guard let lock = try? TrainingLock(run: folder) else { return }
    for suffix in ["-wal", "-shm", "-journal", ""] {
      try? FileManager.default.removeItem(at: folder.appendingPathComponent(fileName + suffix))
    }
    withExtendedLifetime(lock) {}
  }

  private static func holdsOne(_ folder: URL) -> RecordsError {
    RecordsError("\(folder.path) holds a run already; resume it or take another name.")
  }
}
