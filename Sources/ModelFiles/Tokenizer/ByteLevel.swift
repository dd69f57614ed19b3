/// The letters in which byte-level vocabularies spell bytes.
///
/// Printable bytes of Latin-1 stand for themselves, the others for the letters from U+0100 on, in
/// order (Radford et al. 2019, the tokenizer of GPT-2).
enum ByteLevel {
  /// The letter of each byte, UTF-8.
  static let letters: [[UInt8]] = {
    var next: UInt32 = 256
    return (0..<256).map { (byte: UInt32) -> [UInt8] in
      var letter = byte
      if !isPrintable(byte) {
        letter = next
        next += 1
      }
      return Unicode.Scalar(letter).map { Array(String($0).utf8) } ?? []
    }
  }()

  /// The byte of each letter, at the letter's scalar value; nil where none has that letter.
  private static let bytes: [UInt8?] = {
    var bytes = [UInt8?](repeating: nil, count: 512)
    var next = 256
    for byte in 0..<256 {
      if isPrintable(UInt32(byte)) {
        bytes[byte] = UInt8(byte)
      } else {
        bytes[next] = UInt8(byte)
        next += 1
      }
    }
    return bytes
  }()

  private static func isPrintable(_ byte: UInt32) -> Bool {
    (33...126).contains(byte) || (161...172).contains(byte) || (174...255).contains(byte)
  }

  /// The spelling of bytes.
  static func spell(_ bytes: [UInt8]) -> [UInt8] { bytes.flatMap { letters[Int($0)] } }

  /// The bytes that a spelling stands for; the text itself where it has any other letter.
  static func bytes(of spelling: String) -> [UInt8] {
    var result: [UInt8] = []
    for scalar in spelling.unicodeScalars {
      guard scalar.value < 512, let byte = bytes[Int(scalar.value)] else {
        return Array(spelling.utf8)
      }
      result.append(byte)
    }
    return result
  }
}
