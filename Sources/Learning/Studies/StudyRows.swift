public import Trajectories

extension Study {
  /// What is known so far, task by task, in the study's order.
  ///
  /// - Parameter known: The outcome of a training; nil while it is not finished.
  /// - Returns: A row for each method of a task setting that has an outcome.
  public func rows(known: (StudyCell) -> TrainingOutcome?) -> [StudyRow] {
    tasks.indices.flatMap { task in
      methods.indices.compactMap { row(of: $0, on: task, known: known) }
    }
  }

  private func row(
    of method: Int, on task: Int, known: (StudyCell) -> TrainingOutcome?
  ) -> StudyRow? {
    let all = seeds.compactMap { known(StudyCell(method: method, task: task, seed: $0)) }
    guard !all.isEmpty else { return nil }
    let sound = all.filter { $0.failure == nil }
    let name = methods[method].against
    let other = methods.firstIndex { $0.name == name }
    return StudyRow(
      task: tasks[task], method: methods[method],
      // An untrained policy is measured once, whatever the seeds.
      outcomes: methods[method].isUntrained ? Array(sound.prefix(1)) : sound,
      failures: all.compactMap(\.failure),
      differences: other.map { differences(of: method, from: $0, on: task, known: known) } ?? [:])
  }

  private func differences(
    of method: Int, from other: Int, on task: Int, known: (StudyCell) -> TrainingOutcome?
  ) -> [Measure: PairedDifference] {
    let pairs = seeds.compactMap { seed -> (TrainingOutcome, TrainingOutcome)? in
      guard let one = known(StudyCell(method: method, task: task, seed: seed)),
        let two = known(StudyCell(method: other, task: task, seed: seed)), one.failure == nil,
        two.failure == nil
      else { return nil }
      return (one, two)
    }
    let isMeasuredOnce = methods[method].isUntrained && methods[other].isUntrained
    var differences: [Measure: PairedDifference] = [:]
    for measure in Measure.allCases {
      let values = pairs.compactMap { one, two -> Double? in
        guard let mine = measure.end(of: one), let others = measure.end(of: two) else { return nil }
        return mine - others
      }
      guard !values.isEmpty else { continue }
      let spread = Spread(isMeasuredOnce ? Array(values.prefix(1)) : values)
      differences[measure] = PairedDifference(spread: spread, interval: spread.interval())
    }
    return differences
  }
}
