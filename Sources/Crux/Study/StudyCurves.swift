import Foundation
import Learning
import Records
import Trajectories

/// The learning curves of a study, side by side: a chart a family of methods on a task setting.
struct StudyCurves {
  let study: Study
  let rows: [StudyRow]
  /// What the curves show.
  var measure = Measure.sampled
  /// Whether they run over tokens, those for estimates included, in place of updates.
  var overTokens = false

  /// The picture as SVG: a row a family, a column a task setting.
  var picture: LineCharts {
    let panels = study.families.flatMap { family in
      study.tasks.map { task in
        LineCharts.Panel(
          title: study.tasks.count > 1 ? "\(task): \(family[0].name)" : family[0].name,
          lines: family.compactMap { line(of: $0, on: task) })
      }
    }
    return LineCharts(
      panels: panels,
      across: study.tasks.count > 1 ? study.tasks.count : min(3, study.families.count),
      xTitle: overTokens ? "tokens, estimates included" : "updates")
  }

  private func points(of method: StudyMethod, on task: String) -> [(x: Double, value: Spread)] {
    let row = rows.first { $0.task == task && $0.method.name == method.name }
    return (row?.curve(measure) ?? []).map {
      (overTokens ? $0.tokens : Double($0.update), $0.value)
    }
  }

  private func line(of method: StudyMethod, on task: String) -> LineCharts.Line? {
    let points = points(of: method, on: task)
    guard !points.isEmpty else { return nil }
    return LineCharts.Line(
      name: method.name,
      points: points.map {
        LineCharts.Point(x: $0.x, y: $0.value.mean, error: $0.value.standardError)
      })
  }
}
