import Comparing
import Foundation
import Testing

@testable import Records

struct GrowingLinesTests {
  private let url = FileManager.default.temporaryDirectory
    .appendingPathComponent("lines-\(UUID().uuidString).jsonl")

  private struct Row: Codable, Equatable { var number: Int }

  private func open(isWritten: Bool = true) throws -> GrowingLines {
    try GrowingLines(url, isWritten: isWritten, whenTaken: "wait for it")
  }

  private func rows() throws -> [Row] {
    try open(isWritten: false).lines.map { try JSONDecoder().decode(Row.self, from: $0.text) }
  }

  @Test func `a torn tail is not read and gives way to the next line`() throws {
    defer { try? FileManager.default.removeItem(at: url) }
    try open().append(Row(number: 1))
    let whole = try Data(contentsOf: url)
    for length in [1, whole.count / 2, whole.count - 1] {
      let torn = whole + whole.prefix(length)
      try torn.write(to: url)
      let file = try open()
      #expect(file.lines.map(\.number) == [1])
      // Only who has something to add changes the file.
      try expectEqual(Data(contentsOf: url), torn)
      try file.append(Row(number: 2))
      #expect(try rows() == [Row(number: 1), Row(number: 2)])
    }
    try whole.dropLast().write(to: url)
    let file = try open()
    #expect(file.lines.isEmpty)
    try file.append(Row(number: 3))
    #expect(try rows() == [Row(number: 3)])
  }

  @Test func `two do not add at a time, and the second may once the first is gone`() throws {
    defer { try? FileManager.default.removeItem(at: url) }
    #expect(!GrowingLines.isAddedTo(url))
    var first: GrowingLines? = try open()
    #expect(GrowingLines.isAddedTo(url))
    let error = #expect(throws: RecordsError.self) { _ = try open() }
    #expect(
      error?.description.hasSuffix("is being added to by another process; wait for it.") == true)
    try first?.append(Row(number: 1))
    first = nil
    #expect(!GrowingLines.isAddedTo(url))
    try open().append(Row(number: 2))
    #expect(try rows() == [Row(number: 1), Row(number: 2)])
  }

  @Test func `lines are read while others are added`() throws {
    defer { try? FileManager.default.removeItem(at: url) }
    let writer = try open()
    for number in 0..<20 {
      try writer.append(Row(number: number))
      #expect(try rows() == (0...number).map { Row(number: $0) })
    }
    let reader = try open(isWritten: false)
    try reader.append(Row(number: 99))
    #expect(try rows().count == 20)
  }

  @Test func `a file that is something else is left as it is`() throws {
    defer { try? FileManager.default.removeItem(at: url) }
    for text in ["notes without an end of line", "{\"number\": 1}\nnotes"] {
      try Data(text.utf8).write(to: url)
      let error = #expect(throws: RecordsError.self) { _ = try open() }
      #expect(error?.description.contains("name another file") == true)
      #expect(try String(contentsOf: url, encoding: .utf8) == text)
    }
  }

  @Test func `a file that is not there is empty to who reads and made by who writes`() throws {
    defer { try? FileManager.default.removeItem(at: url) }
    #expect(try rows().isEmpty)
    #expect(!FileManager.default.fileExists(atPath: url.path))
    #expect(try open().lines.isEmpty)
    #expect(FileManager.default.fileExists(atPath: url.path))
    let nowhere = url.appendingPathComponent("below.jsonl")
    #expect(throws: RecordsError.self) {
      _ = try GrowingLines(nowhere, isWritten: true, whenTaken: "wait")
    }
  }
}
