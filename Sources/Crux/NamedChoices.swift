public import ArgumentParser
import Foundation
import Learning
public import Trajectories

// What a list of choices is read by; the parser names all of them where one is none.
extension Rule: ExpressibleByArgument {}
extension Estimator: ExpressibleByArgument {}
extension PromptStyle: ExpressibleByArgument {}
extension Measure: ExpressibleByArgument {}

extension Rule {
  /// The rules that an option names, separated by commas.
  ///
  /// - Throws: A sentence that names the rules there are, where one is none or nothing is named.
  static func named(in list: String, valuesOnly: Bool = false) throws -> [Rule] {
    let known = allCases.filter { $0.looksAtValues || !valuesOnly }
    let words = list.split(separator: ",", omittingEmptySubsequences: false)
    return try words.map { word in
      let name = word.trimmingCharacters(in: .whitespaces)
      guard let rule = known.first(where: { $0.rawValue == name }) else {
        let kind = valuesOnly ? "no rule that looks at values" : "no rule"
        let all = known.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("“\(name)” is \(kind); those are \(all).")
      }
      return rule
    }
  }
}
