import Foundation
import LanguageModel
import Tensors

/// The safetensors files of a folder: one, or several with an index.
struct WeightFiles {
  private let folder: URL
  private var files: [String: SafeTensors] = [:]
  /// Begins the names of a whole model in the files; empty where only its trunk was saved.
  private var prefix = WeightFiles.trunk
  /// What should be known of the tensors, in sentences.
  private(set) var warnings: [String] = []

  private static let trunk = "model."
  private static let single = "model.safetensors"
  private static let index = "model.safetensors.index.json"
  private static let embedding = "model.embed_tokens.weight"
  private static let output = "lm_head.weight"

  /// Whether a file's name is that of weights.
  static func isPart(_ name: String) -> Bool { name.hasSuffix(".safetensors") || name == index }

  /// Opens the files and checks their headers.
  init(_ folder: URL) throws {
    self.folder = folder
    let single = folder.appendingPathComponent(Self.single)
    if FileManager.default.fileExists(atPath: single.path) {
      let file = try SafeTensors(contentsOf: single)
      for name in file.names { files[name] = file }
    } else if let index = try optionalJSON(folder, Self.index) {
      try open(index)
    } else {
      throw ModelFileError(file: folder.path, problem: missingFiles)
    }
    try findPrefix()
  }

  /// What is said where there is neither a whole file nor an index.
  private var missingFiles: String {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    if let part = names.sorted().first(where: Self.isPart) {
      return "\(Self.single) is missing, and so is \(Self.index), which says what is in "
        + "\(quoted(part)) and the files beside it; fetch it again."
    }
    let other = names.sorted().first { $0.hasSuffix(".bin") || $0.hasSuffix(".pth") }
    return "\(Self.single) is missing"
      + (other.map { "; \(quoted($0)) is PyTorch's own format, which is not read" } ?? "")
      + "; save the model with safe_serialization, or fetch the file again."
  }

  private mutating func open(_ index: JSON) throws {
    let path = folder.appendingPathComponent(Self.index).path
    let members = index["weight_map"]?.members ?? []
    for member in members {
      guard let name = member.value.string, !name.contains("/"), !name.hasPrefix(".") else {
        throw ModelFileError(
          file: path, problem: "tensor \(quoted(member.key)) is in no file of the folder.")
      }
    }
    let names = Set(members.compactMap(\.value.string)).sorted()
    let missing = names.filter {
      !FileManager.default.fileExists(atPath: folder.appendingPathComponent($0).path)
    }
    guard missing.isEmpty else {
      let list = missing.prefix(4).map(quoted).joined(separator: ", ")
      throw ModelFileError(
        file: folder.path,
        problem: "\(missing.count) of the \(names.count) files of weights are missing: \(list)"
          + (missing.count > 4 ? " and more" : "") + "; fetch the model again.")
    }
    var opened: [String: SafeTensors] = [:]
    for name in names {
      opened[name] = try SafeTensors(contentsOf: folder.appendingPathComponent(name))
    }
    for member in members {
      guard let name = member.value.string, let file = opened[name] else { continue }
      guard file.shape(of: member.key) != nil else {
        throw ModelFileError(
          file: path,
          problem: "it says that tensor \(quoted(member.key)) is in \(quoted(name)), and it is not."
        )
      }
      files[member.key] = file
    }
  }
}

extension WeightFiles {
  /// Finds what the names of the trunk begin with.
  ///
  /// A model that was saved without its head has names without `model.`; any other beginning is
  /// that of a wrapper, and of what it holds besides nothing is known.
  private mutating func findPrefix() throws {
    let embedding = "embed_tokens.weight"
    guard files[Self.embedding] == nil else { return }
    if files[embedding] != nil || files["layers.0.input_layernorm.weight"] != nil {
      prefix = ""
      return
    }
    guard let name = files.keys.sorted().first(where: { $0.hasSuffix("." + embedding) }) else {
      return
    }
    let beginning = String(name.dropLast(embedding.count))
    throw ModelFileError(
      file: folder.path,
      problem: "the tensors' names begin with \(quoted(beginning)) instead of ‘model.’; save the "
        + "language model within it alone.")
  }

