import Testing

@testable import Workbench

@Suite struct ColourDepthTests {
  @Test(arguments: [
    (Colour.rgb(0, 0, 0), 16 as UInt8), (.rgb(255, 255, 255), 231), (.rgb(255, 0, 0), 196),
    (.rgb(95, 135, 175), 67), (.rgb(128, 128, 128), 244), (.rgb(8, 8, 8), 232), (.named(9), 9),
  ])
  func `the nearest of 256 is found`(colour: Colour, index: UInt8) {
    #expect(colour.nearestOf256 == index)
  }

  @Test(arguments: [
    (Colour.rgb(0, 0, 0), 0 as UInt8), (.rgb(255, 255, 255), 15), (.rgb(250, 10, 10), 9),
    (.rgb(200, 0, 0), 1), (.rgb(127, 127, 127), 8), (.named(3), 3),
  ])
  func `the nearest of 16 is found`(colour: Colour, index: UInt8) {
    #expect(colour.nearestOf16 == index)
  }

  @Test func `plus and minus differ at every depth`() {
    let theme = Theme.standard
    let positive = theme.style(of: .barPositive).foreground
    let negative = theme.style(of: .barNegative).foreground
    #expect(positive?.nearestOf256 != negative?.nearestOf256)
    #expect(positive?.nearestOf16 != negative?.nearestOf16)
    #expect(positive?.nearestOf8 != negative?.nearestOf8)
  }
}

@Suite struct ThemeDefaultTests {
  @Test func `the default theme keeps the terminal's background and covers every role`() {
    for role in Role.allCases where role != .text {
      #expect(Theme.standard.styles[role] != nil, "\(role)")
      #expect(Theme.mono.styles[role] != nil, "\(role)")
      #expect(Theme.standard.style(of: role).background == nil)
    }
  }

  @Test func `without colours no colour is left and what it told apart has an attribute`() {
    let plain = Theme.standard.withoutColours
    for role in Role.allCases {
      #expect(plain.style(of: role).foreground == nil)
      #expect(plain.style(of: role).background == nil)
    }
    #expect(plain.style(of: .barPositive) != plain.style(of: .barUnsure))
    #expect(Theme.mono.withoutColours.styles[.error] == Theme.mono.styles[.error])
  }

  /// Relative luminance and contrast as WCAG 2.1 defines them.
  private func luminance(_ colour: Colour) -> Double {
    let it = colour.channels
    func linear(_ channel: UInt8) -> Double {
      let share = Double(channel) / 255
      guard share > 0.04045 else { return share / 12.92 }
      // ((share + 0.055) / 1.055)^2.4 as a square times a fifth root of a square.
      let base = (share + 0.055) / 1.055
      var root = base
      for _ in 0..<60 {
        root -= (root * root * root * root * root - base * base) / (5 * root * root * root * root)
      }
      return base * base * root
    }
    return 0.2126 * linear(it.red) + 0.7152 * linear(it.green) + 0.0722 * linear(it.blue)
  }

  @Test func `colours read on a black and on a white ground`() {
    for role in Role.allCases {
      guard let colour = Theme.standard.style(of: role).foreground else { continue }
      let light = luminance(colour)
      #expect((light + 0.05) / 0.05 >= 4.5, "\(role) on black")
      #expect(1.05 / (light + 0.05) >= 4.5, "\(role) on white")
    }
  }
}
