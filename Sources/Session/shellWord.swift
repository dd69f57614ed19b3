/// A word of a command that is printed to be copied, such that a shell takes it as it is.
///
/// Plain words stay bare; all others stand in single quotes, within which only the single quote
/// itself means anything.
package func shellWord(_ text: String) -> String {
  let isPlain = text.unicodeScalars.allSatisfy { scalar in
    scalar.isASCII && (scalar.properties.isAlphabetic || plainSigns.contains(scalar))
  }
  guard !isPlain || text.isEmpty else { return text }
  let parts = text.split(separator: "'", omittingEmptySubsequences: false)
  return "'" + parts.joined(separator: "'\\''") + "'"
}

/// What no shell reads as anything but itself, wherever in a word it stands.
private let plainSigns = Set("0123456789_-./:@%+,=".unicodeScalars)
