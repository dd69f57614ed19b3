import Foundation
import LanguageModel
import Learning
import ModelFiles
import Trajectories

extension LoadedModel {
  /// The model with the adapter that a recipe asks for, new or from a folder; itself where none is.
  func adapted(as recipe: Recipe, besides folder: URL?) throws -> LoadedModel {
    let choice = recipe.adapter
    if choice.start != AdapterChoice.new {
      let place = try Locations.adapter(choice.start, besides: folder)
      return adapted(by: try AdapterFiles.load(place, for: policy.architecture))
    }
    guard var settings = choice.settings else { return self }
    // A name on the hub is of use to everyone, a path only here.
    let isCached = self.folder.path.contains("/models--")
    settings.baseName = isCached ? recipe.model : self.folder.standardizedFileURL.path
    return adapted(
      by: LowRankAdapter(
        architecture: policy.architecture, settings: settings,
        seed: recipe.seed(for: .adapter, [])))
  }
}

extension Locations {
  /// A folder with an adapter: a path from the recipe's folder or from the working directory.
  static func adapter(_ name: String, besides folder: URL?) throws -> URL {
    let here = URL(fileURLWithPath: FileManager.default.currentDirectoryPath, isDirectory: true)
    let places = [folder, here].compactMap { $0 }.map { URL(fileURLWithPath: name, relativeTo: $0) }
    guard let found = places.first(where: AdapterFiles.isAdapter) else {
      throw Complaint(
        "The adapter \(name) was not found: no adapter_config.json in "
          + places.map(\.path).joined(separator: ", ") + ".")
    }
    return found.absoluteURL.standardizedFileURL
  }
}
