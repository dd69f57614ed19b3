import Foundation
import Tensors
import Testing

@Suite struct StorageFormatTests {
  private struct Blocks: Decodable {
    var types: [Kind]
  }

  private struct Kind: Decodable {
    var type: String
    var block_size: Int
    var bytes_per_block: Int
    var cases: [Case]
  }

  private struct Case: Decodable {
    var name: String
    var raw_b64: Data
    var f32_b64: Data
    var source_f32_b64: Data?
  }

  private static func floats(_ data: Data) -> [Float] {
    stride(from: 0, to: data.count, by: 4).map { at in
      Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(data[at + $1]) << (8 * UInt32($1)) })
    }
  }

  private func kinds() throws -> [Kind] {
    try ["blocks", "unequal"].flatMap { name in
      let url = Fixtures.golden.appendingPathComponent("quant/\(name).json")
      return try JSONDecoder().decode(Blocks.self, from: Data(contentsOf: url)).types
    }
  }

  @Test func `stored blocks become the reference floats bit for bit`() throws {
    let kinds = try kinds()
    #expect(kinds.count == StorageFormat.allCases.count - 1)
    for kind in kinds {
      let format = try #require(StorageFormat(rawValue: kind.type))
      #expect(format.blockLength == kind.block_size)
      #expect(format.blockBytes == kind.bytes_per_block)
      for example in kind.cases {
        let expected = Self.floats(example.f32_b64)
        var found = [Float](repeating: 0, count: expected.count)
        #expect(format.bytes(of: expected.count) == example.raw_b64.count)
        // One byte further, so that nothing relies on alignment.
        let raw = [0] + [UInt8](example.raw_b64)
        raw.withUnsafeBytes { raw in
          guard let start = raw.baseAddress else { return }
          format.expand(start + 1, count: expected.count, into: &found)
        }
        let equal = zip(found, expected).allSatisfy {
          $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN)
        }
        #expect(equal, "\(kind.type), \(example.name)")
      }
    }
  }

  @Test func `halves and blocks of 8 bits are written as the reference writes them`() throws {
    var compared = 0
    for kind in try kinds() {
      let format = try #require(StorageFormat(rawValue: kind.type))
      guard StorageFormat.writable.contains(format) else { continue }
      for example in kind.cases {
        guard let source = example.source_f32_b64.map(Self.floats) else { continue }
        var stored = [UInt8](repeating: 0, count: example.raw_b64.count)
        stored.withUnsafeMutableBytes { stored in
          guard let start = stored.baseAddress else { return }
          format.store(source, count: source.count, into: start)
        }
        #expect(stored == [UInt8](example.raw_b64), "\(kind.type), \(example.name)")
        compared += 1
      }
    }
    #expect(compared == 3)
  }

  @Test func `every half comes back from a float as it was`() {
    let halves = (0...UInt16.max).map { $0 }
    var floats = [Float](repeating: 0, count: halves.count)
    halves.withUnsafeBytes { raw in
      guard let start = raw.baseAddress else { return }
      StorageFormat.f16.expand(start, count: halves.count, into: &floats)
    }
    var again = [UInt16](repeating: 0, count: halves.count)
    again.withUnsafeMutableBytes { raw in
      guard let start = raw.baseAddress else { return }
      StorageFormat.f16.store(floats, count: floats.count, into: start)
    }
    for (half, back) in zip(halves, again) {
      let isNaN = half & 0x7C00 == 0x7C00 && half & 0x3FF != 0
      #expect(isNaN ? back & 0x7C00 == 0x7C00 && back & 0x3FF != 0 : back == half)
    }
  }
}
