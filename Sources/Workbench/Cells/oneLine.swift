/// The text on one line, its line ends as blanks.
func oneLine(_ text: String) -> String {
  var line = String.UnicodeScalarView()
  var previous: Unicode.Scalar?
  for scalar in text.unicodeScalars {
    defer { previous = scalar }
    switch scalar {
    // The two are one line end.
    case "\n" where previous == "\r": continue
    case "\n"..."\r", "\u{85}", "\u{2028}", "\u{2029}": line.append(" ")
    default: line.append(scalar)
    }
  }
  let start = line.drop { $0 == " " }
  let end = start.lastIndex { $0 != " " }
  return end.map { String(start[...$0]) } ?? ""
}

extension String {
  /// The beginning of a text in at most so many bytes, for what shows no more than that.
  ///
  /// The cost is that of what is kept, however long the text is.
  func head(bytes: Int) -> String {
    guard utf8.count > bytes else { return self }
    let end = utf8.index(startIndex, offsetBy: max(0, bytes))
    // The last character may be half of one.
    return String(self[..<end].dropLast())
  }
}
