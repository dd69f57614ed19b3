public import Foundation
public import Trajectories

/// What makes two trainings the same: the same numbers come of both.
public struct OutcomeKey: Codable, Hashable, Sendable {
  /// The recipe's keys that differ from the defaults, as a recipe file says them; without the
  /// model's place and what is recorded.
  public var recipe: [String]
  /// Fingerprint of the starting policy's weights.
  public var model: String
  /// What the training might use.
  public var budget: TrainingBudget
  /// Whether the starting policy was measured without training.
  public var isUntrained: Bool

  /// The key of a recipe with its seed.
  public init(_ recipe: Recipe, model: String, budget: TrainingBudget, isUntrained: Bool) {
    let kept = RecipeFile.changes(of: recipe).filter {
      !$0.hasPrefix("model = ") && !$0.hasPrefix("record.")
    }
    // Nothing of an untrained policy depends on the seed of a training.
    self.recipe = isUntrained ? kept.filter { !$0.hasPrefix("seed = ") } : kept
    self.model = model
    self.budget = budget
    self.isUntrained = isUntrained
  }
}

/// One finished training as a line of the file says it.
public struct OutcomeLine: Codable, Equatable, Sendable {
  /// What was trained.
  public var key: OutcomeKey
  /// What the study called the method, the task setting and the seed.
  public var name: String
  /// What came of it.
  public var outcome: TrainingOutcome

  /// A line with every field given.
  public init(key: OutcomeKey, name: String, outcome: TrainingOutcome) {
    self.key = key
    self.name = name
    self.outcome = outcome
  }
}

/// The file of a study's finished trainings, a JSON line each.
///
/// A line is added when a training ends, so whatever ends the process loses no finished training;
/// a line that was torn in the middle is cut off.
public final class OutcomeFile {
  /// What is known, by key; of two lines with the same key the later one.
  public private(set) var outcomes: [OutcomeKey: TrainingOutcome] = [:]
  private let file: FileHandle?
  private let url: URL

  /// Where the finished trainings of a study's file are kept: beside it, ending in `.jsonl`.
  public static func place(of study: URL) -> URL {
    study.deletingPathExtension().appendingPathExtension("jsonl")
  }

  /// Whether a process adds to a file at present.
  public static func isAddedTo(_ url: URL) -> Bool {
    let descriptor = open(url.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_SH | LOCK_NB) != 0
  }

  /// Opens a file to read it and, where `isWritten`, to add to it; made if it does not exist.
  ///
  /// - Throws: A sentence where a line is no outcome, or another process is adding to it.
  public init(_ url: URL, isWritten: Bool) throws {
    self.url = url
    if isWritten {
      let descriptor = open(url.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else { throw RecordsError.system("\(url.path) could not be opened") }
      let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
      guard Self.isLocked(descriptor) else {
        throw RecordsError(
          "\(url.path) is being added to by another process; wait for it, or look with --finished.")
      }
      self.file = file
    } else {
      file = nil
    }
    try read()
  }

  private static func isLocked(_ descriptor: Int32) -> Bool {
    // Whoever looks whether a process adds to the file has it locked for an instant.
    for _ in 0..<5 {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
      usleep(10_000)
    }
    return false
  }

  private func read() throws {
    guard FileManager.default.fileExists(atPath: url.path) else { return }
    var data = try DurableFiles.bytes(of: url, limit: JSONLines.sizeLimit)
    if let last = data.lastIndex(of: 0x0A), last < data.endIndex - 1 {
      data = data[...last]
    } else if !data.contains(0x0A) {
      data = Data()
    }
    try file?.truncate(atOffset: UInt64(data.count))
    guard !data.isEmpty else { return }
    let lines = try JSONLines(data, name: url.lastPathComponent)
    let example = "crux compare writes"
    for line in try lines.map(OutcomeLine.self, example: example, { $0 }) {
      outcomes[line.key] = line.outcome
    }
  }

  /// Adds a finished training; on disk when this returns.
  public func append(_ line: OutcomeLine) throws {
    outcomes[line.key] = line.outcome
    guard let file else { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try file.seekToEnd()
    try file.write(contentsOf: try encoder.encode(line) + Data("\n".utf8))
    try file.synchronize()
  }
}
