/// How many colours a terminal can show.
public enum ColourDepth: String, CaseIterable, Equatable, Sendable {
  /// None: meaning is carried by text and attributes alone.
  case none
  /// The 16 named colours.
  case sixteen = "16"
  /// The 256 indexed colours of xterm.
  case indexed = "256"
  /// Any red, green, blue.
  case direct = "true"
}

extension Colour {
  /// The index of the nearest of xterm's 256 colours.
  ///
  /// A named colour is its own index. For red, green and blue only 16…255 are used: the first 16
  /// belong to the user's own palette and may look like anything.
  public var nearestOf256: UInt8 {
    switch self {
    case .named(let index): return index & 15
    case .rgb(let red, let green, let blue):
      let wanted = Channels(red, green, blue)
      return Self.nearest(to: wanted, among: 16...255) { Channels(indexed: $0) }
    }
  }

  /// The index of the nearest of the 16 named colours, as xterm paints them.
  public var nearestOf16: UInt8 {
    switch self {
    case .named(let index): return index & 15
    case .rgb(let red, let green, let blue):
      let wanted = Channels(red, green, blue)
      return Self.nearest(to: wanted, among: 0...15) { Channels(indexed: $0) }
    }
  }

  /// Red, green and blue as xterm paints the colour by default, 0…255 each.
  public var channels: (red: UInt8, green: UInt8, blue: UInt8) {
    switch self {
    case .rgb(let red, let green, let blue): return (red, green, blue)
    case .named(let index):
      let it = Channels(indexed: index & 15)
      return (UInt8(it.red), UInt8(it.green), UInt8(it.blue))
    }
  }

  private static func nearest(
    to wanted: Channels, among indices: ClosedRange<UInt8>, colour: (UInt8) -> Channels
  ) -> UInt8 {
    var best = indices.lowerBound
    var least = Int.max
    for index in indices {
      let distance = colour(index).distance(to: wanted)
      if distance < least {
        least = distance
        best = index
      }
    }
    return best
  }
}

/// Red, green and blue as integers to compute with.
private struct Channels {
  var red: Int
  var green: Int
  var blue: Int

  init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    self.red = Int(red)
    self.green = Int(green)
    self.blue = Int(blue)
  }

  /// xterm's default palette: 16 named colours, a cube of six levels a channel, 24 greys.
  init(indexed index: UInt8) {
    let number = Int(index)
    switch number {
    case 0..<16:
      let packed = Self.named[number]
      (red, green, blue) = (packed >> 16, packed >> 8 & 255, packed & 255)
    case 16..<232:
      let place = number - 16
      red = Self.levels[place / 36]
      green = Self.levels[place / 6 % 6]
      blue = Self.levels[place % 6]
    default:
      let grey = 8 + 10 * (number - 232)
      (red, green, blue) = (grey, grey, grey)
    }
  }

  /// Squared distance, the channels weighted by how strongly the eye sees them at this red.
  ///
  /// The “redmean” approximation of perceived distance (T. Riemersma, compuphase.com/cmetric.htm).
  func distance(to other: Channels) -> Int {
    let mean = (red + other.red) / 2
    let (r, g, b) = (red - other.red, green - other.green, blue - other.blue)
    return (512 + mean) * r * r + 1024 * g * g + (767 - mean) * b * b
  }

  private static let levels = [0, 95, 135, 175, 215, 255]
  private static let named = [
    0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD, 0x00CDCD, 0xE5E5E5,
    0x7F7F7F, 0xFF0000, 0x00FF00, 0xFFFF00, 0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF,
  ]
}
