import Tensors

/// The order in which labelled solutions are taken: by turns one with an error and one without, each
/// kind shuffled by a seed.
///
/// So a beginning of any length has as many of the one as of the other, as long as there are any.
public func byTurns<Element>(
  _ all: [Element], seed: UInt64, isWrong: (Element) -> Bool
) -> [Element] {
  var random = Random(seed: Random.seed(seed, 0x57E9))
  let wrong = all.filter(isWrong).shuffled(&random)
  let right = all.filter { !isWrong($0) }.shuffled(&random)
  return (0..<max(wrong.count, right.count)).flatMap { place in
    [wrong, right].compactMap { $0.indices.contains(place) ? $0[place] : nil }
  }
}
