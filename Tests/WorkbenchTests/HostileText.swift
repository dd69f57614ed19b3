/// Text as a hostile or broken model may write it.
enum HostileText {
  /// Each line of attack once, with what it is.
  static let corpus: [(name: String, text: String)] = [
    ("escape sequence", "\u{1B}[2J\u{1B}[31mred\u{1B}[0m"),
    ("window title", "\u{1B}]0;owned\u{07}"),
    ("clipboard", "\u{1B}]52;c;ZXZpbA==\u{1B}\\"),
    ("device control", "\u{1B}P+q544e\u{1B}\\"),
    ("8-bit controls", "\u{9B}31m \u{90}q\u{9C} \u{85}"),
    ("null and bell", "a\u{0}b\u{7}c"),
    ("backspaces", "right\u{8}\u{8}\u{8}\u{8}\u{8}wrong"),
    ("carriage return", "secret\rpublic"),
    ("line ends", "one\ntwo\r\nthree\u{B}four\u{C}five\u{2028}six\u{2029}seven"),
    ("delete", "\u{7F}"),
    ("bidirectional override", "abc\u{202E}fed\u{202C} \u{2066}x\u{2069} \u{200F}"),
    ("zero width", "pass\u{200B}word\u{2060}\u{FEFF}\u{AD}\u{180E}\u{34F}"),
    ("lone joiner", "a\u{200D}b \u{200C}"),
    ("lone marks", "\u{301}\u{302}a\u{FE0F}"),
    ("many marks", "a" + String(repeating: "\u{301}", count: 60)),
    ("many selectors", "☠" + String(repeating: "\u{FE0F}", count: 40)),
    ("tag characters", "x\u{E0061}\u{E0062}\u{E007F}"),
    ("private use", "\u{E000}\u{F8FF}\u{10FFFD}"),
    ("unassigned", "\u{378}\u{FFFE}\u{10FFFF}"),
    ("fillers", "\u{115F}\u{1160}\u{3164}\u{FFA0}"),
    ("tabs", "a\tb\tccccc\td"),
    ("emoji", "👩‍👩‍👧‍👦 🇩🇪 👍🏽 ❤️ 1️⃣ 🏳️‍🌈"),
    ("wide", "漢字かな한국어ｆｕｌｌ"),
    ("combined", "é e\u{301} नमस्ते กำ"),
    ("replacement", "\u{FFFD}\u{FFFC}"),
    ("empty", ""),
  ]

  /// Scalars drawn without order from places where trouble lives, by a fixed rule.
  static func soup(seed: UInt64, length: Int) -> String {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
    func next(_ bound: UInt64) -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state % bound
    }
    let blocks: [(UInt64, UInt64)] = [
      (0, 0x100), (0x300, 0x70), (0x200B, 0x70), (0x1F1E6, 26), (0x1F3FB, 5), (0xFE00, 16),
      (0x1F466, 4), (0x200D, 1), (0x1100, 0x100), (0xE0000, 0x80), (0x0900, 0x80), (0, 0x10FFFF),
    ]
    var text = ""
    for _ in 0..<length {
      let (start, count) = blocks[Int(next(UInt64(blocks.count)))]
      guard let scalar = Unicode.Scalar(UInt32(start + next(count))) else { continue }
      text.unicodeScalars.append(scalar)
    }
    return text
  }
}
