import Foundation

/// Normalisation form C (Unicode Standard Annex 15).
///
/// Foundation's own composition takes scalars beyond U+FFFF for those with the same low 16 bits,
/// so that U+10041 with an accent becomes À. Its decomposition is right, and all that is needed.
enum CanonicalComposition {
  /// The text with every pair composed that has a composed form.
  static func compose(_ text: String) -> String {
    var result: [Unicode.Scalar] = []
    var starter: Int?
    var blocking: UInt8?
    for scalar in text.decomposedStringWithCanonicalMapping.unicodeScalars {
      let order = scalar.properties.canonicalCombiningClass.rawValue
      let isBlocked = blocking.map { $0 >= order } ?? false
      if let starter, !isBlocked, let whole = composite(result[starter], scalar) {
        result[starter] = whole
        continue
      }
      if order == 0 {
        starter = result.count
        blocking = nil
      } else {
        blocking = order
      }
      result.append(scalar)
    }
    var text = ""
    text.unicodeScalars.append(contentsOf: result)
    return text
  }

  private static func composite(
    _ first: Unicode.Scalar, _ second: Unicode.Scalar
  ) -> Unicode.Scalar? {
    let (leads, vowels) = (0x1100..<UInt32(0x1113), 0x1161..<UInt32(0x1176))
    if leads.contains(first.value), vowels.contains(second.value) {
      return Unicode.Scalar(0xAC00 + ((first.value - 0x1100) * 21 + second.value - 0x1161) * 28)
    }
    let (syllables, tails) = (0xAC00..<UInt32(0xD7A4), 0x11A8..<UInt32(0x11C3))
    if syllables.contains(first.value), tails.contains(second.value),
      (first.value - 0xAC00) % 28 == 0
    {
      return Unicode.Scalar(first.value + second.value - 0x11A7)
    }
    return pairs[key(first, second)]
  }

  private static func key(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> UInt64 {
    UInt64(first.value) << 32 | UInt64(second.value)
  }

  /// Composed forms by the two scalars they are made of, found by decomposing all candidates.
  private static let pairs: [UInt64: Unicode.Scalar] = {
    var whole: [[Unicode.Scalar]: Unicode.Scalar] = [:]
    for value in Array(0xC0..<UInt32(0x3400)) + Array(0x10000..<UInt32(0x18000)) {
      guard let scalar = Unicode.Scalar(value), !scalar.properties.isFullCompositionExclusion
      else { continue }
      let parts = Array(String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars)
      if parts.count > 1 { whole[parts] = scalar }
    }
    var pairs: [UInt64: Unicode.Scalar] = [:]
    for (parts, scalar) in whole {
      let head = Array(parts.dropLast())
      guard let last = parts.last, let first = head.count == 1 ? head.first : whole[head] else {
        continue
      }
      pairs[key(first, last)] = scalar
    }
    return pairs
  }()
}
