import Foundation
import Testing

@testable import Workbench

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

  @Test func `text contrasts 4.5 to 1 with black and with white, curves 3 to 1`() {
    for role in Role.allCases {
      guard let colour = Theme.standard.style(of: role).foreground else { continue }
      let light = luminance(linear(colour))
      let least = role.rawValue.hasPrefix("curve") ? 3 : 4.5
      #expect((light + 0.05) / 0.05 >= least, "\(role) on black")
      #expect(1.05 / (light + 0.05) >= least, "\(role) on white")
    }
  }

  @Test func `curves and bars stay apart for every kind of eye`() {
    let groups: [[Role]] = [
      [.curve1, .curve2, .curve3, .curve4], [.barPositive, .barNegative, .barUnsure],
      [.stepProposed, .stepConfirmed, .stepRejected],
    ]
    for group in groups {
      let colours = group.compactMap { Theme.standard.style(of: $0).foreground }
      for (kind, matrix) in eyes {
        for (index, first) in colours.enumerated() {
          for second in colours[(index + 1)...] {
            let apart = zip(lab(first, seenBy: matrix), lab(second, seenBy: matrix))
              .map { ($0 - $1) * ($0 - $1) }.reduce(0, +).squareRoot()
            #expect(apart > 20, "\(group[index]) for \(kind): \(apart)")
          }
        }
      }
    }
  }

  /// Simulation of colour blindness at full severity (Machado, Oliveira and Fernandes 2009).
  private let eyes: [(String, [[Double]])] = [
    ("all cones", [[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
    (
      "deuteranopia",
      [
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
      ]
    ),
    (
      "protanopia",
      [
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
      ]
    ),
    (
      "tritanopia",
      [
        [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
      ]
    ),
  ]

  /// Red, green and blue without sRGB's curve (IEC 61966-2-1).
  private func linear(_ colour: Colour) -> [Double] {
    let it = colour.channels
    return [it.red, it.green, it.blue].map { channel in
      let share = Double(channel) / 255
      return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
    }
  }

  /// Relative luminance as WCAG 2.1 defines it.
  private func luminance(_ it: [Double]) -> Double {
    0.2126 * it[0] + 0.7152 * it[1] + 0.0722 * it[2]
  }

  /// CIE 1976 L*a*b* under D65.
  private func lab(_ colour: Colour, seenBy matrix: [[Double]]) -> [Double] {
    let given = linear(colour)
    let it = matrix.map { row in zip(row, given).map { $0 * $1 }.reduce(0, +) }
    func bent(_ t: Double) -> Double { t > 0.008856 ? cbrt(t) : 7.787 * t + 16.0 / 116 }
    let x = bent((0.4124 * it[0] + 0.3576 * it[1] + 0.1805 * it[2]) / 0.95047)
    let y = bent(luminance(it))
    let z = bent((0.0193 * it[0] + 0.1192 * it[1] + 0.9505 * it[2]) / 1.08883)
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
  }
}
