public import Foundation
public import Trajectories

/// A study as a TOML file.
///
/// At the top stand `recipe` (the file everything starts from), `seeds`, `baseline`, and whatever
/// keys of a recipe hold for all; `[budget]` says what a training may use; `[tasks.NAME]` and
/// `[methods.NAME]` lay keys of a recipe over that. A method may name a `recipe` of its own, the
/// method it is `against`, the method whose tokens it may use (`tokens_of`), or be `untrained`.
public enum StudyFile {
  /// Whether a file is a study and not a recipe: it has methods.
  public static func isStudy(_ url: URL) throws -> Bool {
    try document(url).node(at: ["methods"]) != nil
  }

  /// Reads a study and the recipes it names, which are looked up from its folder.
  ///
  /// - Throws: A sentence for each fault, with its file and line.
  public static func read(_ url: URL) throws -> Study {
    try study(from: try document(url), in: url.deletingLastPathComponent())
  }

  /// Reads a study from a text.
  ///
  /// - Parameters:
  ///   - text: The file.
  ///   - name: What the file is called in sentences.
  ///   - folder: Where the recipes it names are.
  /// - Returns: The study.
  /// - Throws: As `read`.
  public static func study(from text: String, name: String, in folder: URL) throws -> Study {
    try study(from: try TOMLDocument(text, name: name), in: folder)
  }

  private static func study(from document: TOMLDocument, in folder: URL) throws -> Study {
    var reading = StudyReading(document: document, folder: folder)
    guard let study = reading.study() else { throw RecordsError(reading.faults) }
    return study
  }

  private static func document(_ url: URL) throws -> TOMLDocument {
    let text = try DurableFiles.text(of: url, limit: TOMLDocument.sizeLimit)
    return try TOMLDocument(text, name: url.lastPathComponent)
  }
}

/// Reads a study and collects what does not fit.
struct StudyReading {
  let document: TOMLDocument
  let folder: URL
  private(set) var faults: [String] = []
  private var files: [String: Recipe] = [:]

  /// Most methods, task settings and seeds.
  static let limit = 256
  private static let ownKeys = ["recipe", "seeds", "baseline", "budget", "tasks", "methods"]
  static let methodKeys = ["recipe", "against", "tokens_of", "untrained"]

  init(document: TOMLDocument, folder: URL) {
    self.document = document
    self.folder = folder
  }

  /// The study; nil where something is at fault.
  mutating func study() -> Study? {
    let methods = methods()
    let tasks = names("tasks")
    let seeds = seeds()
    let budget = budget()
    for place in [[], ["tasks"], ["methods"]] { refuseSeed(in: place) }
    let settings: [String?] = tasks.isEmpty ? [nil] : tasks
    let recipes = methods.map { method in
      settings.map { recipe(of: method.name, on: $0) ?? Recipe() }
    }
    guard faults.isEmpty else { return nil }
    return Study(
      methods: methods, tasks: tasks.isEmpty ? ["the task"] : tasks, recipes: recipes,
      seeds: seeds, budget: budget)
  }

  private mutating func names(_ section: String) -> [String] {
    guard let node = document.node(at: [section]) else { return [] }
    guard case .table = node else {
      fault([section], "\(section) is \(node.kind), but it is a section: write [\(section).NAME].")
      return []
    }
    let names = document.names(in: [section])
    if names.count > Self.limit {
      fault([section], "there are \(names.count) \(section); \(Self.limit) is the most.")
    }
    for name in names.prefix(Self.limit) {
      guard let inner = document.node(at: [section, name]) else { continue }
      if case .table = inner { continue }
      fault(
        [section, name],
        "\(Words.quoted(name)) is \(inner.kind), but it is a section: write [\(section).\(name)] "
          + "above its keys.")
    }
    return Array(names.prefix(Self.limit))
  }

  private mutating func seeds() -> [UInt64] {
    guard let node = document.node(at: ["seeds"]) else { return [0, 1, 2, 3, 4] }
    guard case .list(let list) = node, !list.isEmpty, list.count <= Self.limit else {
      fault(["seeds"], "seeds must be a list of whole numbers, such as [0, 1, 2].")
      return []
    }
    var found: [UInt64] = []
    for node in list {
      guard case .whole(let number) = node, let seed = UInt64(exactly: number) else {
        fault(["seeds"], "a seed must be a whole number from 0 on.")
        continue
      }
      if found.contains(seed) {
        fault(["seeds"], "the seed \(seed) stands in the list a second time; remove one.")
      }
      found.append(seed)
    }
    return found
  }

  private mutating func refuseSeed(in place: [String]) {
    let owners = place.isEmpty ? [place] : document.names(in: place).map { place + [$0] }
    for owner in owners where document.node(at: owner + ["seed"]) != nil {
      fault(owner + ["seed"], "seed is set for every training by seeds; remove it here.")
    }
  }

  /// Notes a fault once.
  mutating func fault(_ path: [String], _ sentence: String) {
    note("\(document.place(of: path)): \(sentence)")
  }

  private mutating func note(_ sentence: String) {
    if !faults.contains(sentence) { faults.append(sentence) }
  }
}