  /// The name in the files of a weight.
  private func name(_ weight: String) -> String {
    weight.hasPrefix(Self.trunk) ? prefix + weight.dropFirst(Self.trunk.count) : weight
  }

  /// The weights of a shape, every tensor's presence, size and type checked, none left over.
  ///
  /// Where a model that should have one matrix for embedding and output has two that differ, both
  /// are kept apart, as transformers 5 does.
  mutating func weights(_ architecture: inout Architecture) throws -> [StoredTensor] {
    var known = Set(architecture.parameterShapes.map { name($0.name) })
    var embedding = Self.embedding
    if architecture.tied, files[Self.output] != nil {
      known.insert(Self.output)
      if files[name(embedding)] == nil {
        known.remove(name(embedding))
        embedding = Self.output
      } else if try differ(name(embedding), Self.output) {
        architecture.tied = false
        warnings.append(
          "\(folder.path): ‘tie_word_embeddings’ is true and \(quoted(Self.output)) differs from "
            + "the embedding, so they stay two matrices, as in transformers 5; older readers take "
            + "the embedding for both.")
      }
    }
    try refuseOthers(known, architecture)
    return try architecture.parameterShapes.map { weight, shape in
      try stored(weight == Self.embedding && architecture.tied ? embedding : weight, shape)
    }
  }

  private func stored(_ weight: String, _ shape: [Int]) throws -> StoredTensor {
    let name = name(weight)
    guard let file = files[name], let found = file.shape(of: name) else {
      throw ModelFileError(file: folder.path, problem: missing(name))
    }
    guard found == shape else {
      throw ModelFileError(
        file: file.file,
        problem: "tensor \(quoted(name)) has the shape \(found), "
          + "and config.json asks for \(shape).")
    }
    return try file.stored(name)
  }

  private func missing(_ name: String) -> String {
    let remedy =
      name == Self.output
      ? "set tie_word_embeddings in config.json or add it." : "the files are of another model."
    return "the weights lack \(quoted(name)); \(remedy)"
  }

  /// Whether two tensors hold other numbers.
  private func differ(_ first: String, _ second: String) throws -> Bool {
    guard let one = try files[first]?.stored(first), let other = try files[second]?.stored(second)
    else { return false }
    return !one.holdsSame(as: other)
  }

  /// Refuses tensors that the model has no place for, unless they have no part in its numbers.
  private mutating func refuseOthers(_ known: Set<String>, _ architecture: Architecture) throws {
    let others = files.keys.filter { !known.contains($0) }.sorted()
    let heads = others.filter { name in
      ["score.", "v_head.", "value_head.", "classifier."].contains { name.hasPrefix($0) }
    }
    // Frequencies that older versions stored, and that follow from the configuration.
    let strange = others.filter { !$0.hasSuffix("rotary_emb.inv_freq") && !heads.contains($0) }
    if let name = strange.first {
      let more = strange.count > 1 ? " (and \(strange.count - 1) more)" : ""
      throw ModelFileError(
        file: files[name]?.file ?? folder.path,
        problem: "tensor \(quoted(name))\(more) has no place in a \(architecture.family.rawValue) "
          + "model as config.json describes it, and without it the numbers would be others.")
    }
    if !heads.isEmpty {
      warnings.append(
        "\(folder.path): the head \(heads.map(quoted).joined(separator: ", ")) is left out; Crux "
          + "takes the language model alone.")
    }
  }
}

