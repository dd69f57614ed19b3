import ArgumentParser
import Foundation

/// Refuses options that a command would not look at.
///
/// - Parameters:
///   - options: Options as they are written, each with whether it was given.
///   - reason: What decides in their place, and what to do.
/// - Throws: A sentence that names those that were given.
func refuse(_ options: KeyValuePairs<String, Bool>, _ reason: String) throws {
  let given = options.filter(\.value).map(\.key)
  guard given.isEmpty else {
    throw ValidationError("\(given.joined(separator: ", ")) would change nothing: \(reason)")
  }
}

extension RecipeOptions {
  /// Refuses all of these choices where something else decides; `reason` says what.
  func refuse(_ reason: String) throws {
    try Crux.refuse(
      [
        "--set": !changes.isEmpty, "--seed": seed != nil, "--model": model != nil,
        "--adapter": adapter != nil,
      ], reason)
  }

  /// Refuses the seed of one training where there are several.
  func refuseSeed(_ reason: String) throws {
    try Crux.refuse(["--seed": seed != nil, "--set seed": sets("seed")], reason)
  }
}
