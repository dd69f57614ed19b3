public import Foundation
import LanguageModel
public import Tensors

extension ModelFiles {
  /// Writes a GGUF file of version 3 that llama.cpp loads, aside first and renamed when complete.
  ///
  /// Vectors stay F32. In a file of Q8_0 a matrix whose rows are no multiple of 32 is F16. What a
  /// GGUF that this came from says of the model besides is kept where it still holds.
  ///
  /// - Parameters:
  ///   - url: Where to; a GGUF that is there is replaced, any other file is not.
  ///   - format: How matrices are stored, one of `StorageFormat.writable`.
  /// - Throws: `ModelFileError` where the disk refuses, another file is there, or the model has
  ///   what the format cannot say.
  public func saveGGUF(to url: URL, format: StorageFormat = .f32) throws {
    guard StorageFormat.writable.contains(format) else {
      throw ModelFileError(
        file: url.path, problem: "\(format.rawValue) is only read; write F32, F16 or Q8_0.")
    }
    if FileManager.default.fileExists(atPath: url.path), !GGUF.isGGUF(url) {
      throw ModelFileError(
        file: url.path, problem: "there is something that is no GGUF file; name a new file.")
    }
    if let problem = architecture.unwritable(as: .gguf) {
      throw ModelFileError(file: url.path, problem: problem)
    }
    let keys = try ggufKeys(format, file: url.path)
    let divisors = architecture.ropeScaling == nil ? [] : architecture.ropeDivisors
    try divisors.withUnsafeBufferPointer { divisors in
      var tensors = try parameters.slices.map { try tensor($0, format, file: url.path) }
      if !divisors.isEmpty {
        tensors.append(
          GGUFTensor(
            name: GGUFNames.rotation, shape: [divisors.count], format: .f32, values: divisors))
      }
      try FileWriter.write(to: url) { try ModelFiles.write(keys, tensors, to: $0) }
    }
  }

  private func tensor(
    _ slice: ParameterSlice, _ format: StorageFormat, file: String
  ) throws -> GGUFTensor {
    let values = UnsafeBufferPointer(rebasing: parameters.weights[slice.range])
    let names = GGUFNames(architecture: architecture)
    var chosen = format
    if slice.shape.count < 2 {
      chosen = .f32
    } else if (slice.shape.last ?? 0) % format.blockLength != 0 {
      chosen = .f16
    }
    let most: Float = chosen == .f16 ? 65504 : .greatestFiniteMagnitude
    if chosen != .f32, !values.allSatisfy({ $0.magnitude <= most }) {
      throw ModelFileError(
        file: file,
        problem: "tensor \(quoted(slice.name)) has numbers that \(chosen.rawValue) cannot hold; "
          + "write F32.")
    }
    return GGUFTensor(
      name: names.name(of: slice.name), shape: slice.shape, format: chosen, values: values,
      interleaved: names.interleaved(slice.name))
  }

  private static func write(
    _ keys: GGUFKeys, _ tensors: [GGUFTensor], to file: FileWriter
  ) throws {
    let alignment = 32
    func padding(_ length: Int) -> [UInt8] {
      [UInt8](repeating: 0, count: (alignment - length % alignment) % alignment)
    }
    var header = Array("GGUF".utf8) + GGUFKeys.bytes(UInt32(3))
    header += GGUFKeys.bytes(UInt64(tensors.count)) + GGUFKeys.bytes(UInt64(keys.entries.count))
    header += keys.bytes
    var offset = 0
    for tensor in tensors {
      header += tensor.description(offset: offset)
      offset += tensor.length + padding(tensor.length).count
    }
    header += padding(header.count)
    try header.withUnsafeBytes { try file.append($0) }
    for tensor in tensors {
      let bytes = tensor.stored()
      try (bytes + padding(bytes.count)).withUnsafeBytes { try file.append($0) }
    }
  }
}

/// The keys of a GGUF file that is to be written, each with its value's type and bytes.
struct GGUFKeys {
  private(set) var entries: [(key: String, type: GGUFValueType, bytes: [UInt8])] = []

  /// The header's part of keys and values.
  var bytes: [UInt8] {
    entries.flatMap { GGUFKeys.bytes($0.key) + GGUFKeys.bytes($0.type.rawValue) + $0.bytes }
  }

  /// Sets a key; one that is there keeps its place.
  mutating func set(_ key: String, _ type: GGUFValueType, _ bytes: [UInt8]) {
    if let index = entries.firstIndex(where: { $0.key == key }) {
      entries[index] = (key, type, bytes)
    } else {
      entries.append((key, type, bytes))
    }
  }

  /// Sets a key to a text.
  mutating func set(_ key: String, _ text: String) { set(key, .string, GGUFKeys.bytes(text)) }

