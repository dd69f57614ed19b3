import Workbench

/// Turns the bytes of a terminal into keys, mouse events and pasted text: a pure value, bytes and
/// times in, inputs out.
///
/// A control string (ECMA-48, 5.6: OSC, DCS, APC, PM, SOS; the terminal's late answers) is consumed
/// whole, in whatever pieces it comes, and no byte of it becomes a key. What is begun and never
/// ended is given up by the clock: ask `deadline` and call `expire` then. Modifiers that `Key` has
/// no word for (Control with an arrow) are dropped.
public struct KeyDecoder: Sendable {
  /// Milliseconds after which an Escape that stands alone is the key, unless ESCDELAY says other:
  /// more than a slow link puts between the bytes of one key.
  public static let escapeDelay = 120
  /// Milliseconds after which `ESC [` or `ESC O`, to which more belongs, is given up.
  static let introducerDelay = 500
  /// Milliseconds of silence after which a longer beginning is given up.
  static let sequenceDelay = 1000
  /// The same of a control string.
  static let stringDelay = 800
  /// The same of a paste.
  static let pasteDelay = 1000
  /// How a person types: few bytes at a time, with so many milliseconds before them.
  private static let typing = (bytes: 8, gap: 100)
  /// Milliseconds after which such typing ends a string or a paste.
  private static let patience = 1500
  /// Milliseconds in which the rest of what was given up may still come.
  private static let memory = 10_000

  /// What the next byte belongs to.
  private enum State {
    case keys
    case string(ControlString)
    /// A control sequence that is too long to be a key.
    case overlong
    case paste(PasteBuffer)
  }

  /// What was given up; its rest may come all the same.
  private enum Abandoned { case escape, sequence, halfEndedString, string, paste }

  private var state = State.keys
  private var pending: [UInt8] = []
  private var began = 0
  private var last = 0
  private var abandoned: (what: Abandoned, time: Int)?
  private var clicks = ClickCounter()
  private let escapeDelay: Int

  /// A decoder that has seen nothing; a lone Escape is a key after so many milliseconds.
  public init(escapeDelay: Int = KeyDecoder.escapeDelay) {
    self.escapeDelay = max(0, escapeDelay)
  }

  /// The delay that the environment's ESCDELAY asks for, as ncurses reads it; the usual one where it
  /// is no number.
  public static func escapeDelay(in text: String?) -> Int {
    guard let text, !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let wanted = Int(text)
    else { return escapeDelay }
    return min(wanted, 30_000)
  }

  /// When what is held must be decided, by the clock of `decode`; nil when nothing is held.
  public var deadline: Int? {
    switch state {
    case .keys: pending.isEmpty ? nil : last + delay
    case .string: last + Self.stringDelay
    case .overlong: last + Self.sequenceDelay
    case .paste: last + Self.pasteDelay
    }
  }

  /// How long the beginning of a key is held: the longer it is, the less did a person type it.
  private var delay: Int {
    if pending.count == 1, pending[0] == 0x1B { return escapeDelay }
    if pending.last == UInt8(ascii: "$") { return escapeDelay }
    return max(escapeDelay, pending.count == 2 ? Self.introducerDelay : Self.sequenceDelay)
  }

  /// Decodes bytes that were read together.
  ///
  /// - Parameters:
  ///   - bytes: Any bytes.
  ///   - milliseconds: The time, from any clock that does not go back.
  /// - Returns: What is complete, in order.
  public mutating func decode(_ bytes: some Sequence<UInt8>, at milliseconds: Int) -> [Input] {
    let piece = Array(bytes)
    guard !piece.isEmpty else { return [] }
    var inputs: [Input] = []
    if isTyped(piece, at: milliseconds) { giveUp(at: milliseconds, into: &inputs) }
    pending += rest(of: piece, at: milliseconds)
    last = milliseconds
    drain(isFinal: false, into: &inputs)
    return inputs
  }

  /// Decides what is held, once its deadline has come.
  public mutating func expire(at milliseconds: Int) -> [Input] {
    guard let deadline, milliseconds >= deadline else { return [] }
    var inputs: [Input] = []
    giveUp(at: milliseconds, into: &inputs)
    return inputs
  }

