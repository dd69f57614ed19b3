public import Foundation

/// A complete checkpoint: `checkpoints/<update>` within a run's folder.
///
/// It is written aside, synced and renamed, so a folder under its own name is always whole.
public struct CheckpointFolder: Equatable, Sendable {
  /// Updates the policy had seen.
  public let update: Int
  /// The folder.
  public let url: URL

  private static let writing = ".writing-"
  private static let replaced = ".replaced-"

  /// Writes a checkpoint; one of the same update is replaced.
  ///
  /// - Parameters:
  ///   - update: Updates the policy has seen; at least 0.
  ///   - run: The run's folder.
  ///   - fill: Writes the files into the empty folder it is given.
  /// - Returns: What `fill` returned; the checkpoint is on disk then.
  /// - Throws: What `fill` throws, or a sentence; the checkpoints from before are untouched then.
  @discardableResult
  public static func write<Value>(
    update: Int, in run: URL, fill: (URL) throws -> Value
  ) throws -> Value {
    precondition(update >= 0, "a checkpoint's update is \(update); it must be at least 0")
    let parent = folder(of: run)
    let aside = parent.appendingPathComponent("\(writing)\(update)")
    let files = FileManager.default
    do {
      // A run's folder that was moved away meanwhile is not made again under its old name.
      if !files.fileExists(atPath: parent.path) {
        try files.createDirectory(at: parent, withIntermediateDirectories: false)
      }
      try? files.removeItem(at: aside)
      try files.createDirectory(at: aside, withIntermediateDirectories: false)
      let value = try fill(aside)
      try DurableFiles.syncTree(aside)
      try putInPlace(aside, update: update, parent: parent)
      return value
    } catch {
      try? files.removeItem(at: aside)
      throw error
    }
  }

  /// Lists the complete checkpoints of a run.
  ///
  /// - Parameter run: The run's folder.
  /// - Returns: The checkpoints, oldest first.
  public static func list(in run: URL) -> [CheckpointFolder] {
    let parent = folder(of: run)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: parent.path)) ?? []
    return names.compactMap { name in
      guard let update = Int(name), update >= 0, "\(update)" == name else { return nil }
      return CheckpointFolder(update: update, url: parent.appendingPathComponent(name))
    }.sorted { $0.update < $1.update }
  }

  /// Finds the newest complete checkpoint of a run.
  ///
  /// - Parameter run: The run's folder.
  /// - Returns: The checkpoint; nil where there is none.
  public static func newest(in run: URL) -> CheckpointFolder? { list(in: run).last }

  /// Clears away what a killed process left half done; only the process that trains may call it.
  ///
  /// - Parameter run: The run's folder.
  /// - Throws: A sentence where the folder may not be written.
  public static func removeLeftovers(in run: URL) throws {
    let parent = folder(of: run)
    let files = FileManager.default
    for name in (try? files.contentsOfDirectory(atPath: parent.path)) ?? [] {
      let source = parent.appendingPathComponent(name)
      if name.hasPrefix(replaced) {
        // Killed between the two renames: the one from before is put back.
        let target = parent.appendingPathComponent(String(name.dropFirst(replaced.count)))
        if !files.fileExists(atPath: target.path) {
          try DurableFiles.rename(source, to: target)
        } else {
          try files.removeItem(at: source)
        }
      } else if name.hasPrefix(writing) {
        try files.removeItem(at: source)
      }
    }
  }

  /// Deletes older checkpoints; that of update 0 stays, since it tells where the run began.
  ///
  /// - Parameters:
  ///   - count: Newest checkpoints to keep.
  ///   - run: The run's folder.
  /// - Throws: A sentence where the folder may not be written.
  public static func keepNewest(_ count: Int, in run: URL) throws {
    for checkpoint in list(in: run).dropLast(count) where checkpoint.update > 0 {
      try remove(checkpoint, of: run)
    }
  }

  /// Deletes the checkpoints after an update that learning went back to.
  ///
  /// - Parameters:
  ///   - update: The checkpoint that learning goes on from.
  ///   - run: The run's folder.
  /// - Throws: A sentence where the folder may not be written.
  public static func discard(after update: Int, in run: URL) throws {
    for checkpoint in list(in: run).reversed() where checkpoint.update > update {
      try remove(checkpoint, of: run)
    }
  }

  private static func remove(_ checkpoint: CheckpointFolder, of run: URL) throws {
    // Renamed first, so that it is never half there under its own name.
    let aside = folder(of: run).appendingPathComponent("\(writing)\(checkpoint.update)")
    try? FileManager.default.removeItem(at: aside)
    try DurableFiles.rename(checkpoint.url, to: aside)
    try FileManager.default.removeItem(at: aside)
  }

  private static func folder(of run: URL) -> URL { run.appendingPathComponent("checkpoints") }

  private static func putInPlace(_ aside: URL, update: Int, parent: URL) throws {
    let target = parent.appendingPathComponent("\(update)")
    let old = parent.appendingPathComponent("\(replaced)\(update)")
    let files = FileManager.default
    let replaces = files.fileExists(atPath: target.path)
    if replaces {
      try? files.removeItem(at: old)
      try DurableFiles.rename(target, to: old)
    }
    try DurableFiles.rename(aside, to: target)
    try DurableFiles.sync(parent)
    if replaces { try? files.removeItem(at: old) }
  }
}