  /// Sets a key to a number below 2^32.
  mutating func set(_ key: String, _ number: Int) {
    set(key, .uint32, GGUFKeys.bytes(UInt32(clamping: number)))
  }

  /// Sets a key to a 32-bit float.
  mutating func set(_ key: String, _ number: Float) {
    set(key, .float32, GGUFKeys.bytes(number.bitPattern))
  }

  /// Sets a key to a truth value.
  mutating func set(_ key: String, _ flag: Bool) { set(key, .bool, [flag ? 1 : 0]) }

  /// Sets a key to texts.
  mutating func set(_ key: String, _ texts: [String]) {
    set(key, .array, GGUFKeys.arrayHead(.string, texts.count) + texts.flatMap(GGUFKeys.bytes))
  }

  /// Sets a key to numbers.
  mutating func set(_ key: String, _ numbers: [Int32]) {
    set(key, .array, GGUFKeys.arrayHead(.int32, numbers.count) + numbers.flatMap(GGUFKeys.bytes))
  }

  /// A number, little-endian.
  static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }

  /// A text after its length.
  static func bytes(_ text: String) -> [UInt8] { bytes(UInt64(text.utf8.count)) + text.utf8 }

  private static func arrayHead(_ type: GGUFValueType, _ count: Int) -> [UInt8] {
    bytes(type.rawValue) + bytes(UInt64(count))
  }
}

/// A tensor of a GGUF file that is to be written.
struct GGUFTensor {
  /// Its name in GGUF.
  let name: String
  /// Row-major shape.
  let shape: [Int]
  /// How it is stored.
  let format: StorageFormat
  /// Its numbers, row-major.
  let values: UnsafeBufferPointer<Float>
  /// Width of a head whose rows are to be interleaved; nil leaves them in order.
  var interleaved: Int?

  /// Bytes in the file, without what fills up to the alignment.
  var length: Int { format.bytes(of: values.count) }

  /// The description in the header; `offset` is within the data, bytes.
  func description(offset: Int) -> [UInt8] {
    GGUFKeys.bytes(name) + GGUFKeys.bytes(UInt32(shape.count))
      + shape.reversed().flatMap { GGUFKeys.bytes(UInt64($0)) }
      + GGUFKeys.bytes(GGUFTensorType.number(format)) + GGUFKeys.bytes(UInt64(offset))
  }

  /// The numbers as they are stored.
  func stored() -> [UInt8] {
    let rows = shape.count < 2 ? 1 : shape[0]
    let rowLength = values.count / max(1, rows)
    let rowBytes = format.bytes(of: rowLength)
    return [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
      guard let to = UnsafeMutableRawPointer(buffer.baseAddress), let from = values.baseAddress
      else { return }
      if let head = interleaved, shape.count < 2 {
        for row in 0..<values.count {
          let place = StoredTensor.interleavedRow(row, head: head)
          format.store(from + row, count: 1, into: to + place * format.bytes(of: 1))
        }
      } else {
        for row in 0..<rows {
          let place = interleaved.map { StoredTensor.interleavedRow(row, head: $0) } ?? row
          format.store(from + row * rowLength, count: rowLength, into: to + place * rowBytes)
        }
      }
      count = length
    }
  }
}

extension ModelFiles {
  /// Beginnings of keys that the way of writing decides, not the model.
  private static let dropped = ["general.alignment", "split.", "quantize."]

  /// Everything that a GGUF of this model says before its tensors.
  func ggufKeys(_ format: StorageFormat, file: String) throws -> GGUFKeys {
    var keys = GGUFKeys()
    let family = architecture.family.rawValue
    keys.set("general.architecture", family)
    keys.set("general.type", "model")
    let origin = tokenizer.map { if case .json = $0.origin { true } else { false } } ?? true
    let keepsTokenizer = metadata != nil && origin
    let name = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
    keys.set("general.name", name)
    let dropped =
      ModelFiles.dropped + ["\(family).rope.scal"] + (keepsTokenizer ? [] : ["tokenizer."])
    for key in metadata?.keys ?? [] {
      guard let value = metadata?[key], !dropped.contains(where: { key.hasPrefix($0) })
      else { continue }
      keys.set(key, value.type, [UInt8](value.bytes.raw))
    }
    keys.set("general.architecture", family)
    keys.set("general.file_type", [StorageFormat.f32: 0, .f16: 1, .q80: 7][format] ?? 0)
    keys.set("general.quantization_version", 2)
    setShape(&keys, family)
    if !keepsTokenizer { try setTokenizer(&keys, file: file) }
    return keys
  }

