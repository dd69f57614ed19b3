import Trajectories

extension WorkbenchState {
  /// What training does, as one word that needs no colour.
  var trainingWord: (text: String, role: Role) {
    switch engine {
    case .training: return ("RUN", .running)
    case .paused: return ("PAUSED", .warning)
    case .failed: return ("FAILED", .error)
    case .loading, .idle, .working:
      if let otherTrainer {
        return (otherTrainer > 0 ? "RUN by process \(otherTrainer)" : "RUN elsewhere", .running)
      }
    }
    switch history.status {
    case .finished: return ("DONE", .right)
    case .failed: return ("FAILED", .error)
    case .stopped: return ("STOPPED", .warning)
    case .empty, .running: return ("IDLE", .dim)
    }
  }

  /// The lines above the charts: state and progress, tokens, buffer and marks, accuracy.
  func trainingHeader(columns: Int) -> [[Span]] {
    [progressLine(columns: columns), tokenLine, bufferLine, accuracyLine].filter { !$0.isEmpty }
  }

  private func progressLine(columns: Int) -> [Span] {
    let word = trainingWord
    let total = history.start?.recipe.updates ?? 0
    let start = [
      Span(word.text, word.role),
      Span("  update \(history.policyVersion)" + (total > 0 ? " of \(total)" : ""), .heading),
    ]
    var end: [Span] = []
    if let left = secondsLeft { end.append(Span("  " + duration(left) + " left")) }
    end += lookSpans
    if let update = cursorUpdate {
      end.append(Span("  cursor at update \(update)", .message))
      if columns >= 100 {
        end.append(Span("; \(key(.open)) lists its trajectories", .dim))
      }
    }
    let used = (start + end).reduce(0) { $0 + cellWidth($1.text) }
    return start + progressBar(of: total, columns: min(22, columns - used - 1)) + end
  }

  /// The share of updates that were made, where there is room to show it.
  private func progressBar(of total: Int, columns: Int) -> [Span] {
    let cells = columns - 2
    guard total > 0, cells >= 8 else { return [] }
    let share = min(1, max(0, Double(history.policyVersion) / Double(total)))
    let full = Int((share * Double(cells)).rounded(.down))
    let (on, off) = glyphs == .ascii ? ("#", ".") : ("█", "░")
    return [
      Span("  " + String(repeating: on, count: full), .running),
      Span(String(repeating: off, count: cells - full), .dim),
    ]
  }

  /// How the charts are looked at, where it is not the plain way.
  private var lookSpans: [Span] {
    let look = training.charts
    var words: [String] = []
    if look.isLogarithmic { words.append("log axis") }
    if look.smoothing > 0 { words.append("smoothed \(share(look.smoothing))") }
    if look.zoom > 0 {
      words.append("zoom \(glyphs == .ascii ? "x" : "×")\(1 << min(20, look.zoom))")
    }
    return words.isEmpty ? [] : [Span("  " + words.joined(separator: ", "), .dim)]
  }

  /// Seconds until the recipe's last update, while training runs.
  private var secondsLeft: Double? {
    guard engine == .training || otherTrainer != nil else { return nil }
    if otherTrainer == nil, let told = progress?.secondsLeft { return told }
    let recent = history.metrics.suffix(5).map(\.seconds).filter { $0.isFinite && $0 > 0 }
    guard let total = history.start?.recipe.updates, !recent.isEmpty else { return nil }
    let mean = recent.reduce(0, +) / Double(recent.count)
    return Double(max(0, total - history.policyVersion)) * mean
  }

  private var tokenLine: [Span] {
    guard let now = history.metrics.last else { return [] }
    let cut =
      now.truncatedShare > 0
      ? [Span("\(share(now.truncatedShare)) cut off by the limit", .warning), Span("; ", .dim)] : []
    // First, so that a narrow screen does not cut it off.
    return cut + [
      Span("tokens ", .dim), Span(compact(now.trainingTokens)), Span(" for training, ", .dim),
      Span(compact(now.estimationTokens)), Span(" for estimation; ", .dim),
      Span(compact(now.tokensPerSecond)), Span("/s", .dim),
    ]
  }

  private var bufferLine: [Span] {
    guard let now = history.metrics.last else { return [] }
    var spans = [Span("buffer ", .dim), Span("\(now.bufferSize) states")]
    if let purity = now.bufferPurity {
      spans.append(Span(", \(fixed(purity * 100, decimals: 0)) % right", .dim))
    }
    spans += [Span("; resets ", .dim), Span(share(now.resetShare))]
    if let marks = markWords { spans += [Span("; ", .dim), Span(marks, .stepConfirmed)] }
    return spans
  }

  /// What a person's word did to the buffer, or will do; nil where there is none.
  private var markWords: String? {
    func marks(_ count: Int) -> String {
      count == 1 ? "1 mark of yours" : "\(count) marks of yours"
    }
    let inside = history.metrics.last?.bufferMarked ?? 0
    if inside > 0 { return marks(inside) + " in it" }
    let standing = history.standingMarks
    return standing > 0 ? marks(standing) + " for the next batch" : nil
  }

  private var accuracyLine: [Span] {
    guard let now = history.evaluations.last else { return [] }
    let sign = Glyphs.of(glyphs).plusMinus
    func words(_ it: EvaluationResult) -> String {
      "sampled \(share(it.sampled)) \(sign)\(share(it.sampledError)), greedy \(share(it.greedy))"
    }
    var spans: [Span] = []
    if let first = history.untrained {
      spans += [Span("untrained ", .dim), Span(words(first))]
      guard now.policyVersion != 0 else { return spans }
      spans.append(Span("; ", .dim))
    }
    return spans + [
      Span("update \(now.policyVersion) ", .dim), Span(words(now), .heading),
    ]
  }
}
