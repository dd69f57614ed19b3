import Foundation

@testable import Records

/// Eyes that lack one kind of cone.
enum Vision: CaseIterable, Sendable {
  case protan, deutan, tritan

  /// What they see of a colour, linear red, green and blue.
  ///
  /// Machado, Oliveira & Fernandes 2009, severity 1.
  func sees(_ colour: ThemeColour) -> [Double] {
    let seen = matrix.map { row in zip(row, linear(colour)).map(*).reduce(0, +) }
    return seen.map { min(1, max(0, $0)) }
  }

  private var matrix: [[Double]] {
    switch self {
    case .protan:
      [
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
      ]
    case .deutan:
      [
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
      ]
    case .tritan:
      [
        [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
      ]
    }
  }
}

/// WCAG 2.1's contrast ratio, 1…21.
func contrast(_ one: ThemeColour, _ other: ThemeColour) -> Double {
  let pair = [luminance(one), luminance(other)].sorted()
  return (pair[1] + 0.05) / (pair[0] + 0.05)
}

private func luminance(_ colour: ThemeColour) -> Double {
  zip([0.2126, 0.7152, 0.0722], linear(colour)).map(*).reduce(0, +)
}

/// Red, green and blue of a colour, linear, 0…1.
func linear(_ colour: ThemeColour) -> [Double] {
  guard case .rgb(let red, let green, let blue) = colour else { return [.nan, .nan, .nan] }
  return [red, green, blue].map { byte in
    let value = Double(byte) / 255
    return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
  }
}

/// Distance in CIE 1976 Lab of two colours given as linear red, green and blue.
func difference(_ one: [Double], _ other: [Double]) -> Double {
  zip(lab(one), lab(other)).map { ($0 - $1) * ($0 - $1) }.reduce(0, +).squareRoot()
}

private func lab(_ rgb: [Double]) -> [Double] {
  let white = [0.95047, 1, 1.08883]
  let rows = [
    [0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
    [0.0193339, 0.1191920, 0.9503041],
  ]
  let f = zip(rows, white).map { row, scale in
    let value = zip(row, rgb).map(*).reduce(0, +) / scale
    return value > 216.0 / 24389 ? cbrt(value) : (value * 24389 / 27 + 16) / 116
  }
  return [116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])]
}
