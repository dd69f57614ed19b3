import Foundation

/// Rows of a parquet file, as TRL, pandas and `datasets` write them.
///
/// Read are flags, whole numbers, numbers and texts, any of them missing, in structures and lists;
/// plain, in dictionaries and in runs; uncompressed or with Snappy, gzip or Zstandard. Columns of
/// other kinds are read as missing. One row group is held at a time. Source: `README.md`,
/// `Encodings.md` and `parquet.thrift` of apache/parquet-format.
final class ParquetFile: DumpTable {
  /// Most values of a column of a row group.
  static let valueLimit = 1 << 24

  /// How many rows; fewer once a row group could not be read.
  private(set) var count: Int
  private let bytes: DumpBytes
  private let schema: ParquetNode
  private let groups: [Group]
  private var held: (group: Int, rows: Result<[DumpValue], DumpFault>)?

  private struct Group {
    let firstRow: Int
    let count: Int
    let columns: [[Int: ThriftCompact.Value]]
  }

  /// Reads what the end of a file says of it.
  init(_ bytes: DumpBytes) throws(DumpFault) {
    let end = try bytes.read(at: bytes.count - 8, count: 8)
    let length = end.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    guard end.suffix(4).elementsEqual("PAR1".utf8), length <= bytes.count - 12 else {
      throw DumpFault("it is no whole parquet file; it may still be written")
    }
    var thrift = ThriftCompact(try bytes.read(at: bytes.count - 8 - length, count: length))
    let footer = try thrift.structure()
    self.bytes = bytes
    schema = try ParquetNode.tree(footer[2]?.list ?? [])
    groups = try Self.groups(footer[4]?.list ?? [])
    count = groups.reduce(0) { $0 + $1.count }
  }

  private static func groups(_ list: [ThriftCompact.Value]) throws(DumpFault) -> [Group] {
    var groups: [Group] = []
    var firstRow = 0
    for group in list {
      guard let fields = group.fields, let count = fields[3]?.integer, count >= 0,
        count <= valueLimit, let columns = fields[1]?.list
      else { throw DumpFault("a row group of it has too many rows, or is damaged") }
      let metadata = columns.map { $0.fields?[3]?.fields ?? [:] }
      groups.append(Group(firstRow: firstRow, count: count, columns: metadata))
      firstRow += count
    }
    return groups
  }

  func row(_ index: Int) throws(DumpFault) -> DumpValue {
    guard let place = groups.lastIndex(where: { $0.firstRow <= index && $0.count > 0 }) else {
      throw DumpFault("it has changed since")
    }
    if held?.group != place {
      let rows: Result<[DumpValue], DumpFault>
      do { rows = .success(try read(groups[place])) } catch {
        rows = .failure(error)
        count = groups[place].firstRow
      }
      held = (place, rows)
    }
    guard let rows = try held?.rows.get(), rows.indices.contains(index - groups[place].firstRow)
    else { throw DumpFault("it has changed since") }
    return rows[index - groups[place].firstRow]
  }

  private func read(_ group: Group) throws(DumpFault) -> [DumpValue] {
    let leaves = schema.leaves
    guard leaves.count == group.columns.count else {
      throw DumpFault("its parquet metadata is damaged")
    }
    var columns: [ParquetColumn] = []
    for (leaf, metadata) in zip(leaves, group.columns) {
      var chunk = try ParquetChunk(bytes, leaf, metadata)
      columns.append(try chunk.read())
    }
    var rows: [DumpValue] = []
    for _ in 0..<group.count { rows.append(try schema.row(&columns)) }
    return rows
  }
}

/// A field of a parquet schema.
struct ParquetNode {
  let name: String
  /// 1 flag, 2 … as in `Type` of parquet.thrift; nil for a structure.
  let type: Int?
  let isOptional: Bool
  let isRepeated: Bool
  let isList: Bool
  /// Levels at which a value of it is there, and at which it is repeated.
  let definition: Int
  let repetition: Int
  /// Its leaves among all leaves.
  private(set) var columns: Range<Int>
  private(set) var children: [ParquetNode] = []

  private static let damaged = DumpFault("its parquet schema is damaged")

