/// A zip archive whose members are stored, deflated or compressed with Zstandard.
///
/// Source: PKWARE's `APPNOTE.TXT` 6.3.10. Archives beyond 4 GB (zip64) are read too.
final class ZipArchive: Sendable {
  /// A file in it.
  struct Member: Sendable {
    let name: String
    fileprivate let method: Int
    fileprivate let size: Int
    fileprivate let whole: Int
    fileprivate let header: Int
  }

  /// Most members.
  private static let memberLimit = 1 << 20
  /// Most bytes of a list of members.
  private static let listLimit = 256 << 20

  /// Its files, in the order of its list.
  let members: [Member]
  private let bytes: DumpBytes

  private static let damaged = DumpFault("it is no whole zip archive; it may still be written")

  init(_ bytes: DumpBytes) throws(DumpFault) {
    self.bytes = bytes
    let list = try Self.list(bytes)
    var found: [Member] = []
    var position = 0
    while position + 46 <= list.count, Self.number(list, position, 4) == 0x0201_4B50 {
      let (name, extra, note) = (
        Self.number(list, position + 28, 2), Self.number(list, position + 30, 2),
        Self.number(list, position + 32, 2)
      )
      let end = position + 46 + name + extra + note
      guard end <= list.count, found.count < Self.memberLimit else { throw Self.damaged }
      let start = position + 46
      found.append(
        Self.member(list, position, name: start..<start + name, start + name..<start + name + extra)
      )
      position = end
    }
    members = found
  }

  private static func number(_ bytes: [UInt8], _ place: Int, _ count: Int) -> Int {
    guard place >= 0, place + count <= bytes.count else { return 0 }
    let value = bytes[place..<place + count].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Int(clamping: value)
  }

  /// The list of members, which the end of the archive points to.
  private static func list(_ bytes: DumpBytes) throws(DumpFault) -> [UInt8] {
    let length = min(bytes.count, 22 + 65_535)
    let tail = try bytes.read(at: bytes.count - length, count: length)
    let mark = { (place: Int) in number(tail, place, 4) == 0x0605_4B50 }
    guard tail.count >= 22, let end = (0...tail.count - 22).last(where: mark) else { throw damaged }
    var (size, start) = (number(tail, end + 12, 4), number(tail, end + 16, 4))
    if size == 0xFFFF_FFFF || start == 0xFFFF_FFFF, end >= 20 {
      let place = number(tail, end - 12, 8)
      guard place < bytes.count else { throw damaged }
      let large = try bytes.read(at: place, upTo: 56)
      (size, start) = (number(large, 40, 8), number(large, 48, 8))
    }
    guard size <= listLimit, start <= bytes.count else { throw damaged }
    return try bytes.read(at: start, count: size)
  }

  private static func member(
    _ list: [UInt8], _ place: Int, name: Range<Int>, _ extra: Range<Int>
  ) -> Member {
    var sizes = [24, 20, 42].map { number(list, place + $0, 4) }
    // The fields of zip64 stand in this order, those only that do not fit into 32 bits.
    var position = extra.lowerBound
    while position + 4 <= extra.upperBound {
      let length = number(list, position + 2, 2)
      if number(list, position, 2) == 1 {
        var field = position + 4
        for index in sizes.indices where sizes[index] == 0xFFFF_FFFF {
          sizes[index] = number(list, field, 8)
          field += 8
        }
      }
      position += 4 + length
    }
    return Member(
      name: String(decoding: list[name], as: UTF8.self), method: number(list, place + 10, 2),
      size: sizes[1], whole: sizes[0], header: sizes[2])
  }

  /// What a member holds.
  ///
  /// - Throws: Where it is damaged, compressed in another way, or larger than `limit` bytes.
  func contents(
    of member: Member, limit: Int = Compressed.heldLimit
  ) throws(DumpFault) -> [UInt8] {
    guard member.whole <= limit else {
      throw DumpFault("\(Words.quoted(member.name)) is larger than \(limit >> 20) MB")
    }
    guard member.header < bytes.count else { throw Self.damaged }
    let header = try bytes.read(at: member.header, count: 30)
    let skipped = Self.number(header, 26, 2) + Self.number(header, 28, 2) + 30
    guard Self.number(header, 0, 4) == 0x0403_4B50, member.size <= bytes.count else {
      throw Self.damaged
    }
    let held = try bytes.read(at: member.header + skipped, count: member.size)
    switch member.method {
    case 0: return held
    case 8: return try Compressed.bytes(.deflate, held, limit: limit)
    case 93: return try Compressed.bytes(.zstandard, held, limit: limit)
    default: throw DumpFault("\(Words.quoted(member.name)) has a compression that is not read")
    }
  }

  /// Its rows: the samples of an inspect log, or what torch saved of slime.
  func table() throws(DumpFault) -> any DumpTable {
    if let pickle = members.first(where: { $0.name.hasSuffix("data.pkl") }) {
      return try SavedSamples(try contents(of: pickle, limit: PickleReader.sizeLimit))
    }
    guard members.contains(where: { $0.name == "header.json" || $0.name == "_journal/start.json" })
    else { throw DumpFault("it is a zip archive, but neither a log of inspect nor saved by torch") }
    return InspectArchive(self)
  }
}

/// A log of inspect as `.eval`: a member for each sample.
final class InspectArchive: DumpTable {
  private let archive: ZipArchive
  private let samples: [ZipArchive.Member]

  init(_ archive: ZipArchive) {
    self.archive = archive
    samples = archive.members.filter {
      $0.name.hasPrefix("samples/") && $0.name.hasSuffix(".json")
    }
  }

  var count: Int { samples.count }
  var format: DumpFormat? { .inspect }

  /// The policy that the header, or of an unfinished log the journal, names.
  var model: String? {
    let names = ["header.json", "_journal/start.json"]
    let member = names.lazy.compactMap { name in
      self.archive.members.first { $0.name == name }
    }.first
    guard let member, let text = try? archive.contents(of: member, limit: 64 << 20) else {
      return nil
    }
    return (try? DumpValue(parsing: text))?["eval"]?["model"]?.text
  }

  func row(_ index: Int) throws(DumpFault) -> DumpValue {
    guard samples.indices.contains(index) else { throw DumpFault("it has changed since") }
    let text = try archive.contents(of: samples[index], limit: DumpDocument.sizeLimit)
    return try DumpValue(parsing: text)
  }
}

/// The samples that slime saved with torch.
final class SavedSamples: DumpTable {
  private let samples: [DumpValue]

  init(_ pickle: [UInt8]) throws(DumpFault) {
    var reader = PickleReader(pickle)
    let value = try reader.value()
    guard let samples = value["samples"]?.list ?? value.list else {
      throw DumpFault("it is nearest to slime's rollouts, but holds no “samples”")
    }
    self.samples = samples
  }

  var count: Int { samples.count }

  func row(_ index: Int) throws(DumpFault) -> DumpValue {
    guard samples.indices.contains(index) else { throw DumpFault("it has changed since") }
    return samples[index]
  }
}