/// One weight as it lies in a mapped file.
struct StoredTensor: Sendable {
  /// The file.
  let file: MappedFile
  /// Where its data begin in the file, bytes.
  let start: Int
  /// How they are stored.
  let format: StorageFormat
  /// Row-major shape; empty for a scalar.
  let shape: [Int]
  /// Width of a head whose rows lie interleaved, as GGUF keeps queries and keys of a llama; nil
  /// where the rows lie in order.
  var interleaved: Int?

  /// Number of elements.
  var count: Int { shape.reduce(1, *) }
  /// Rows; one where there are not two dimensions.
  var rows: Int { shape.count < 2 ? 1 : shape[0] }
  /// Elements of a row.
  var rowLength: Int { shape.count < 2 ? count : shape.dropFirst().reduce(1, *) }

  /// Writes rows as floats, one after another.
  func expand(_ range: Range<Int>, into floats: UnsafeMutablePointer<Float>) {
    let length = rowLength
    let bytes = format.bytes(of: length)
    guard length > 0, let base = file.bytes.baseAddress.map({ $0 + start }) else { return }
    if let head = interleaved, shape.count < 2 {
      // A bias is in the order of the rows that it belongs to.
      let stored = FloatBuffer(length)
      format.expand(base, count: length, into: stored.start)
      for row in 0..<length {
        floats[row] = stored.start[StoredTensor.interleavedRow(row, head: head)]
      }
      return
    }
    guard let head = interleaved else {
      format.expand(base + range.lowerBound * bytes, count: range.count * length, into: floats)
      return
    }
    for (index, row) in range.enumerated() {
      let source = StoredTensor.interleavedRow(row, head: head)
      format.expand(base + source * bytes, count: length, into: floats + index * length)
    }
  }

  /// The bytes of one row.
  func bytes(ofRow row: Int) -> UnsafeRawPointer? {
    let source = interleaved.map { StoredTensor.interleavedRow(row, head: $0) } ?? row
    return file.bytes.baseAddress.map { $0 + start + source * format.bytes(of: rowLength) }
  }

  /// Tells that some rows will not be read soon.
  func forget(_ rows: Range<Int>) {
    let bytes = format.bytes(of: rowLength)
    file.forget(start + rows.lowerBound * bytes..<start + rows.upperBound * bytes)
  }

  /// Whether another tensor holds the same numbers, however it stores them.
  func holdsSame(as other: StoredTensor) -> Bool {
    guard shape == other.shape else { return false }
    let (one, two) = (FloatBuffer(rowLength), FloatBuffer(rowLength))
    return (0..<rows).allSatisfy { row in
      expand(row..<row + 1, into: one.start)
      other.expand(row..<row + 1, into: two.start)
      return (0..<rowLength).allSatisfy { one.start[$0] == two.start[$0] }
    }
  }

  /// How far another tensor's numbers lie from these in some of the rows: the root of the squares'
  /// sum, as a share of these numbers' own.
  func distance(to other: StoredTensor, rows count: Int) -> Double {
    guard shape == other.shape else { return .infinity }
    let (one, two) = (FloatBuffer(rowLength), FloatBuffer(rowLength))
    var (apart, own) = (0.0, 0.0)
    for row in stride(from: 0, to: rows, by: max(1, rows / count)) {
      expand(row..<row + 1, into: one.start)
      other.expand(row..<row + 1, into: two.start)
      for index in 0..<rowLength {
        let gap = Double(one.start[index] - two.start[index])
        apart += gap * gap
        own += Double(one.start[index]) * Double(one.start[index])
      }
    }
    return own > 0 ? (apart / own).squareRoot() : .infinity
  }

  /// Where GGUF puts a row of a head that is rotated in halves: the rows of a pair side by side.
  static func interleavedRow(_ row: Int, head: Int) -> Int {
    let within = row % head
    return row - within + within % (head / 2) * 2 + within / (head / 2)
  }
}

/// Brings the weights of a file into memory, as floats or as they are, in pieces that the cores share.
struct WeightLoading {
  /// The weights in the order of the buffer, of the shapes that the architecture asks for.
  let tensors: [StoredTensor]
  let shapes: [(name: String, shape: [Int])]

