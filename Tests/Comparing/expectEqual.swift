package import Testing

/// Expects two sequences to be the same, and says where they first are not.
///
/// `#expect` looks for the shortest edit between two collections that differ, which takes hours where
/// they are the weights of a model; this looks for one place.
package func expectEqual<Element: Equatable>(
  _ found: some Collection<Element>, _ expected: some Collection<Element>,
  _ comment: @autoclosure () -> String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  guard let difference = firstDifference(found, expected) else { return }
  let words = [comment(), difference].filter { !$0.isEmpty }.joined(separator: ": ")
  Issue.record("\(words)", sourceLocation: sourceLocation)
}

/// Where two sequences differ first, in words; nil where they are the same.
package func firstDifference<Element: Equatable>(
  _ found: some Collection<Element>, _ expected: some Collection<Element>
) -> String? {
  for (place, pair) in zip(found, expected).enumerated() where pair.0 != pair.1 {
    return "element \(place) of \(found.count) is \(pair.0) and should be \(pair.1)"
  }
  guard found.count != expected.count else { return nil }
  return "there are \(found.count) elements and should be \(expected.count)"
}
