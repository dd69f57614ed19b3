/// Reads the parts of a GGUF header one after another and never beyond its end.
struct GGUFReader {
  /// Bytes of the file.
  let size: Int
  /// Where the next part begins, bytes.
  private(set) var position = 0
  private let file: MappedFile
  private let name: String

  // A vocabulary of a quarter of a million tokens takes 10 MB.
  private static let longestHeader = 1 << 26
  private static let longestArray: UInt64 = 1 << 20
  private static let deepestArray = 4

  /// A reader at the beginning of a file; `name` is named in errors.
  init(_ file: MappedFile, name: String) {
    self.file = file
    self.name = name
    size = file.bytes.count
  }

  /// An error about a file that breaks a rule of the format.
  func error(_ problem: String) -> ModelFileError {
    refusal(problem + " The file is damaged or not GGUF.")
  }

  /// An error about the file.
  func refusal(_ problem: String) -> ModelFileError { ModelFileError(file: name, problem: problem) }

  /// The next bytes.
  mutating func bytes(_ count: Int) throws -> UnsafeRawBufferPointer {
    guard count <= min(size, GGUFReader.longestHeader) - position else {
      let limit = size > GGUFReader.longestHeader ? "byte \(GGUFReader.longestHeader)" : "the end"
      throw error("Its header goes on beyond \(limit) of the file.")
    }
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: file.bytes[position..<position + count])
  }

  /// The next number.
  mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type
  ) throws -> Value {
    Value(littleEndian: try bytes(MemoryLayout<Value>.size).loadUnaligned(as: Value.self))
  }

  /// The next string.
  mutating func string(longest: UInt64) throws -> String {
    let length = try integer(UInt64.self)
    guard length <= longest else {
      throw error("A text at byte \(position) claims \(length) bytes; \(longest) are allowed.")
    }
    return String(decoding: try bytes(Int(length)), as: UTF8.self)
  }

  /// The next key with its value, which is checked but not copied.
  mutating func entry() throws -> (key: String, value: GGUFValue) {
    let key = try string(longest: 65535)
    guard !key.isEmpty else { throw error("A key at byte \(position) is empty.") }
    let type = try type(of: key)
    let start = position
    try skip(type, key, depth: 0)
    return (key, GGUFValue(type: type, bytes: GGUFBytes(file: file, range: start..<position)))
  }

  private mutating func type(of key: String) throws -> GGUFValueType {
    let number = try integer(UInt32.self)
    guard let type = GGUFValueType(rawValue: number) else {
      throw error("Its key \(quoted(key)) has a value of the unknown type \(number).")
    }
    return type
  }

  private mutating func skip(_ type: GGUFValueType, _ key: String, depth: Int) throws {
    if let width = type.width {
      _ = try bytes(width)
    } else if type == .string {
      let length = try integer(UInt64.self)
      guard length <= UInt64(size) else {
        throw error("The text of its key \(quoted(key)) claims \(length) bytes.")
      }
      _ = try bytes(Int(length))
    } else {
      try skipArray(key, depth: depth)
    }
  }

  private mutating func skipArray(_ key: String, depth: Int) throws {
    guard depth < GGUFReader.deepestArray else {
      throw error("The arrays of its key \(quoted(key)) are nested too deeply.")
    }
    let element = try type(of: key)
    let count = try integer(UInt64.self)
    guard count <= GGUFReader.longestArray else {
      throw error(
        "The array of its key \(quoted(key)) claims \(count) elements; "
          + "at most \(GGUFReader.longestArray) are allowed.")
    }
    if let width = element.width {
      _ = try bytes(Int(count) * width)
    } else {
      for _ in 0..<count { try skip(element, key, depth: depth + 1) }
    }
  }
}
