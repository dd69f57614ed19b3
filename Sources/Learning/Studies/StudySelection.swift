import Tensors
public import Trajectories

/// Which trajectories people are asked about.
public enum StudySelection {
  /// Draws trajectories for a user study, each of another problem as far as there are so many.
  ///
  /// - Parameters:
  ///   - count: How many are wanted.
  ///   - candidates: Trajectories that may be asked about.
  ///   - seed: The same seed draws the same ones in the same order.
  /// - Returns: Their ids; fewer where there are not so many.
  public static func draw(_ count: Int, of candidates: [Trajectory], seed: UInt64) -> [String] {
    draw(count, of: candidates.map { ($0.id, $0.problem.prompt) }, seed: seed)
  }

  /// Draws some answers of which only names and problems are known, as above.
  public static func draw(
    _ count: Int, of candidates: [(id: String, prompt: String)], seed: UInt64
  ) -> [String] {
    var random = Random(seed: seed)
    var order = Array(candidates.indices)
    for place in order.indices.dropLast() {
      order.swapAt(place, place + random.below(order.count - place))
    }
    var prompts: Set<String> = []
    let (fresh, again) = order.reduce(into: ([Int](), [Int]())) { lists, index in
      if prompts.insert(candidates[index].prompt).inserted {
        lists.0.append(index)
      } else {
        lists.1.append(index)
      }
    }
    return (fresh + again).prefix(max(0, count)).map { candidates[$0].id }
  }
}
