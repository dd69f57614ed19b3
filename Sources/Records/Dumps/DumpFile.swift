public import Foundation

/// Rows of a file that is not read line by line, each found by its number.
protocol DumpTable: AnyObject {
  var count: Int { get }
  /// The format, where it is told by more than a row.
  var format: DumpFormat? { get }
  /// The policy, where it is named beside the rows.
  var model: String? { get }
  /// The row with a number, from 0.
  func row(_ index: Int) throws(DumpFault) -> DumpValue
}

extension DumpTable {
  var format: DumpFormat? { nil }
  var model: String? { nil }
}

/// One file of a dump, or a folder that is one answer.
public struct DumpFile: Sendable {
  /// Where it is.
  public let url: URL
  /// What it is called in sentences.
  public let name: String
  /// Its format.
  public let format: DumpFormat
  /// The training step, or the version of the weights, that its name tells.
  public let trainingStep: Int?
  /// How many bytes it has on disk.
  public let size: Int
  let layout: DumpLayout
  var context = DumpContext()
}

/// How the rows of a file lie in it.
enum DumpLayout: Sendable {
  /// One a line.
  case lines(Compression?)
  /// In a JSON document: the elements of its list, the samples of an inspect log, or itself.
  case document(Compression?)
  /// A folder of Thought Anchors' rollouts: one row.
  case anchors
  /// In a zip archive: the samples of an inspect log, or what torch saved.
  case zip(Compression?)
  /// In a parquet file.
  case parquet(Compression?)
}

extension DumpFile {
  /// Looks at a file or folder and finds out what it is.
  ///
  /// - Throws: What it is not, and what it came nearest to.
  init(_ url: URL, name: String) throws(DumpFault) {
    self.url = url
    self.name = name
    if url.hasDirectoryPath {
      (layout, format, trainingStep) = (.anchors, .thoughtAnchors, nil)
      size = AnchorTable.size(of: url)
      return
    }
    let bytes = try DumpBytes(url)
    guard bytes.count > 0 else { throw DumpFault("it is empty") }
    size = bytes.count
    let named: String?
    (layout, format, named) = try Self.recognise(bytes)
    trainingStep = DumpFile.step(in: url, format)
    context.model = named ?? modelBeside
    if format == .openAIBatch { context.requests = .beside(url) }
  }

  /// The policy, where a file beside the rows, or the folder of them, names it.
  private var modelBeside: String? {
    switch format {
    case .lmEval: return url.deletingLastPathComponent().lastPathComponent
    case .verifiers:
      let beside = url.deletingLastPathComponent().appendingPathComponent("metadata.json")
      guard let bytes = try? DumpBytes(beside), bytes.count < 1 << 20,
        let text = try? bytes.read(at: 0, upTo: bytes.count)
      else { return nil }
      return (try? DumpValue(parsing: text))?["model"]?.text
    default: return nil
    }
  }

  /// How the rows lie, what they are, and the policy where the file itself names it.
  private typealias Recognised = (layout: DumpLayout, format: DumpFormat, model: String?)

  private static func recognise(
    _ bytes: DumpBytes
  ) throws(DumpFault) -> Recognised {
    let compression = Compression(magic: try bytes.read(at: 0, upTo: 4))
    let head = try head(of: bytes, compression)
    if head.starts(with: "PAR1".utf8) {
      return try recognise(.parquet(compression), bytes)
    }
    if head.starts(with: "PK".utf8) { return try recognise(.zip(compression), bytes) }
    guard let first = try DumpFault.passing({ try DumpLines(bytes, compression).next() }) else {
      throw DumpFault("it holds nothing but white space")
    }
    if let row = try? DumpValue(parsing: first.bytes), row.isObject, !DumpDocument.isLog(row) {
      return (.lines(compression), try DumpFormat.of(row), nil)
    }
    return try recognise(.document(compression), bytes)
  }

  private static func head(
    of bytes: DumpBytes, _ compression: Compression?
  ) throws(DumpFault) -> [UInt8] {
    guard let compression else { return try bytes.read(at: 0, upTo: 8) }
    return try DumpFault.passing {
      let start = try bytes.read(at: 0, upTo: 1 << 16)
      var rest: [UInt8]? = start
      let stream = try Compressed(compression, limit: 1 << 20) { _ in
        defer { rest = nil }
        return rest ?? []
      }
      return try stream.read(8)
    }
  }

  private static func recognise(
    _ layout: DumpLayout, _ bytes: DumpBytes
  ) throws(DumpFault) -> Recognised {
    let table = try layout.table(bytes)
    if let format = table.format { return (layout, format, table.model) }
    guard table.count > 0 else { throw DumpFault("it holds no rows") }
    return (layout, try DumpFormat.of(try table.row(0)), table.model)
  }

  /// The training step that the path of a file tells.
  static func step(in url: URL, _ format: DumpFormat) -> Int? {
    let stem = url.lastPathComponent.prefix { $0 != "." }
    let digits = stem.reversed().prefix { $0.isASCII && $0.isNumber }.reversed()
    switch format {
    case .verl, .verlLegacy, .trl, .nemoRL, .slime: return Int(String(digits))
    case .areal: return Int(url.deletingLastPathComponent().lastPathComponent)
    case .primeRL, .verifiers:
      let steps = url.pathComponents.filter { $0.hasPrefix("step_") }
      return steps.last.flatMap { Int($0.dropFirst("step_".count)) }
    default: return nil
    }
  }
}

extension DumpLayout {
  /// The rows of a file that is not read line by line.
  func table(_ url: URL) throws(DumpFault) -> any DumpTable {
    if case .anchors = self { return AnchorTable(url) }
    return try table(DumpBytes(url))
  }

  func table(_ bytes: DumpBytes) throws(DumpFault) -> any DumpTable {
    switch self {
    case .anchors, .lines: throw DumpFault("it has no table of rows")
    case .document(let compression): try DumpDocument(try Self.whole(bytes, compression))
    case .zip(let compression): try ZipArchive(try Self.whole(bytes, compression)).table()
    case .parquet(let compression): try ParquetFile(try Self.whole(bytes, compression))
    }
  }

  /// The bytes themselves, decompressed where need be.
  private static func whole(
    _ bytes: DumpBytes, _ compression: Compression?
  ) throws(DumpFault) -> DumpBytes {
    guard let compression else { return bytes }
    let held = try bytes.read(at: 0, count: bytes.count)
    return DumpBytes(try Compressed.bytes(compression, held))
  }
}

extension DumpFault {
  /// Turns whatever error into a fault.
  static func passing<Value>(_ work: () throws -> Value) throws(DumpFault) -> Value {
    do { return try work() } catch let fault as DumpFault { throw fault } catch {
      throw DumpFault("\(error)")
    }
  }
}