  private mutating func drain(isFinal: Bool, into inputs: inout [Input]) {
    var position = 0
    while position < pending.count {
      let rest = pending[position...]
      let length: Int
      switch state {
      case .keys:
        guard let found = KeySequence(rest, isFinal: isFinal) else { return drop(position) }
        length = found.length
        take(found.meaning, into: &inputs)
      case .string(var string):
        length = string.take(rest)
        state = string.end == nil ? .string(string) : .keys
        if string.end == nil, length < rest.count { return drop(position + length) }
      case .overlong:
        let skipped = rest.prefix { (0x20..<0x40).contains($0) }.count
        let isFinished = skipped < rest.count
        length = skipped + (isFinished && KeySequence.isFinal(rest[position + skipped]) ? 1 : 0)
        if isFinished { state = .keys }
      case .paste(var buffer):
        let (taken, isEnded) = buffer.take(rest)
        length = taken
        if isEnded || buffer.isFull { hand(over: &buffer, into: &inputs) }
        state = isEnded ? .keys : .paste(buffer)
        if !isEnded, length < rest.count { return drop(position + length) }
      }
      position += length
    }
    drop(position)
  }

  private mutating func drop(_ count: Int) { pending.removeFirst(count) }

  private mutating func take(_ meaning: KeySequence.Meaning, into inputs: inout [Input]) {
    switch meaning {
    case .nothing: break
    case .key(let key): inputs.append(.key(key))
    case .text(let text): inputs += text.map { .key(.character($0)) }
    case .mouse(let report):
      if let event = clicks.event(of: report, at: last) { inputs.append(.mouse(event)) }
    case .stringBegins(let introducer): begin(.string(ControlString(introducer: introducer)))
    case .overlong: begin(.overlong)
    case .pasteBegins: begin(.paste(PasteBuffer()))
    }
  }

  private mutating func begin(_ state: State) {
    self.state = state
    began = last
  }

  private func hand(over buffer: inout PasteBuffer, into inputs: inout [Input]) {
    let text = buffer.text
    if !text.isEmpty { inputs.append(.pasted(text)) }
    buffer = PasteBuffer()
  }
}

// What never ends, and what comes after it was given up.
extension KeyDecoder {
  /// Whether a person types while a string or a paste does not end; Ctrl-C need not wait.
  private func isTyped(_ piece: [UInt8], at now: Int) -> Bool {
    guard piece.count <= Self.typing.bytes, now - last >= Self.typing.gap else { return false }
    switch state {
    case .keys, .overlong: return false
    case .string(var string):
      _ = string.take((pending + piece)[...])
      if string.end == .terminator { return false }
    case .paste:
      if PasteBuffer.ends(pending + piece) { return false }
    }
    return now - began >= Self.patience || piece == [0x03]
  }

  private mutating func giveUp(at now: Int, into inputs: inout [Input]) {
    var what: Abandoned?
    switch state {
    case .keys:
      if pending.first == 0x1B { what = pending.count == 1 ? .escape : .sequence }
      drain(isFinal: true, into: &inputs)
    case .string(let string):
      if let key = string.key, pending.isEmpty { inputs.append(.key(key)) }
      what = pending.isEmpty ? .string : .halfEndedString
    case .overlong: what = .sequence
    case .paste(var buffer):
      buffer.append(pending)
      hand(over: &buffer, into: &inputs)
      what = .paste
    }
    pending = []
    state = .keys
    abandoned = what.map { ($0, now) }
  }

  /// A piece without what may be the rest of something that was given up.
  private mutating func rest(of piece: [UInt8], at now: Int) -> [UInt8] {
    guard let (what, time) = abandoned, case .keys = state, pending.isEmpty else { return piece }
    if now - time >= Self.memory || what == .escape || what == .sequence { abandoned = nil }
    guard now - time < Self.memory else { return piece }
    // Nobody types that much between two reads.
    let isMuch = piece.count > 2 * Self.typing.bytes && !piece.contains(0x1B)
    var string = ControlString(introducer: nil)
    switch what {
    case .escape: return KeySequence.continuesEscape(piece) ? [0x1B] + piece : piece
    case .sequence: if KeySequence.endsControl(piece) { begin(.overlong) }
    case .halfEndedString where piece[0] == UInt8(ascii: "\\"): return Array(piece.dropFirst())
    case .halfEndedString, .string:
      _ = string.take(piece[...])
      if isMuch || string.end == .terminator {
        begin(.string(ControlString(introducer: nil)))
      }
    case .paste: if isMuch || PasteBuffer.ends(piece) { begin(.paste(PasteBuffer())) }
    }
    return piece
  }
}

