import Foundation
public import Trajectories

/// Reads what trainers, evaluations and studies of steps leave: a file, a folder of steps, a glob.
///
/// The format is found by content. Trajectories come one after another and are not kept; each tells
/// its place, by which it is read again. Nothing that a file holds is ever run.
public struct DumpReader: Sendable {
  /// The files that are read, in the order of their training steps.
  public let files: [DumpFile]
  /// Files of a folder that are no dump, each with a sentence that says why.
  public let passedOver: [(file: String, why: String)]
  private let last = LastTable()

  /// Finds out what is at a path; little of it is read.
  ///
  /// - Parameter path: A file, a folder, or a pattern such as `rollouts/*.jsonl`.
  /// - Throws: One sentence where there is no dump: what is wrong, where, and which known format it
  ///   came nearest to.
  public init(opening path: String) throws {
    let found = try DumpFinder.find(path)
    files = found.files
    passedOver = found.passedOver
  }

  /// The formats of its files, in their order, each once.
  public var formats: [DumpFormat] {
    files.reduce(into: []) { if !$0.contains($1.format) { $0.append($1.format) } }
  }

  /// How many bytes all its files have on disk.
  public var size: Int { files.reduce(0) { $0 + $1.size } }

  /// All trajectories, from the first on.
  public func cursor() -> DumpCursor { DumpCursor(files) }

  /// Reads the trajectory at a place again.
  ///
  /// - Throws: A sentence where the file has changed since, or cannot be read.
  public func trajectory(at place: DumpPlace) throws -> DumpedTrajectory {
    guard files.indices.contains(place.file) else {
      throw RecordsError("The dump has no file \(place.file + 1).")
    }
    let file = files[place.file]
    do {
      let row = try last.row(of: file, at: place)
      let all = try file.trajectories(of: row, at: place)
      guard all.indices.contains(place.part) else { throw DumpFault("it has changed since") }
      return all[place.part]
    } catch let fault as DumpFault { throw file.error(fault, row: place.row) }
  }
}

/// Goes through the trajectories of a dump once, in order.
public final class DumpCursor {
  private let files: [DumpFile]
  private var current = 0
  private var rows: DumpRows?
  private var waiting: ArraySlice<DumpedTrajectory> = []
  private var sizeBefore = 0

  init(_ files: [DumpFile]) { self.files = files }

  /// How many bytes on disk lie behind it; of a compressed file only once it is through.
  public var bytesRead: Int { sizeBefore + (rows?.bytesRead ?? 0) }

  /// The next trajectory; nil after the last.
  ///
  /// - Throws: A sentence that names the file and the row that does not fit; the next call goes on
  ///   with what follows.
  public func next() throws -> DumpedTrajectory? {
    while waiting.isEmpty {
      guard current < files.count else { return nil }
      try advance(files[current])
    }
    return waiting.popFirst()
  }

  private func advance(_ file: DumpFile) throws {
    var place = DumpPlace()
    do {
      let rows = try rows ?? file.rows()
      self.rows = rows
      guard let row = try rows.next(&place) else { return leave(file) }
      place.file = current
      waiting = try file.trajectories(of: row(), at: place)[...]
    } catch let fault as DumpFault {
      if rows?.isAtEnd ?? true { leave(file) }
      throw file.error(fault, row: place.row)
    }
  }

  private func leave(_ file: DumpFile) {
    sizeBefore += file.size
    current += 1
    rows = nil
  }
}

/// The table that a row was read from last, kept for the next one.
private final class LastTable: @unchecked Sendable {
  private let lock = NSLock()
  /// Guarded by `lock`.
  private var kept: (file: Int, table: any DumpTable)?

  func row(of file: DumpFile, at place: DumpPlace) throws(DumpFault) -> DumpValue {
    if case .lines = file.layout { return try file.row(at: place) }
    lock.lock()
    defer { lock.unlock() }
    if kept?.file != place.file { kept = (place.file, try file.table()) }
    guard let table = kept?.table, place.row > 0, place.row <= table.count else {
      throw DumpFault("it has changed since")
    }
    return try table.row(place.row - 1)
  }
}

/// The rows of a file, in order.
final class DumpRows {
  private enum Source {
    case lines(DumpLines, isPlain: Bool)
    case table(any DumpTable)
  }