// Methods and recipes.
extension StudyReading {
  private mutating func methods() -> [StudyMethod] {
    let names = names("methods")
    if names.isEmpty { fault(["methods"], "there is no method; write [methods.NAME].") }
    let baseline = text(["baseline"])
    if let baseline { require(baseline, among: names, at: ["baseline"]) }
    let methods = names.map { name -> StudyMethod in
      let place = ["methods", name]
      let own = text(place + ["against"])
      let method = StudyMethod(
        name: name, against: own ?? (name == baseline ? nil : baseline),
        tokensOf: text(place + ["tokens_of"]), isUntrained: flag(place + ["untrained"]) ?? false)
      if let own { require(own, among: names, at: place + ["against"]) }
      if let source = method.tokensOf { require(source, among: names, at: place + ["tokens_of"]) }
      return method
    }
    for method in methods { check(method, among: methods) }
    return methods
  }

  private mutating func check(_ method: StudyMethod, among methods: [StudyMethod]) {
    let place = ["methods", method.name]
    if method.against == method.name {
      fault(place + ["against"], "a method cannot be compared with itself.")
    }
    guard let source = methods.first(where: { $0.name == method.tokensOf }) else { return }
    if source.tokensOf != nil || source.isUntrained || method.isUntrained {
      fault(
        place + ["tokens_of"],
        "tokens_of joins two methods that train, of which the other has a budget of its own.")
    }
  }

  private mutating func require(_ name: String, among names: [String], at place: [String]) {
    guard !names.contains(name) else { return }
    fault(
      place, "there is no method \(Words.quoted(name)); \(Words.choice(names, insteadOf: name)).")
  }

  /// The recipe of a method on a task setting; nil where something is at fault.
  private mutating func recipe(of method: String, on task: String?) -> Recipe? {
    let own = text(["methods", method, "recipe"])
    guard var recipe = file(own ?? text(["recipe"]), at: own == nil ? [] : ["methods", method])
    else { return nil }
    var layers: [[String]] = [[], ["methods", method]]
    if let task { layers.insert(["tasks", task], at: 1) }
    for layer in layers {
      guard case .table(var table)? = document.node(at: layer) else { continue }
      let known = layer.isEmpty ? Self.ownKeys : layer[0] == "methods" ? Self.methodKeys : []
      for key in known + ["seed"] { table[key] = nil }
      guard let laid = lay(table, at: layer, over: recipe) else { return nil }
      recipe = laid
    }
    if case .whole(let updates)? = document.node(at: ["budget", "updates"]) {
      recipe.updates = updates
    }
    for problem in recipe.problems() {
      let reading = RecipeReading(document: document, base: recipe)
      let places = layers.map { reading.path(ofProblem: problem, below: $0) }
      let place = places.last { document.node(at: $0) != nil } ?? places[places.count - 1]
      fault(place, "\(method)\(task.map { " on \($0)" } ?? ""): \(problem)")
    }
    return recipe
  }

  private mutating func lay(
    _ table: [String: TOMLNode], at place: [String], over recipe: Recipe
  ) -> Recipe? {
    var reading = RecipeReading(document: document, base: recipe)
    reading.prefix = place
    reading.take(table)
    reading.faults.forEach { note($0) }
    return reading.faults.isEmpty ? reading.recipe : nil
  }

  private mutating func file(_ name: String?, at place: [String]) -> Recipe? {
    guard let name else { return Recipe() }
    if let known = files[name] { return known }
    do {
      let recipe = try RecipeFile.read(URL(fileURLWithPath: name, relativeTo: folder))
      files[name] = recipe
      return recipe
    } catch {
      fault(place + ["recipe"], "the recipe \(Words.quoted(name)) cannot be used: \(error)")
      return nil
    }
  }
}

// Single values, and the budget.
extension StudyReading {
  private mutating func text(_ place: [String]) -> String? {
    guard let node = document.node(at: place) else { return nil }
    guard case .text(let text) = node else {
      fault(place, "\(place.last ?? "") is \(node.kind); it must be a text in quotes.")
      return nil
    }
    return text
  }

  private mutating func flag(_ place: [String]) -> Bool? {
    guard let node = document.node(at: place) else { return nil }
    guard case .flag(let flag) = node else {
      fault(place, "\(place.last ?? "") is \(node.kind); it must be true or false.")
      return nil
    }
    return flag
  }

  private mutating func budget() -> TrainingBudget {
    var budget = TrainingBudget()
    guard let node = document.node(at: ["budget"]) else { return budget }
    guard case .table = node else {
      fault(["budget"], "budget is \(node.kind), but it is a section: write [budget].")
      return budget
    }
    let allowed = ["updates", "tokens", "estimation", "seconds"]
    for key in document.names(in: ["budget"]) where !allowed.contains(key) {
      let choice = Words.choice(allowed, insteadOf: key)
      fault(["budget", key], "\(Words.quoted(key)) is not a key of [budget]; \(choice).")
    }
    _ = number("updates", in: 0...1_000_000, isWhole: true)
    budget.tokens = number("tokens", in: 1...1e15, isWhole: true).map { Int($0) }
    budget.seconds = number("seconds", in: 0.001...1e9, isWhole: false)
    budget.countsEstimation = flag(["budget", "estimation"]) ?? true
    return budget
  }

  private mutating func number(
    _ key: String, in range: ClosedRange<Double>, isWhole: Bool
  ) -> Double? {
    let value: Double
    switch document.node(at: ["budget", key]) {
    case nil: return nil
    case .whole(let number): value = Double(number)
    case .number(let number) where !isWhole: value = number
    case let node?:
      let kind = isWhole ? "a whole number" : "a number"
      fault(["budget", key], "budget.\(key) is \(node.kind); it must be \(kind).")
      return nil
    }
    guard range.contains(value) else {
      fault(["budget", key], "budget.\(key) is out of range; take less than \(range.upperBound).")
      return nil
    }
    return value
  }
}
