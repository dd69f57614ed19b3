/// A JSON document that is no JSON lines: a list of rows, a log of inspect, or one row.
final class DumpDocument: DumpTable {
  /// Most bytes of a document, which is held whole.
  static let sizeLimit = 256 << 20

  let format: DumpFormat?
  let model: String?
  private let rows: [DumpValue]

  var count: Int { rows.count }

  init(_ bytes: DumpBytes) throws(DumpFault) {
    guard bytes.count <= Self.sizeLimit else {
      throw DumpFault(
        "it is a JSON document of more than \(Self.sizeLimit >> 20) MB; write it as JSON lines, "
          + "or a log of inspect as .eval")
    }
    let whole = try DumpValue(parsing: try bytes.read(at: 0, count: bytes.count))
    if Self.isLog(whole) {
      (format, rows) = (.inspect, whole["samples"]?.list ?? [])
      model = whole["eval"]?["model"]?.text
    } else {
      (format, model) = (nil, nil)
      rows = whole.list ?? [whole]
    }
  }

  /// Whether an object is a log of inspect.
  static func isLog(_ value: DumpValue) -> Bool {
    value["eval"]?.isObject == true && value.has("status") && value.has("version")
  }

  func row(_ index: Int) throws(DumpFault) -> DumpValue {
    guard rows.indices.contains(index) else { throw DumpFault("it has changed since") }
    return rows[index]
  }
}
