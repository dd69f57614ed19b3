/// Reads plain values out of a pickle of protocol 2 to 5 without running anything.
///
/// Python's machine builds objects by calling what the file names; this one calls nothing. Dicts,
/// lists, tuples, sets, texts, bytes and numbers are read; tensors and the few names they need are
/// passed over as nothing. A file that names anything else is refused. Source: `pickletools.py`.
struct PickleReader {
  /// Most bytes of a pickle.
  static let sizeLimit = 256 << 20
  private static let deepest = 256

  /// What tensors, and the containers they come in, are built from.
  private static let harmless: Set<String> = [
    "torch._utils _rebuild_tensor_v2", "torch._utils _rebuild_tensor", "torch FloatStorage",
    "torch DoubleStorage", "torch HalfStorage", "torch BFloat16Storage", "torch LongStorage",
    "torch IntStorage", "torch ShortStorage", "torch CharStorage", "torch ByteStorage",
    "torch BoolStorage", "torch.storage UntypedStorage", "torch.storage _load_from_bytes",
    "collections OrderedDict",
  ]

  /// A list or dict that is still being filled is one thing, wherever it is named.
  private final class Box {
    var items: [Item] = []
    let isDict: Bool
    /// Whether it is being turned into a value, which has to end.
    var isOpen = false

    init(isDict: Bool) { self.isDict = isDict }
  }

  private enum Item {
    case mark
    case plain(DumpValue)
    case box(Box)
  }

  private let bytes: [UInt8]
  private var position = 0
  private var stack: [Item] = []
  private var memo: [Int: Item] = [:]
  /// Every box that was made: they are emptied one by one, since a chain of them would be let go of
  /// by recursion, and a ring never.
  private var boxes: [Box] = []
  /// Values that were made so far; a few bytes may name a large list again and again.
  private var made = 0

  private static let damaged = DumpFault("its pickle is damaged")

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// What it holds.
  mutating func value() throws(DumpFault) -> DumpValue {
    defer {
      for box in boxes { box.items = [] }
    }
    while true {
      let code = try byte()
      if code == UInt8(ascii: ".") { break }
      try step(code)
    }
    guard let last = stack.last else { throw Self.damaged }
    return try finished(last, depth: 0)
  }

  private mutating func finished(_ item: Item, depth: Int) throws(DumpFault) -> DumpValue {
    made += 1
    guard depth < Self.deepest, made <= 4 * bytes.count + 64 else {
      throw DumpFault("its pickle holds itself, or too much")
    }
    switch item {
    case .mark: throw Self.damaged
    case .plain(let value): return value
    case .box(let box):
      guard !box.isOpen else { throw DumpFault("its pickle holds itself, or too much") }
      box.isOpen = true
      defer { box.isOpen = false }
      guard box.isDict else {
        var values: [DumpValue] = []
        values.reserveCapacity(box.items.count)
        for item in box.items { values.append(try finished(item, depth: depth + 1)) }
        return .list(values)
      }
      var members: [(name: String, value: DumpValue)] = []
      for index in stride(from: 0, to: box.items.count - 1, by: 2) {
        guard case .plain(let key) = box.items[index], let name = key.words else { continue }
        members.append((name, try finished(box.items[index + 1], depth: depth + 1)))
      }
      return .object(members)
    }
  }

  // MARK: The machine

  private mutating func step(_ code: UInt8) throws(DumpFault) {
    switch code {
    case 0x80: _ = try byte()
    case 0x95: _ = try little(8)
    case UInt8(ascii: "("): stack.append(.mark)
    case UInt8(ascii: "0"): _ = try pop()
    case UInt8(ascii: "1"): _ = try popToMark()
    case UInt8(ascii: "2"): stack.append(try top())
    case UInt8(ascii: "}"): push([], isDict: true)
    case UInt8(ascii: "]"), UInt8(ascii: ")"), 0x8F: push([], isDict: false)
    case 0x85: try tuple(1)
    case 0x86: try tuple(2)
    case 0x87: try tuple(3)
    case UInt8(ascii: "t"), UInt8(ascii: "l"), 0x91: push(try popToMark(), isDict: false)
    case UInt8(ascii: "d"): push(try popToMark(), isDict: true)
    case UInt8(ascii: "a"): try add([try pop()], isDict: false)
    case UInt8(ascii: "e"), 0x90: try add(try popToMark(), isDict: false)
    case UInt8(ascii: "s"):
      let value = try pop()
      try add([try pop(), value], isDict: true)
    case UInt8(ascii: "u"): try add(try popToMark(), isDict: true)
    default: try scalar(code)
    }
  }

