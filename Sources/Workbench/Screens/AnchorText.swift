import Trajectories

// Thought Anchors' scores of a step, beside its advantage.
extension WorkbenchState {
  /// What the rollouts that keep the step are worth against those that say something else, and how
  /// far the answers move; nothing where nobody looked.
  func anchorLines(of id: String, columns: Int) -> [[Span]] {
    guard let anchors = valuation(of: id)?.anchors, anchors.indices.contains(step) else {
      return []
    }
    let glyphs = Glyphs.of(glyphs)
    let anchor = anchors[step]
    var lines: [[Span]] = []
    if let worth = anchor.counterfactual {
      let words =
        "kept  V \(share(anchor.keptMean)), \(anchor.kept) rollouts; else V "
        + "\(share(anchor.changedMean)), \(anchor.changed): counterfactual "
        + signed(worth, glyphs: glyphs)
      lines += wrapped(words, columns: columns).map { [Span($0)] }
    } else if anchor.kept > 0 {
      lines.append([Span("kept  by all \(anchor.kept) rollouts: nothing to compare with", .dim)])
    }
    if let divergence = anchor.divergence {
      let words = "the step moves the answers by KL \(fixed(divergence)) nats"
      lines += wrapped(words, columns: columns).map { [Span($0, .dim)] }
    }
    return lines
  }
}