  private let source: Source
  private var index = 0
  private(set) var isAtEnd = false

  init(_ lines: DumpLines, isPlain: Bool) { source = .lines(lines, isPlain: isPlain) }
  init(_ table: any DumpTable) { source = .table(table) }

  var bytesRead: Int {
    guard case .lines(let lines, isPlain: true) = source else { return 0 }
    return lines.offset
  }

  /// The next row, to be parsed by the caller, and where it stands; nil at the end.
  func next(_ place: inout DumpPlace) throws(DumpFault) -> (() throws(DumpFault) -> DumpValue)? {
    switch source {
    case .lines(let lines, _):
      isAtEnd = true
      place.row = lines.number + 1
      guard let line = try DumpFault.passing({ try lines.next() }) else { return nil }
      isAtEnd = false
      (place.row, place.offset, place.length) = (line.number, line.offset, line.bytes.count)
      return { () throws(DumpFault) in try line.value() }
    case .table(let table):
      guard index < table.count else { return nil }
      defer { index += 1 }
      place.row = index + 1
      let index = index
      return { () throws(DumpFault) in try table.row(index) }
    }
  }
}

extension DumpLines.Line {
  /// It as JSON.
  func value() throws(DumpFault) -> DumpValue {
    do { return try DumpValue(parsing: bytes) } catch {
      throw DumpFault(
        isLast ? "it ends in the middle of a row; it may still be written" : error.reason)
    }
  }
}

extension DumpFile {
  /// Its rows, from the first on.
  func rows() throws(DumpFault) -> DumpRows {
    switch layout {
    case .lines(let compression):
      DumpRows(try DumpLines(DumpBytes(url), compression), isPlain: compression == nil)
    default: DumpRows(try table())
    }
  }

  /// The row at a place of a file of lines.
  func row(at place: DumpPlace) throws(DumpFault) -> DumpValue {
    switch layout {
    case .lines(nil):
      return try DumpValue(
        parsing: try DumpBytes(url).read(at: place.offset, count: place.length))
    case .lines(let compression):
      let lines = try DumpLines(DumpBytes(url), compression)
      let line = try DumpFault.passing {
        try lines.skip(to: place.offset)
        return try lines.next()
      }
      guard let line else { throw DumpFault("it has changed since") }
      return try line.value()
    default:
      throw DumpFault("its rows are no lines")
    }
  }

  func table() throws(DumpFault) -> any DumpTable {
    try layout.table(url)
  }

  /// The trajectories of a row, with what its file and its place tell.
  func trajectories(
    of row: DumpValue, at place: DumpPlace
  ) throws(DumpFault) -> [DumpedTrajectory] {
    var found = try format.trajectories(of: row, context)
    for index in found.indices {
      found[index].place = place
      found[index].place.part = index
      found[index].file = name
      found[index].complete(step: trainingStep, model: context.model, format)
    }
    return found
  }

  /// A fault as a sentence.
  func error(_ fault: DumpFault, row: Int) -> RecordsError {
    if case .lines = layout { return RecordsError("\(name):\(row): \(fault.reason).") }
    return RecordsError("\(name), row \(row): \(fault.reason).")
  }
}

extension DumpedTrajectory {
  fileprivate mutating func complete(
    step: Int?, model: String?, _ format: DumpFormat
  ) {
    if id.isEmpty {
      id = "\(file):\(place.row)" + (place.part > 0 ? "/\(place.part)" : "")
    }
    trainingStep = trainingStep ?? step
    self.model = self.model ?? model
    if let name = group, format != .verl, let trainingStep { group = "\(trainingStep)/\(name)" }
    group = group ?? promptGroup
  }

  /// A group of all that have the same prompt at the same training step.
  private var promptGroup: String? {
    guard !prompt.isEmpty || promptTokens?.isEmpty == false else { return nil }
    // FNV-1a, 64 bits.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    let mix = { (byte: UInt8) in hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    prompt.utf8.forEach(mix)
    if prompt.isEmpty {
      for token in promptTokens ?? [] { withUnsafeBytes(of: token) { $0.forEach(mix) } }
    }
    let name = String(hash, radix: 16)
    return trainingStep.map { "\($0)/\(name)" } ?? name
  }
}
