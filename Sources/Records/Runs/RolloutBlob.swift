import Foundation
import Trajectories

/// Rollouts from one boundary as bytes; `README.md` beside this file says how to read them elsewhere.
///
/// All numbers are little-endian. Eight bytes of head: layout (1), bytes of a token id (1, 2 or 4),
/// two of 0, and the number of rollouts n as 32 bits. Then, each an array of its own: n seeds
/// (64 bits), n rewards (64-bit floats), n lengths in tokens (32 bits), n flags (8 bits; bit 0:
/// the length limit ended it), the log-probabilities of all tokens (32-bit floats), all token ids.
///
/// Log-probabilities are kept as they were drawn, so that what is read back is what was there, bit
/// for bit; half floats would save a third and round them.
enum RolloutBlob {
  static let layout: UInt8 = 1
  private static let head = 8
  private static let perRollout = 8 + 8 + 4 + 1

  /// The bytes of rollouts.
  static func bytes(of rollouts: [RolloutRecord]) -> Data {
    let largest = rollouts.reduce(0) { max($0, $1.tokens.max() ?? 0) }
    let smallest = rollouts.reduce(0) { min($0, $1.tokens.min() ?? 0) }
    let width = smallest < 0 || largest > 0xFFFF ? 4 : largest > 0xFF ? 2 : 1
    var data = Data([layout, UInt8(width), 0, 0])
    func append(_ value: some FixedWidthInteger) {
      withUnsafeBytes(of: value.littleEndian) { data.append(contentsOf: $0) }
    }
    append(UInt32(rollouts.count))
    for rollout in rollouts { append(rollout.seed) }
    for rollout in rollouts { append(rollout.reward.bitPattern) }
    for rollout in rollouts { append(UInt32(rollout.tokens.count)) }
    for rollout in rollouts { data.append(rollout.truncated ? 1 : 0) }
    for rollout in rollouts {
      // One a token, whatever was said of them.
      for place in rollout.tokens.indices {
        let known = rollout.logProbabilities.indices.contains(place)
        append((known ? rollout.logProbabilities[place] : .nan).bitPattern)
      }
    }
    for token in rollouts.lazy.flatMap(\.tokens) {
      switch width {
      case 1: data.append(UInt8(truncatingIfNeeded: token))
      case 2: append(UInt16(truncatingIfNeeded: token))
      default: append(token)
      }
    }
    return data
  }

  /// The rollouts of bytes; nil where they are no such bytes.
  static func rollouts(of data: Data) -> [RolloutRecord]? {
    var reader = Reader(data)
    guard reader.take(UInt8.self) == layout, let width = reader.take(UInt8.self),
      [1, 2, 4].contains(width), reader.take(UInt16.self) == 0,
      let count = reader.take(UInt32.self),
      data.count >= head + Int(count) * perRollout
    else { return nil }
    let n = Int(count)
    let seeds = reader.take(UInt64.self, n)
    let rewards = reader.take(UInt64.self, n).map(Double.init(bitPattern:))
    let lengths = reader.take(UInt32.self, n).map(Int.init)
    let flags = reader.take(UInt8.self, n)
    let total = lengths.reduce(0, +)
    guard data.count == head + n * perRollout + total * (4 + Int(width)) else { return nil }
    let chances = reader.take(UInt32.self, total).map(Float.init(bitPattern:))
    let tokens =
      switch width {
      case 1: reader.take(UInt8.self, total).map(Int32.init)
      case 2: reader.take(UInt16.self, total).map(Int32.init)
      default: reader.take(Int32.self, total)
      }
    var place = 0
    return (0..<n).map { index in
      let own = place..<place + lengths[index]
      place = own.upperBound
      return RolloutRecord(
        tokens: Array(tokens[own]), logProbabilities: Array(chances[own]), reward: rewards[index],
        truncated: flags[index] & 1 == 1, seed: seeds[index])
    }
  }

  /// Takes numbers off the front of bytes.
  private struct Reader {
    private let data: Data
    private var place: Int

    init(_ data: Data) {
      self.data = data
      place = data.startIndex
    }

    mutating func take<Number: FixedWidthInteger>(_ type: Number.Type) -> Number? {
      let size = MemoryLayout<Number>.size
      guard data.endIndex - place >= size else { return nil }
      defer { place += size }
      return data.withUnsafeBytes {
        Number(littleEndian: $0.loadUnaligned(fromByteOffset: place - data.startIndex, as: type))
      }
    }

    mutating func take<Number: FixedWidthInteger>(_ type: Number.Type, _ count: Int) -> [Number] {
      (0..<count).compactMap { _ in take(type) }
    }
  }
}