  private func setShape(_ keys: inout GGUFKeys, _ family: String) {
    let shape = architecture
    for (name, number) in [
      ("context_length", shape.contextLength), ("embedding_length", shape.width),
      ("block_count", shape.layers), ("feed_forward_length", shape.hidden),
      ("attention.head_count", shape.heads), ("attention.head_count_kv", shape.keyHeads),
      ("attention.key_length", shape.headWidth), ("attention.value_length", shape.headWidth),
      ("rope.dimension_count", shape.headWidth), ("vocab_size", shape.vocabulary),
    ] {
      keys.set("\(family).\(name)", number)
    }
    keys.set("\(family).attention.layer_norm_rms_epsilon", shape.normEpsilon)
    keys.set("\(family).rope.freq_base", Float(shape.ropeBase))
    if shape.ropeFactor != 1 {
      keys.set("\(family).rope.scaling.type", "linear")
      keys.set("\(family).rope.scaling.factor", Float(shape.ropeFactor))
    }
  }

  private func setTokenizer(_ keys: inout GGUFKeys, file: String) throws {
    guard let tokenizer else {
      keys.set("tokenizer.ggml.model", "no_vocab")
      return
    }
    let words = try tokenizer.ggufWords(count: architecture.vocabulary, file: file)
    keys.set("tokenizer.ggml.model", "gpt2")
    keys.set("tokenizer.ggml.pre", words.cut.rawValue)
    keys.set("tokenizer.ggml.tokens", words.tokens)
    keys.set("tokenizer.ggml.token_type", words.types)
    keys.set("tokenizer.ggml.merges", words.merges)
    let begin = tokenizer.beginToken ?? configuration.beginToken
    let end = endToken
    let others = endTokens.filter { $0 != end }.sorted()
    for (name, token) in [
      ("bos", begin), ("eos", end), ("eot", others.first),
      ("padding", tokenizer.padToken ?? configuration.padToken),
    ] {
      if let token { keys.set("tokenizer.ggml.\(name)_token_id", Int(token)) }
    }
    keys.set("tokenizer.ggml.add_bos_token", !tokenizer.prefix.isEmpty)
    keys.set("tokenizer.ggml.add_eos_token", !tokenizer.suffix.isEmpty)
    keys.set("tokenizer.ggml.add_space_prefix", false)
    if let template = tokenizer.chatTemplateText {
      keys.set("tokenizer.chat_template", template)
    }
  }
}

/// A vocabulary as GGUF lists it.
struct GGUFWords {
  /// Text of each id.
  var tokens: [String]
  /// Kind of each id: 1 normal, 3 control, 4 user-defined, 5 unused.
  var types: [Int32]
  /// Pairs with a space between, in the order of their rank.
  var merges: [String]
  /// How texts are cut.
  var cut: GGUFPreTokenizer
}

extension Tokenizer {
  /// The vocabulary as GGUF lists it; ids up to `count` that have no text are unused.
  ///
  /// - Throws: `ModelFileError` where GGUF has no words for how this tokenizer works.
  func ggufWords(count: Int, file: String) throws -> GGUFWords {
    let json = try parsed()
    guard case .bytePairs(let model) = self.model, let cut = ggufCut(model) else {
      throw ModelFileError(
        file: file,
        problem: "GGUF cannot say how this model's tokenizer cuts texts; save a folder instead.")
    }
    let added = try TokenizerReader(json: json, file: file).words().added
    let kinds = Dictionary(
      added.map { ($0.id, Int32($0.special ? 3 : 4)) }, uniquingKeysWith: { first, _ in first })
    let ids = 0..<max(count, vocabularySize)
    func text(_ id: Int) -> String? { id < vocabularySize ? vocabulary.texts[id] : nil }
    return GGUFWords(
      tokens: ids.map { text($0) ?? "[PAD\($0)]" },
      types: ids.map { text($0) == nil ? 5 : kinds[Token($0)] ?? 1 },
      merges: (json["model"]?["merges"]?.array ?? []).compactMap { entry in
        entry.string ?? entry.array?.compactMap(\.string).joined(separator: " ")
      }, cut: cut)
  }

  private func ggufCut(_ model: BytePairModel) -> GGUFPreTokenizer? {
    guard model.unknown == nil, prefix.count < 2, suffix.count < 2 else { return nil }
    let found = GGUFPreTokenizer.allCases.filter {
      $0.steps == steps && $0.takesWholeWords == (model.wholePieces != nil)
    }
    return found.first { $0.composes == composes } ?? found.first
  }

  private func parsed() throws -> JSON {
    switch origin {
    case .json(let json): json
    case .bytes(let bytes): try JSONReader.read(bytes, file: "tokenizer.json")
    }
  }
}
