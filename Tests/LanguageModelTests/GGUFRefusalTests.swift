import Foundation
import Glibc
import LanguageModel
import Testing

@testable import ModelFiles

@Suite struct GGUFRefusalTests {
  private func problem(_ change: (inout GGUFBytes) -> Void) -> String {
    var file = GGUFBytes()
    change(&file)
    return Fixtures.problem { _ = try GGUF(parsing: file.bytes, file: "x.gguf") }
  }

  @Test func `a well-formed file is read, keys of every type in it`() throws {
    var file = GGUFBytes()
    let widths: [(UInt32, Int)] = [
      (0, 1), (1, 1), (2, 2), (3, 2), (4, 4), (5, 4), (6, 4), (7, 1), (10, 8), (11, 8), (12, 8),
    ]
    file.keys = widths.map { GGUFBytes.key("k\($0.0)", $0.0, [UInt8](repeating: 1, count: $0.1)) }
    file.keys.append(GGUFBytes.key("s", 8, GGUFBytes.text("text")))
    let inner = GGUFBytes.array(4, count: 1, GGUFBytes.number(UInt32(7)))
    file.keys.append(GGUFBytes.key("a", 9, GGUFBytes.array(9, count: 2, inner + inner)))
    let gguf = try GGUF(parsing: file.bytes, file: "x.gguf")
    #expect(gguf.names == ["t"])
    #expect(gguf.shape(of: "t") == [2, 4])
    #expect(try gguf.floats(of: "t").count == 8)
    file.version = 2
    #expect(try GGUF(parsing: file.bytes, file: "x.gguf").names == ["t"])
  }

  @Test func `files that break a rule are refused with a sentence`() {
    #expect(problem { $0.magic = "GGML" }.contains("begin with ‘GGUF’"))
    #expect(problem { $0.version = 1 }.contains("version 1 is not supported"))
    #expect(problem { $0.version = 0x0300_0000 }.contains("big-endian"))
    #expect(problem { $0.tensorCount = .max }.contains("tensors; at most"))
    #expect(problem { $0.keyCount = 1 << 40 }.contains("keys; at most"))
    #expect(!problem { $0.keyCount = 5 }.isEmpty)
    #expect(problem { $0.tensors += [.init()] }.contains("one that another tensor has"))
    #expect(problem { $0.tensors[0].sizes = [1, 1, 1, 1, 1] }.contains("5 dimensions"))
    #expect(problem { $0.tensors[0].sizes = [1 << 40, 1 << 40] }.contains("too large"))
    #expect(problem { $0.tensors[0].sizes = [.max, .max] }.contains("too large"))
    #expect(problem { $0.tensors[0].sizes = [0, .max] }.contains("size of zero"))
    #expect(problem { $0.tensors[0].offset = 8 }.contains("multiple of 32"))
    #expect(problem { $0.tensors[0].offset = 1 << 63 }.contains("multiple of 32"))
    #expect(problem { $0.tensors[0].offset = 32 }.contains("there are 32 bytes"))
    #expect(problem { $0.tensors[0].sizes = [4, 3] }.contains("ends at byte 48"))
    #expect(problem { $0.tensors[0].type = 8 }.contains("no whole blocks of Q8_0"))
    #expect(problem { $0.tensors.append(.init(name: "u")) }.contains("overlaps"))
    #expect(problem { $0.data = 0 }.contains("there are 0 bytes"))
  }

  @Test func `keys that break a rule are refused with a sentence`() {
    let one = GGUFBytes.key("k", 4, GGUFBytes.number(UInt32(1)))
    #expect(problem { $0.keys = [one, one] }.contains("‘k’ occurs twice"))
    #expect(problem { $0.keys = [GGUFBytes.key("k", 13, [])] }.contains("unknown type 13"))
    #expect(problem { $0.keys = [GGUFBytes.key("", 0, [1])] }.contains("is empty"))
    #expect(
      problem { $0.keys = [GGUFBytes.text("k", claims: 1 << 60)] }.contains("65535 are allowed"))
    let giant = GGUFBytes.array(0, count: 1 << 50, [])
    #expect(problem { $0.keys = [GGUFBytes.key("k", 9, giant)] }.contains("elements; at most"))
    #expect(
      problem { $0.keys = [GGUFBytes.key("k", 8, GGUFBytes.text("", claims: .max))] }
        .contains("claims 18446744073709551615 bytes"))
    let deep = (0..<9).reduce([UInt8]()) { inner, _ in GGUFBytes.array(9, count: 1, inner) }
    #expect(problem { $0.keys = [GGUFBytes.key("k", 9, deep)] }.contains("nested too deeply"))
    for value: UInt32 in [0, 24, 1 << 30] {
      let key = GGUFBytes.key("general.alignment", 4, GGUFBytes.number(value))
      #expect(problem { $0.keys = [key] }.contains("power of two"))
    }
  }

  @Test func `a tensor of a format that is not read is named only when it is needed`() throws {
    var file = GGUFBytes()
    file.tensors[0].type = 16
    let gguf = try GGUF(parsing: file.bytes, file: "x.gguf")
    let problem = Fixtures.problem { _ = try gguf.floats(of: "t") }
    #expect(problem.contains("‘t’ is of ggml type 16"))
    #expect(problem.contains("Q6_K"))
  }

  @Test func `a GGUF that is no supported model is refused with a sentence`() throws {
    func problem(_ keys: [[UInt8]]) throws -> String {
      var file = GGUFBytes()
      file.keys = keys
      return try Fixtures.withFolder { folder in
        let url = folder.appendingPathComponent("x.gguf")
        try Data(file.bytes).write(to: url)
        return Fixtures.problem { _ = try ModelSource(url) }
      }
    }
    func text(_ key: String, _ value: String) -> [UInt8] {
      GGUFBytes.key(key, 8, GGUFBytes.text(value))
    }
    #expect(try problem([]).contains("‘general.architecture’ is missing"))
    #expect(try problem([text("general.architecture", "gemma")]).contains("‘gemma’"))
    #expect(try problem([text("general.type", "adapter")]).contains("‘adapter’"))
    let llama = text("general.architecture", "llama")
    #expect(try problem([llama]).contains("‘llama.embedding_length’ is missing"))
    let wide = GGUFBytes.key("llama.embedding_length", 10, GGUFBytes.number(UInt64.max))
    #expect(try problem([llama, wide]).contains("from 1 to 65536"))
  }

  @Test(arguments: ["gguf", "safetensors"])
  func `a giant sparse file with a hostile header is refused without reading it`(
    _ kind: String
  ) throws {
    // Every count is as large as the format takes, and behind it there are two gigabytes of zeros.
    var gguf = GGUFBytes()
    gguf.keys = [GGUFBytes.key("k", 9, GGUFBytes.array(8, count: 1 << 20, []))]
    (gguf.keyCount, gguf.tensorCount, gguf.tensors) = (65536, 65536, [])
    let header = kind == "gguf" ? gguf.bytes : GGUFBytes.number(UInt64(100_000_000))
    try Fixtures.withFolder { folder in
      let url = folder.appendingPathComponent("x.\(kind)")
      try Data(header).write(to: url)
      #expect(truncate(url.path, 2 << 30) == 0)
      let problem = Fixtures.problem {
        if kind == "gguf" {
          _ = try GGUF(contentsOf: url)
        } else {
          _ = try SafeTensors(contentsOf: url)
        }
      }
      #expect(!problem.isEmpty)
    }
  }
}
