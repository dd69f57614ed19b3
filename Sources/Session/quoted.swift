import Workbench

/// A word of somebody else's in quotes, short and inert.
func quoted(_ word: String, atMost count: Int = 80) -> String {
  "“" + inert(String(word.unicodeScalars.prefix(count)))
    + (word.unicodeScalars.count > count ? "…" : "") + "”"
}
