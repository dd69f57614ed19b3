import Testing

@testable import ModelFiles

@Suite struct CanonicalCompositionTests {
  private func composed(_ values: [UInt32]) -> [UInt32] {
    var text = ""
    text.unicodeScalars.append(contentsOf: values.compactMap { Unicode.Scalar($0) })
    return CanonicalComposition.compose(text).unicodeScalars.map(\.value)
  }

  @Test(
    arguments: [
      ([0x65, 0x301], [0xE9]),
      ([0x212B], [0xC5]),
      // The mark of lower order goes first, and both compose in turn.
      ([0x61, 0x302, 0x323], [0x1EAD]),
      // A mark of the same order blocks.
      ([0x61, 0x329, 0x323, 0x301], [0xE1, 0x329, 0x323]),
      ([0x1112, 0x1161, 0x11AB], [0xD55C]),
      ([0xD55C, 0x11A8], [0xD55C, 0x11A8]),
      ([0xAC00, 0x11A7], [0xAC00, 0x11A7]),
      // Excluded from composition.
      ([0x915, 0x93C], [0x915, 0x93C]),
      ([0x11131, 0x11127], [0x1112E]),
      ([0x10041, 0x300], [0x10041, 0x300]),
      ([0xE0041, 0x300], [0xE0041, 0x300]),
      ([0x301, 0x65], [0x301, 0x65]),
    ] as [([UInt32], [UInt32])])
  func `a text takes its composed form`(_ values: [UInt32], _ expected: [UInt32]) {
    #expect(composed(values) == expected)
    #expect(composed(expected) == expected)
  }
}
