import Foundation
import Trajectories

/// Reads events that an older Crux wrote, before a recipe or the metrics had all of today's fields.
enum EventDefaults {
  /// The payload with the fields it lacks filled in by their defaults; nil where none are known.
  static func filled(_ payload: Data, encoder: JSONEncoder) -> Data? {
    let start = RunStart(recipe: Recipe(), machine: "", parameters: 0, version: "")
    let whole: [RunEvent] = [.started(start), .updated(Metrics()), .evaluated(EvaluationResult())]
    guard let written = object(payload),
      let template = whole.compactMap({ (try? encoder.encode($0)).flatMap(object) })
        .first(where: { $0.keys.first == written.keys.first })
    else { return nil }
    return try? JSONSerialization.data(withJSONObject: merged(template, with: written))
  }

  private static func object(_ data: Data) -> [String: Any]? {
    (try? JSONSerialization.jsonObject(with: data)) as? [String: Any]
  }

  private static func merged(_ old: [String: Any], with new: [String: Any]) -> [String: Any] {
    var whole = old.merging(new) { old, new in
      guard let old = old as? [String: Any], let new = new as? [String: Any] else { return new }
      return merged(old, with: new)
    }
    // The name the estimators had when there were two of them.
    if old["estimator"] != nil, new["adaptive"] as? Bool == true { whole["estimator"] = "top-two" }
    return whole
  }
}
