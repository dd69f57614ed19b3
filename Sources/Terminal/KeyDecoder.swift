import Workbench

/// Turns the bytes of a terminal into keys, mouse events and pasted text.
///
/// A sequence that is cut in two is held until the rest arrives. Only time tells a lone Escape from
/// the beginning of a sequence: when `patience` milliseconds pass without a byte, call `flush`.
/// Modifiers that `Key` has no word for (Control with an arrow) are dropped.
public struct KeyDecoder: Sendable {
  /// Milliseconds after which an Escape that stands alone is the key.
  public static let escapeDelay = 25
  /// Milliseconds after which a paste without an end is over.
  public static let pasteDelay = 1000

  private var pending: [UInt8] = []
  private var paste: PasteBuffer?
  private var clicks = ClickCounter()

  /// A decoder that has seen nothing.
  public init() {}

  /// How long to wait for more bytes before calling `flush`; nil when nothing is held.
  public var patience: Int? {
    if paste != nil { return Self.pasteDelay }
    return pending.isEmpty ? nil : Self.escapeDelay
  }

  /// Decodes bytes as they come.
  ///
  /// - Parameters:
  ///   - bytes: Any bytes.
  ///   - milliseconds: The time, from any clock that does not go back; it tells double clicks.
  /// - Returns: What is complete, in order.
  public mutating func decode(_ bytes: some Sequence<UInt8>, at milliseconds: Int) -> [Input] {
    pending.append(contentsOf: bytes)
    return drain(isFinal: false, at: milliseconds)
  }

  /// Decodes what is held, as nothing followed it.
  public mutating func flush(at milliseconds: Int) -> [Input] {
    drain(isFinal: true, at: milliseconds)
  }

  private mutating func drain(isFinal: Bool, at now: Int) -> [Input] {
    var inputs: [Input] = []
    var position = 0
    while position < pending.count || (isFinal && paste != nil) {
      if paste != nil {
        guard takePaste(&position, isFinal: isFinal, into: &inputs) else { break }
        continue
      }
      guard let found = KeySequence(pending[position...], isFinal: isFinal) else { break }
      position += max(1, found.length)
      take(found.meaning, at: now, into: &inputs)
    }
    pending.removeFirst(min(position, pending.count))
    return inputs
  }

  private mutating func take(
    _ meaning: KeySequence.Meaning, at now: Int, into inputs: inout [Input]
  ) {
    switch meaning {
    case .nothing: break
    case .key(let key): inputs.append(.key(key))
    case .text(let text): inputs += text.map { .key(.character($0)) }
    case .mouse(let report):
      if let event = clicks.event(of: report, at: now) { inputs.append(.mouse(event)) }
    case .pasteBegins: paste = PasteBuffer()
    }
  }

  /// Takes what belongs to the paste; false when more bytes must come first.
  private mutating func takePaste(
    _ position: inout Int, isFinal: Bool, into inputs: inout [Input]
  ) -> Bool {
    guard var buffer = paste else { return false }
    let (length, ended) = buffer.take(pending[position...], isFinal: isFinal)
    position += length
    if ended || buffer.isFull {
      let text = buffer.text
      if !text.isEmpty { inputs.append(.pasted(text)) }
      buffer = PasteBuffer()
    }
    paste = ended ? nil : buffer
    return ended || length > 0 && position < pending.count
  }
}
