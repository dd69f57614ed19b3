import ArgumentParser
import Foundation
import LanguageModel
import Tensors

/// Measures how fast the engine trains, reads and samples, and what memory it takes.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure training, reading, sampling, memory, and how fast the workbench answers.",
    discussion: """
      The protocol is fixed, so that figures can be compared. Shapes: tiny (vocabulary 64, width \
      128, 4 layers, 64 rows of 64 tokens), small (512, 256, 6, 32 rows of 128), embedded (the \
      policy of the samples), 135m (SmolLM2's: 49152, 576, 30, 4 rows of 256). Weights are random.

      training: forward, backward and AdamW over all weights in 32-bit floats; the tokens that are \
      predicted are counted. --gradients bf16 rounds the factors of the backward pass's products, \
      as the recipe's optimizer.gradients does, and tells how far the gradient lies from that in \
      f32. adapter: the same over an adapter of rank 16 on all linear layers.
      prefill N: reading one prompt of N tokens.
      sampling N: N rollouts at once; only new tokens count, each with its draw from the whole \
      vocabulary at temperature 1, and the time to read the prompts and draw the first token is \
      taken away. --weights bf16 draws with a copy of the weights of half the size. tiny and small: \
      16 and 32 prompt tokens, different for every rollout, then 47 and 63 counted steps. 135m and --model: one prompt of 66 tokens shared by all, then 64.

      A tenth of a second or one call warms up and is not counted. Medians of the runs, then the \
      least and the most. All shapes take about three minutes and 3 GB.

      --screen: the workbench itself at the near end of a pseudo-terminal of 120 columns and 40 rows, \
      in front of the sample run, copied and filled up to so many trajectories; keys are typed at the \
      far end at a typist's pace, and each is measured until the frame that answers it is written. \
      Frames, bytes and processor time are those of five seconds in which nobody types. Then the same \
      while the run is trained.
      """)

  @Option(
    help: "Shapes, separated by commas: tiny, small, embedded, 135m; without it all.")
  var shapes: String?

  @Option(
    help: """
      What to measure, separated by commas: training, prefill, sampling, adapter; without it all, \
      the adapter only for a --model.
      """)
  var kinds: String?

  @Option(help: "Rollouts at once, separated by commas; without it 1,8,32,64.")
  var batches: String?

  @Option(help: "Runs of each measurement, after the warm-up; without it 5.")
  var runs: Int?

  @Option(help: "Measure this model instead of the shapes.")
  var model: String?

  @Option(
    help: "How the weights are kept that tokens are drawn with: f32 (default), bf16 or f32,bf16.")
  var weights: String?

  @Option(help: "How the factors of the backward pass are kept: f32 (default), bf16 or f32,bf16.")
  var gradients: String?

  @Flag(help: "Measure what rollouts cost by how many share a prefix, on the 135m shape.")
  var prefixes = false

  @Flag(help: "Measure the peak memory of training and sampling, on the 135m shape.")
  var memory = false

  @Flag(help: "Measure how fast the workbench answers a key, and what it costs when nobody types.")
  var screen = false

  @Option(help: "With --screen: trajectories of the run, separated by commas; 160,10000,100000.")
  var trajectories: String?

  @Option(help: "With --screen: keys that are typed, in a minute at most; 500.")
  var keys: Int?

  @Flag(help: "Print JSON lines.")
  var json = false

  /// What a process that --memory or --prefixes started has to do, as JSON.
  @Option(help: .hidden)
  var part: String?

  func validate() throws {
    _ = try (benchmarkCases, wantedKinds, batchSizes, precisions(.sampling), precisions(.training))
    _ = try runSizes
    guard runs ?? 1 >= 1 else { throw ValidationError("--runs must be at least 1.") }
    guard keys ?? 1 >= 1 else { throw ValidationError("--keys must be at least 1.") }
    guard [prefixes, memory, screen].count(where: { $0 }) <= 1 else {
      throw ValidationError("Take one of --prefixes, --memory and --screen.")
    }
    try refuseUnused()
  }

  private func refuseUnused() throws {
    if model != nil {
      try refuse(["--shapes": shapes != nil], "--model is measured instead. Leave it out.")
    }
    if !screen {
      try refuse(
        ["--trajectories": trajectories != nil, "--keys": keys != nil],
        "it belongs to --screen. Leave it out.")
    }
    guard prefixes || memory || screen else { return }
    let speed: KeyValuePairs<String, Bool> = [
      "--shapes": shapes != nil, "--kinds": kinds != nil, "--batches": batches != nil,
      "--runs": runs != nil,
    ]
    let flag = prefixes ? "--prefixes" : memory ? "--memory" : "--screen"
    try refuse(speed, "\(flag) measures by a protocol of its own. Leave it out.")
    if screen {
      let engine: KeyValuePairs<String, Bool> = [
        "--model": model != nil, "--weights": weights != nil, "--gradients": gradients != nil,
      ]
      try refuse(engine, "--screen measures the sample run. Leave it out.")
    } else if memory {
      try refuse(["--weights": weights != nil], "--memory measures both. Leave it out.")
    } else {
      try refuse(["--gradients": gradients != nil], "--prefixes trains nothing. Leave it out.")
    }
  }

  func run() throws {
    if let part { return try BenchPart.run(part) }
    if prefixes { return try runPrefixes() }
    if memory { return try runMemory() }
    if screen { return try BenchScreen(sizes: runSizes, keys: keys ?? 500, json: json).run() }
    if !json { Crux.show(Machine.summary) }
    guard model == nil else {
      let subject = try BenchSubject(model: model)
      return try measure(subject.benchmarkCase, subject.policy)
    }
    for shape in try benchmarkCases { try measure(shape, nil) }
  }

  private func runPrefixes() throws {
    for weights in try precisions(.sampling) {
      try BenchPrefixes(model: model, weights: weights, json: json).run()
    }
  }

  private func runMemory() throws {
    try BenchMemory(model: model, gradients: try precisions(.training), json: json).run()
  }

  /// Training comes last, for it takes the most memory.
  private func measure(_ shape: EngineBenchmark.Case, _ loaded: Transformer?) throws {
    tellProgress("\(shape.name): weights")
    let policy = loaded ?? Transformer(randomWeightsOf: shape.architecture)
    for kind in try wantedKinds {
      for precision in try precisions(kind) {
        let benchmark = EngineBenchmark(shape, policy: policy, precision: precision)
        try measure(kind, of: shape, benchmark)
      }
      guard model != nil, kind != .prefill else { continue }
      try BenchReport(json: json).showPeak("\(shape.name), peak memory up to \(kind.rawValue)")
    }
    endProgress()
  }

  private func measure(
    _ kind: EngineBenchmark.Kind, of shape: EngineBenchmark.Case, _ benchmark: EngineBenchmark
  ) throws {
    let runs = runs ?? 5
    switch kind {
    case .prefill:
      for length in shape.prefills {
        try show("\(shape.name), prefill \(length)") {
          benchmark.prefill(length: length, runs: runs)
        }
      }
    case .sampling:
      for batch in try batchSizes {
        try show("\(shape.name), sampling \(batch)") {
          benchmark.sampling(batch: batch, runs: runs)
        }
      }
    case .adapter: try show("\(shape.name), adapter") { benchmark.adapterTraining(runs: runs) }
    case .training: try show("\(shape.name), training") { benchmark.training(runs: runs) }
    }
  }

  private func show(_ name: String, _ measure: () -> EngineBenchmark.Measurement) throws {
    tellProgress(name)
    try BenchReport(json: json).show(measure())
  }

  private var runSizes: [Int] {
    get throws {
      guard let trajectories else { return BenchScreen.sizes }
      return try trajectories.split(separator: ",").map { text in
        if let size = Int(text), (1...1_000_000).contains(size) { return size }
        throw ValidationError("“\(text)” is no number of trajectories; take 1 to 1000000.")
      }
    }
  }

  private var benchmarkCases: [EngineBenchmark.Case] {
    get throws {
      guard let shapes else { return EngineBenchmark.cases }
      return try shapes.split(separator: ",").map { name in
        let found = EngineBenchmark.cases.first { $0.name == name.lowercased() }
        if let found { return found }
        throw ValidationError("There is no shape “\(name)”; take tiny, small, embedded or 135m.")
      }
    }
  }

  private var wantedKinds: [EngineBenchmark.Kind] {
    get throws {
      guard let kinds else {
        return EngineBenchmark.Kind.allCases.filter { $0 != .adapter || model != nil }
      }
      let wanted = try kinds.split(separator: ",").map { name in
        if let kind = EngineBenchmark.Kind(rawValue: name.lowercased()) { return kind }
        let all = EngineBenchmark.Kind.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("“\(name)” is not measured; take any of \(all).")
      }
      return EngineBenchmark.Kind.allCases.filter(wanted.contains)
    }
  }

  private func precisions(_ kind: EngineBenchmark.Kind) throws -> [ProductPrecision] {
    let draws = kind == .prefill || kind == .sampling
    return try ((draws ? weights : gradients) ?? "f32").split(separator: ",").map { name in
      if let precision = ProductPrecision(rawValue: name.lowercased()) { return precision }
      throw ValidationError(
        "\(draws ? "Weights" : "Gradients") are not kept as “\(name)”; take f32 or bf16.")
    }
  }

  private var batchSizes: [Int] {
    get throws {
      guard let batches else { return EngineBenchmark.samplingBatches }
      return try batches.split(separator: ",").map { text in
        if let size = Int(text), (1...4096).contains(size) { return size }
        throw ValidationError("“\(text)” is no number of rollouts; take 1 to 4096.")
      }
    }
  }
}