  private mutating func scalar(_ code: UInt8) throws(DumpFault) {
    switch code {
    case UInt8(ascii: "N"): push(.null)
    case 0x88: push(.flag(true))
    case 0x89: push(.flag(false))
    case UInt8(ascii: "K"): push(.integer(Int64(try byte())))
    case UInt8(ascii: "M"): push(.integer(Int64(try little(2))))
    case UInt8(ascii: "J"):
      push(.integer(Int64(Int32(truncatingIfNeeded: try little(4)))))
    case 0x8A: push(try long(Int(try byte())))
    case UInt8(ascii: "G"):
      push(.number(Double(bitPattern: UInt64(bitPattern: Int64(try little(8))).byteSwapped)))
    case UInt8(ascii: "X"), UInt8(ascii: "T"), UInt8(ascii: "B"): push(try text(try little(4)))
    case 0x8C, UInt8(ascii: "U"), UInt8(ascii: "C"): push(try text(try little(1)))
    case 0x8D, 0x8E, 0x96: push(try text(try little(8)))
    default: try reference(code)
    }
  }

  private mutating func reference(_ code: UInt8) throws(DumpFault) {
    switch code {
    case UInt8(ascii: "q"): memo[Int(try byte())] = try top()
    case UInt8(ascii: "r"): memo[try little(4)] = try top()
    case 0x94: memo[memo.count] = try top()
    case UInt8(ascii: "h"): try recall(Int(try byte()))
    case UInt8(ascii: "j"): try recall(try little(4))
    case UInt8(ascii: "c"): try name(try line() + " " + line())
    case 0x93:
      let (last, module) = (try word(), try word())
      try name(module + " " + last)
    case UInt8(ascii: "Q"):
      _ = try pop()
      push(.null)
    case UInt8(ascii: "R"):
      // A harmless name is called: a tensor, or an empty container.
      _ = (try pop(), try pop())
      push(.null)
    case UInt8(ascii: "b"): _ = try pop()
    default: throw DumpFault("its pickle does what Crux does not read (opcode \(code))")
    }
  }

  private func refuse(_ name: String) -> DumpFault {
    DumpFault("its pickle names \(Words.quoted(name)); Crux runs nothing of a file and stops here")
  }

  private mutating func name(_ name: String) throws(DumpFault) {
    guard Self.harmless.contains(name) else { throw refuse(name) }
    push(.null)
  }

  // MARK: The stack

  private mutating func push(_ value: DumpValue) { stack.append(.plain(value)) }

  private mutating func push(_ items: [Item], isDict: Bool) {
    let box = Box(isDict: isDict)
    box.items = items
    boxes.append(box)
    stack.append(.box(box))
  }

  private mutating func tuple(_ count: Int) throws(DumpFault) {
    var items: [Item] = []
    for _ in 0..<count { items.append(try pop()) }
    push(items.reversed(), isDict: false)
  }

  private mutating func add(_ items: [Item], isDict: Bool) throws(DumpFault) {
    switch try top() {
    case .box(let box):
      guard box.isDict == isDict else { throw Self.damaged }
      box.items += items
    // What a harmless name built is not kept.
    case .plain(.null): break
    default: throw Self.damaged
    }
  }

  private func top() throws(DumpFault) -> Item {
    guard let last = stack.last else { throw Self.damaged }
    return last
  }

  private mutating func pop() throws(DumpFault) -> Item {
    guard let last = stack.popLast() else { throw Self.damaged }
    if case .mark = last { throw Self.damaged }
    return last
  }

  private mutating func popToMark() throws(DumpFault) -> [Item] {
    let mark = stack.lastIndex { if case .mark = $0 { true } else { false } }
    guard let mark else { throw Self.damaged }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[(mark + 1)...])
  }

  private mutating func recall(_ place: Int) throws(DumpFault) {
    guard let item = memo[place] else { throw Self.damaged }
    stack.append(item)
  }

  private mutating func word() throws(DumpFault) -> String {
    guard case .plain(let value) = try pop(), let text = value.text else { throw Self.damaged }
    return text
  }

  // MARK: The bytes

  private mutating func byte() throws(DumpFault) -> UInt8 {
    guard position < bytes.count else { throw DumpFault("its pickle ends too early") }
    defer { position += 1 }
    return bytes[position]
  }

  private mutating func little(_ count: Int) throws(DumpFault) -> Int {
    var value: UInt64 = 0
    for index in 0..<count { value |= UInt64(try byte()) << (8 * UInt64(index)) }
    return Int(truncatingIfNeeded: value)
  }

  /// A whole number in two's complement; beyond 64 bits it is nothing.
  private mutating func long(_ count: Int) throws(DumpFault) -> DumpValue {
    guard count <= 8 else {
      for _ in 0..<count { _ = try byte() }
      return .null
    }
    guard count > 0 else { return .integer(0) }
    let bits = try little(count)
    let unused = 64 - 8 * count
    return .integer(Int64((bits << unused) >> unused))
  }

  private mutating func text(_ count: Int) throws(DumpFault) -> DumpValue {
    guard count >= 0, count <= bytes.count - position else { throw Self.damaged }
    defer { position += count }
    return .text(String(decoding: bytes[position..<position + count], as: UTF8.self))
  }

  private mutating func line() throws(DumpFault) -> String {
    guard let end = bytes[position...].prefix(1024).firstIndex(of: 0x0A) else { throw Self.damaged }
    defer { position = end + 1 }
    return String(decoding: bytes[position..<end], as: UTF8.self)
  }
}
