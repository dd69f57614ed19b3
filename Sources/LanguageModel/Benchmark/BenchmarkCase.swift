extension EngineBenchmark {
  /// What is measured: a shape, its training batch and its rollouts.
  public struct Case: Sendable {
    /// Name as in the tables of results.
    public var name: String
    /// Shape of the policy.
    public var architecture: Architecture
    /// Rows of a training batch.
    public var rows: Int
    /// Predicted tokens of each of them.
    public var rowLength: Int
    /// Tokens of a prompt.
    public var prompt: Int
    /// New tokens of a rollout; the first comes with the prompt, each other one takes a step.
    public var newTokens: Int
    /// Whether the rollouts of a batch go on from one prompt, as they do from a step of an answer;
    /// otherwise each has a prompt of its own.
    public var sharesPrompt: Bool
    /// Lengths of the prompts whose reading is measured by itself.
    public var prefills: [Int]
  }

  /// The shapes of the protocol by their names.
  public static let cases = [tiny, small, embedded, medium]

  /// Batch sizes that sampling is measured at.
  public static let samplingBatches = [1, 8, 32, 64]
}

extension EngineBenchmark.Case {
  /// A shape with prompts of their own for the rollouts; the training rows fill the context.
  public init(
    name: String, architecture: Architecture, rows: Int, prompt: Int, newTokens: Int
  ) {
    self.name = name
    self.architecture = architecture
    self.rows = rows
    rowLength = architecture.contextLength
    self.prompt = prompt
    self.newTokens = newTokens
    sharesPrompt = false
    prefills = [prompt]
  }

  /// A language model of the size people use: 4 rows of 256 tokens, rollouts of 65 tokens from one
  /// prompt of 66, prompts of 66 and of 512 tokens; less where the context is shorter.
  public init(name: String, model architecture: Architecture) {
    let context = architecture.contextLength
    let prompt = max(1, min(66, context / 2))
    self.init(
      name: name, architecture: architecture, rows: 4, prompt: prompt,
      newTokens: max(1, min(65, context - prompt)))
    rowLength = min(256, context)
    sharesPrompt = true
    prefills = [prompt, min(512, context - 1)].filter { $0 > 0 }
  }
}

extension EngineBenchmark {
  /// Vocabulary 64, width 128, 4 layers, 4 heads, hidden 352, context 64, batch 64.
  public static var tiny: Case {
    Case(
      name: "tiny", architecture: shape(64, 128, 4, 4, 352, 64), rows: 64, prompt: 16,
      newTokens: 48)
  }

  /// Vocabulary 512, width 256, 6 layers, 8 heads, hidden 688, context 128, batch 32.
  public static var small: Case {
    Case(
      name: "small", architecture: shape(512, 256, 6, 8, 688, 128), rows: 32, prompt: 32,
      newTokens: 64)
  }

  /// The policy of the built-in task: vocabulary 54, width 64, 2 layers, 256 rows of 37 tokens.
  public static var embedded: Case {
    Case(
      name: "embedded", architecture: shape(54, 64, 2, 4, 176, 37), rows: 256, prompt: 8,
      newTokens: 29)
  }

  /// The shape of SmolLM2-135M: 30 layers, 3 key heads of 9, vocabulary 49152, context 8192.
  public static var medium: Case {
    var shape = shape(49152, 576, 30, 9, 1536, 8192)
    shape.keyHeads = 3
    shape.ropeBase = 100_000
    shape.tied = true
    return Case(name: "135m", model: shape)
  }

  private static func shape(
    _ vocabulary: Int, _ width: Int, _ layers: Int, _ heads: Int, _ hidden: Int, _ context: Int
  ) -> Architecture {
    var shape = Architecture()
    shape.vocabulary = vocabulary
    shape.width = width
    shape.layers = layers
    shape.heads = heads
    shape.keyHeads = heads
    shape.headWidth = width / heads
    shape.hidden = hidden
    shape.contextLength = context
    shape.tied = true
    return shape
  }
}

extension Architecture {
  /// Bytes that keys and values of one token take in all layers.
  public var keyValueBytes: Int {
    2 * keyHeads * headWidth * layers * MemoryLayout<Float>.stride
  }
}