/// A control string on its way: nothing of it is kept.
private struct ControlString {
  /// How it ended.
  enum End { case terminator, anotherEscape }

  private(set) var end: End?
  /// The key that its introducer is where nothing follows it; nil where it is none.
  private(set) var key: Key?
  /// Bytes of a character that are still to come: in UTF-8, 9C may be one of them.
  private var continuations = 0
  private var mayBeC1 = false

  /// A string after its introducer; the character after Escape, or nil for one byte of C1.
  init(introducer: UInt8?) {
    key = introducer.map { .alt(Character(Unicode.Scalar($0))) }
  }

  /// Takes bytes up to BEL or ST (`ESC \` or 9C); any other escape begins something else.
  ///
  /// - Returns: How many belong to it. An escape at the end is left, since what follows decides.
  mutating func take(_ bytes: ArraySlice<UInt8>) -> Int {
    var index = bytes.startIndex
    while index < bytes.endIndex, end == nil {
      let byte = bytes[index]
      if byte == 0x1B {
        guard index + 1 < bytes.endIndex else { break }
        end = bytes[index + 1] == UInt8(ascii: "\\") ? .terminator : .anotherEscape
        index += end == .terminator ? 2 : 0
      } else {
        if byte == 0x07 || byte == 0x9C && (continuations == 0 || mayBeC1) { end = .terminator }
        follow(byte)
        index += 1
      }
    }
    if index > bytes.startIndex { key = nil }
    return index - bytes.startIndex
  }

  private mutating func follow(_ byte: UInt8) {
    mayBeC1 = byte == 0xC2
    switch byte {
    case 0x80...0xBF: continuations = max(0, continuations - 1)
    case 0xC2...0xDF: continuations = 1
    case 0xE0...0xEF: continuations = 2
    case 0xF0...0xF4: continuations = 3
    default: continuations = 0
    }
  }
}

/// Pasted bytes, between the brackets that the terminal puts around them.
private struct PasteBuffer {
  /// Bytes above which a paste is handed over in parts.
  static let capacity = 1 << 20
  private static let end = Array("\u{1B}[201~".utf8)

  private var bytes: [UInt8] = []

  var isFull: Bool { bytes.count >= Self.capacity }

  mutating func append(_ new: [UInt8]) { bytes += new }

  /// Whether the end bracket is in these bytes.
  static func ends(_ bytes: [UInt8]) -> Bool {
    bytes.indices.contains { bytes[$0...].starts(with: end) }
  }

  /// Takes bytes up to the end bracket.
  ///
  /// - Returns: How many were used, and whether the paste is over. Bytes that may begin the bracket
  ///   are left for the next time.
  mutating func take(_ new: ArraySlice<UInt8>) -> (length: Int, isEnded: Bool) {
    var index = new.startIndex
    while let escape = new[index...].firstIndex(of: Self.end[0]) {
      let rest = new[escape...].prefix(Self.end.count)
      if Self.end.starts(with: rest) {
        bytes += new[..<escape]
        let isWhole = rest.count == Self.end.count
        return (escape - new.startIndex + (isWhole ? rest.count : 0), isWhole)
      }
      index = escape + 1
    }
    bytes += new
    return (new.count, false)
  }

  /// The text: line ends are newlines, other controls but the tab are left away.
  var text: String {
    var kept: [UInt8] = []
    kept.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      let next = index + 1 < bytes.count ? bytes[index + 1] : 0
      switch byte {
      case 0x0D:
        kept.append(0x0A)
        if next == 0x0A { index += 1 }
      case 0x09, 0x0A: kept.append(byte)
      case 0x00..<0x20, 0x7F: break
      case 0xC2 where (0x80...0x9F).contains(next): index += 1  // U+0080 to U+009F
      default: kept.append(byte)
      }
      index += 1
    }
    return String(decoding: kept, as: UTF8.self)
  }
}
