import Comparing
import Foundation
import LanguageModel
import Testing

@testable import ModelFiles

@Suite struct SafeTensorsTests {
  private func file(_ header: String, data: Int = 0) -> Data {
    var bytes = Data()
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { bytes.append(contentsOf: $0) }
    bytes.append(Data(header.utf8))
    bytes.append(Data((0..<data).map { UInt8($0 % 251) }))
    return bytes
  }

  private func problem(_ bytes: Data) throws -> String {
    try Fixtures.withFolder { folder in
      let url = folder.appendingPathComponent("x.safetensors")
      try bytes.write(to: url)
      return Fixtures.problem { _ = try SafeTensors(contentsOf: url) }
    }
  }

  private func tensor(_ name: String, _ shape: String, _ begin: Int, _ end: Int) -> String {
    #""\#(name)":{"dtype":"F32","shape":\#(shape),"data_offsets":[\#(begin),\#(end)]}"#
  }

  @Test(arguments: Fixtures.models)
  func `writing a model gives the bytes the reference writer gave`(_ name: String) throws {
    let source = Fixtures.model(name).appendingPathComponent("model.safetensors")
    let read = try SafeTensors(contentsOf: source)
    let tensors = try read.names.map {
      try SafeTensors.Tensor(
        name: $0, shape: #require(read.shape(of: $0)), values: read.floats(of: $0))
    }
    try Fixtures.withFolder { folder in
      let copy = folder.appendingPathComponent("model.safetensors")
      try SafeTensors.write(tensors, to: copy)
      try expectEqual(Data(contentsOf: copy), Data(contentsOf: source))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
    }
  }

  @Test func `half and bfloat16 widen exactly`() throws {
    let header =
      #"{"h":{"dtype":"F16","shape":[3],"data_offsets":[0,6]},"#
      + #""b":{"dtype":"BF16","shape":[2,1],"data_offsets":[6,10]}}"#
    var bytes = file(header)
    bytes.append(contentsOf: [0x00, 0x3C, 0x01, 0x00, 0x00, 0xFC, 0xC0, 0x3F, 0x80, 0xFF])
    try Fixtures.withFolder { folder in
      let url = folder.appendingPathComponent("x.safetensors")
      try bytes.write(to: url)
      let tensors = try SafeTensors(contentsOf: url)
      #expect(try tensors.floats(of: "h") == [1, 0x1p-24, -.infinity])
      #expect(try tensors.floats(of: "b") == [1.5, -.infinity])
      #expect(tensors.shape(of: "b") == [2, 1])
    }
  }

  @Test func `integer tensors may be there but are not read as numbers`() throws {
    let header = #"{"i":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}"#
    try Fixtures.withFolder { folder in
      let url = folder.appendingPathComponent("x.safetensors")
      try file(header, data: 8).write(to: url)
      let tensors = try SafeTensors(contentsOf: url)
      #expect(tensors.shape(of: "i") == [])
      #expect(Fixtures.problem { _ = try tensors.floats(of: "i") }.contains("‘i’ is I64"))
      #expect(Fixtures.problem { _ = try tensors.floats(of: "j") }.contains("‘j’ is missing"))
    }
  }

  @Test func `files that break a rule are refused with a sentence`() throws {
    let a = tensor("a", "[2]", 0, 8)
    #expect(try problem(Data()).contains("too few"))
    #expect(try problem(Data(repeating: 255, count: 64)).contains("at most 100000000"))
    #expect(try problem(file("{\(a)}").dropLast(30)).contains("claims"))
    #expect(try problem(file(" {\(a)}", data: 8)).contains("begins without"))
    #expect(try problem(file("{\(a),\(a)}", data: 8)).contains("occurs twice"))
    #expect(try problem(file("{\(a)}", data: 4)).contains("there are 4 bytes"))
    #expect(try problem(file("{\(a)}", data: 12)).contains("there are 12 bytes"))
    #expect(try problem(file("{\(a),\(tensor("b", "[1]", 4, 8))}", data: 8)).contains("byte 8"))
    #expect(try problem(file("{\(a),\(tensor("b", "[1]", 12, 16))}", data: 16)).contains("byte 8"))
    #expect(try problem(file("{\(tensor("a", "[3]", 0, 8))}", data: 8)).contains("contradict"))
    #expect(try problem(file("{\(tensor("a", "[-2]", 0, 8))}", data: 8)).contains("no shape"))
    let giant = "[9223372036854775807,9]"
    #expect(try problem(file("{\(tensor("a", giant, 0, 8))}", data: 8)).contains("too large"))
    #expect(
      try problem(file("{\(tensor("a", "[2]", 8, 0))}", data: 8)).contains("before it begins"))
    #expect(try problem(file(#"{"__metadata__":{"a":1}}"#)).contains("no text"))
  }

  @Test func `a missing file is named`() {
    let url = URL(fileURLWithPath: "/nowhere/model.safetensors")
    let problem = Fixtures.problem { _ = try SafeTensors(contentsOf: url) }
    #expect(problem.hasPrefix("/nowhere/model.safetensors: "))
  }
}
