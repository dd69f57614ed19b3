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