  private struct Piece {
    var tensor: Int
    var rows: Range<Int>
    var count: Int
  }

  // Small enough that both cores end together, large enough that handing over costs nothing.
  private static let pieceLength = 1 << 18
  // Weights between two reports: some ten milliseconds' work.
  private static let batchLength = 1 << 23

  /// Reads everything as floats, reporting after each batch.
  func load(_ progress: WorkProgress<PartsDone>) throws(Stopped) -> Parameters {
    let parameters = Parameters(unfilled: shapes)
    guard let base = parameters.weights.baseAddress else { return parameters }
    try read(Array(tensors.indices), progress) { index, rows in
      let start = parameters.slices[index].offset + rows.lowerBound * tensors[index].rowLength
      tensors[index].expand(rows, into: base + start)
    }
    return parameters
  }

  /// Whether every matrix can stay as the file has it.
  var canStayStored: Bool {
    tensors.allSatisfy {
      $0.shape.count < 2 || StoredMatrix.holds($0.format, depth: $0.rowLength)
    }
  }

  /// Reads the matrices as they are and the vectors as floats, reporting after each batch.
  func loadStored(_ progress: WorkProgress<PartsDone>) throws(Stopped) -> Parameters {
    let isMatrix = tensors.map { $0.shape.count > 1 }
    let vectors = WeightLoading(
      tensors: zip(tensors, isMatrix).filter { !$1 }.map(\.0),
      shapes: zip(shapes, isMatrix).filter { !$1 }.map(\.0))
    let loaded = try vectors.load(.unheard)
    let matrices = tensors.enumerated().map { index, tensor in
      isMatrix[index]
        ? StoredMatrix(tensor.format, columns: tensor.rows, depth: tensor.rowLength) : nil
    }
    try read(tensors.indices.filter { isMatrix[$0] }, progress) { index, rows in
      for row in rows {
        guard let bytes = tensors[index].bytes(ofRow: row) else { continue }
        matrices[index]?.take(row, from: bytes)
      }
    }
    let named = zip(shapes, matrices).compactMap { shape, matrix in matrix.map { (shape.name, $0) }
    }
    return Parameters(
      stored: StoredWeights(
        matrices: Dictionary(uniqueKeysWithValues: named), vectors: loaded), shapes: shapes)
  }

  /// Calls `body` for pieces of the tensors, side by side, reporting after each batch.
  private func read(
    _ wanted: [Int], _ progress: WorkProgress<PartsDone>,
    _ body: (_ tensor: Int, _ rows: Range<Int>) -> Void
  ) throws(Stopped) {
    let total = wanted.reduce(0) { $0 + tensors[$1].count }
    try progress(0, of: total)
    var done = 0
    for batch in batches(of: wanted) {
      Parallel.run(batch.count) { index, _ in body(batch[index].tensor, batch[index].rows) }
      for piece in batch { tensors[piece.tensor].forget(piece.rows) }
      done += batch.reduce(0) { $0 + $1.count }
      try progress(done, of: total)
    }
  }

  private func batches(of wanted: [Int]) -> [[Piece]] {
    var batches: [[Piece]] = [[]]
    var length = 0
    for index in wanted {
      let tensor = tensors[index]
      // Whole panels of a matrix that stays as it is.
      let panel = StoredMatrix.panelColumns
      let step = (WeightLoading.pieceLength / max(1, tensor.rowLength) + panel) / panel * panel
      for row in stride(from: 0, to: tensor.rows, by: step) {
        let rows = row..<min(row + step, tensor.rows)
        if length > WeightLoading.batchLength {
          batches.append([])
          length = 0
        }
        let piece = Piece(tensor: index, rows: rows, count: rows.count * tensor.rowLength)
        batches[batches.count - 1].append(piece)
        length += piece.count
      }
    }
    return batches
  }
}
