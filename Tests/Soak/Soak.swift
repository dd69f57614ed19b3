import Foundation
import Testing

@testable import TerminalTesting

/// How long and by which seed the soak tests work; minutes where nothing is said.
///
/// `CRUX_SOAK` is how many times as much as in the suite is done, `CRUX_SOAK_SEED` the seed of
/// everything random. A failure prints its seed.
enum Soak {
  static let factor = number("CRUX_SOAK", 1)
  static let seed = UInt64(number("CRUX_SOAK_SEED", 1))

  private static func number(_ name: String, _ usual: Int) -> Int {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? usual
  }
}

/// The soak tests run one after another: each has processes at work.
@Suite(.serialized, .ownThread) struct SoakTests {}

/// SplitMix64, so that a failure can be repeated.
struct Dice {
  var state: UInt64

  /// A number from 0 to below `sides`.
  mutating func roll(_ sides: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ (mixed >> 31)) % UInt64(max(1, sides)))
  }

  /// One of the elements.
  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[roll(elements.count)] }
}