  /// The tree of a list of elements in depth-first order.
  static func tree(_ elements: [ThriftCompact.Value]) throws(DumpFault) -> ParquetNode {
    var rest = elements[...]
    var leaves = 0
    let root = try node(&rest, definition: 0, repetition: 0, &leaves, depth: 0)
    guard rest.isEmpty, root.type == nil else { throw damaged }
    return root
  }

  private static func node(
    _ rest: inout ArraySlice<ThriftCompact.Value>, definition: Int, repetition: Int,
    _ leaves: inout Int, depth: Int
  ) throws(DumpFault) -> ParquetNode {
    guard depth < 32, let fields = rest.popFirst()?.fields else { throw damaged }
    let kind = depth == 0 ? 0 : fields[3]?.integer ?? 0
    let definition = definition + (kind > 0 ? 1 : 0)
    let repetition = repetition + (kind == 2 ? 1 : 0)
    let count = fields[5]?.integer ?? 0
    var node = ParquetNode(
      name: fields[4]?.text ?? "", type: count > 0 || depth == 0 ? nil : fields[1]?.integer,
      isOptional: kind == 1, isRepeated: kind == 2,
      isList: fields[6]?.integer == 3 || fields[10]?.fields?[3] != nil, definition: definition,
      repetition: repetition, columns: leaves..<leaves)
    guard count <= rest.count, count > 0 || depth == 0 || node.type != nil else { throw damaged }
    if node.type != nil { leaves += 1 }
    for _ in 0..<max(count, 0) {
      node.children.append(
        try Self.node(
          &rest, definition: definition, repetition: repetition, &leaves, depth: depth + 1))
    }
    node.columns = node.columns.lowerBound..<leaves
    return node
  }

  /// The fields that have values of their own, in order.
  var leaves: [ParquetNode] { type != nil ? [self] : children.flatMap(\.leaves) }

  /// The next row, put together from the columns (Dremel's record assembly).
  func row(_ columns: inout [ParquetColumn]) throws(DumpFault) -> DumpValue {
    try structure(&columns)
  }

  private func value(_ columns: inout [ParquetColumn]) throws(DumpFault) -> DumpValue {
    guard !self.columns.isEmpty else { return .null }
    guard try columns[self.columns.lowerBound].definition() >= definition else {
      for column in self.columns { _ = try columns[column].take() }
      return isRepeated ? .list([]) : .null
    }
    guard isRepeated else { return try content(&columns) }
    var values: [DumpValue] = []
    repeat {
      values.append(try content(&columns))
    } while columns[self.columns.lowerBound]
      .repetition() == repetition
    return .list(values)
  }

  private func content(_ columns: inout [ParquetColumn]) throws(DumpFault) -> DumpValue {
    guard type == nil else { return try columns[self.columns.lowerBound].take() }
    guard isList, children.count == 1, children[0].isRepeated else {
      return try structure(&columns)
    }
    let list = try children[0].value(&columns)
    // The middle of the three levels of a list is a structure with one field.
    guard children[0].children.count == 1, case .list(let values) = list else { return list }
    return .list(
      values.map { value in
        guard case .object(let members) = value, members.count == 1 else { return value }
        return members[0].value
      })
  }

  private func structure(_ columns: inout [ParquetColumn]) throws(DumpFault) -> DumpValue {
    var members: [(name: String, value: DumpValue)] = []
    for child in children { members.append((child.name, try child.value(&columns))) }
    return .object(members)
  }
}

/// The values of a column of a row group, with their levels, taken one after another.
struct ParquetColumn {
  let leaf: ParquetNode
  var repetitions: [UInt8] = []
  var definitions: [UInt8] = []
  var values: [DumpValue] = []
  private var next = 0
  private var nextValue = 0

  init(_ leaf: ParquetNode) { self.leaf = leaf }

  /// At which level the next value is there.
  func definition() throws(DumpFault) -> Int {
    guard next < definitions.count else { throw DumpFault("a column of it is too short") }
    return Int(definitions[next])
  }

  /// At which level the next value repeats; nil at the end.
  func repetition() -> Int? { next < repetitions.count ? Int(repetitions[next]) : nil }

  /// The next value.
  mutating func take() throws(DumpFault) -> DumpValue {
    let isThere = try definition() == leaf.definition
    next += 1
    guard isThere else { return .null }
    guard nextValue < values.count else { throw DumpFault("a column of it is too short") }
    defer { nextValue += 1 }
    return values[nextValue]
  }
}
