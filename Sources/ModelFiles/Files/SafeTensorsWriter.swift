public import Foundation

extension SafeTensors {
  /// One tensor to be written.
  public struct Tensor {
    /// Its name in the file.
    public var name: String
    /// Row-major shape.
    public var shape: [Int]
    private var values: Values

    private enum Values {
      case memory(UnsafeBufferPointer<Float>)
      case array([Float])
    }

    /// A tensor in memory that stays valid until it is written.
    public init(name: String, shape: [Int], values: UnsafeBufferPointer<Float>) {
      precondition(shape.reduce(1, *) == values.count, "\(name): \(shape), \(values.count) values")
      self.name = name
      self.shape = shape
      self.values = .memory(values)
    }

    /// A tensor of its own.
    public init(name: String, shape: [Int], values: [Float]) {
      precondition(shape.reduce(1, *) == values.count, "\(name): \(shape), \(values.count) values")
      self.name = name
      self.shape = shape
      self.values = .array(values)
    }

    /// Number of elements.
    public var count: Int { shape.reduce(1, *) }

    func append(to file: FileWriter) throws {
      switch values {
      case .memory(let values): try file.append(UnsafeRawBufferPointer(values))
      case .array(let values): try values.withUnsafeBytes { try file.append($0) }
      }
    }
  }

  /// Writes tensors as F32, sorted by name, aside first and renamed when complete.
  ///
  /// - Parameters:
  ///   - tensors: No name twice.
  ///   - url: Where to; a file there is replaced.
  ///   - metadata: Free texts beside `format: pt`, without which transformers 4 refuses a file.
  /// - Throws: `ModelFileError` where the disk refuses.
  public static func write(
    _ tensors: [Tensor], to url: URL, metadata: [String: String] = [:]
  ) throws {
    let tensors = tensors.sorted { $0.name < $1.name }
    var texts = metadata
    texts["format"] = "pt"
    var header: JSON = [:]
    header.set(
      "__metadata__",
      .object(texts.sorted { $0.key < $1.key }.map { JSONMember(key: $0, value: .string($1)) }))
    var members = header.members ?? []
    var offset = 0
    for tensor in tensors {
      let end = offset + tensor.count * 4
      members.append(JSONMember(key: tensor.name, value: entry(tensor.shape, offset, end)))
      offset = end
    }
    var text = JSON.object(members).compactText
    // Eight bytes of length come first, so this aligns the data to eight bytes too.
    text += String(repeating: " ", count: (8 - text.utf8.count % 8) % 8)
    try FileWriter.write(to: url) { file in
      try withUnsafeBytes(of: UInt64(text.utf8.count).littleEndian) { try file.append($0) }
      try file.append(text)
      for tensor in tensors { try tensor.append(to: file) }
    }
  }

  private static func entry(_ shape: [Int], _ begin: Int, _ end: Int) -> JSON {
    [
      "dtype": .string("F32"), "shape": .array(shape.map { .integer($0) }),
      "data_offsets": .array([.integer(begin), .integer(end)]),
    ]
  }
}
