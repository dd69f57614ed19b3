import Foundation
import Testing
import Trajectories

@testable import Records

/// An event file that TensorBoard's own reader accepted, with the metrics it was written from.
struct TensorBoardFileTests {
  private static let golden = Bundle.module.resourceURL?
    .appendingPathComponent("Golden/tensorboard")

  private func file(_ name: String) throws -> Data {
    try Data(contentsOf: try #require(Self.golden).appendingPathComponent(name))
  }

  @Test func `the bytes are those that TensorBoard reads`() throws {
    let known = try file("events.out.tfevents.1795433908.crux")
    let points = try String(decoding: try file("metrics.jsonl"), as: UTF8.self)
      .split(separator: "\n").map(point)
    // The header's own time stands 17 bytes into the file.
    let began = known[13..<21].enumerated().reduce(UInt64(0)) { $0 | UInt64($1.1) << (8 * $1.0) }
    let bytes =
      TensorBoardFile.header(time: Double(bitPattern: began))
      + points.flatMap { TensorBoardFile.record(of: $0) }
    #expect(Data(bytes) == known)
  }

  @Test func `the checksum is CRC-32C`() {
    #expect(TensorBoardFile.checksum(Array("123456789".utf8)) == 0xE306_9283)
  }

  /// A line of metrics, its members in their order.
  private func point(_ line: Substring) throws -> TrackedPoint {
    let members = line.dropFirst().dropLast().components(separatedBy: ", ").map {
      $0.components(separatedBy: ": ")
    }
    let numbers = try members.map { ($0[0].filter { $0 != "\"" }, try #require(Double($0[1]))) }
    return TrackedPoint(
      step: Int(numbers[0].1), time: numbers[1].1,
      values: numbers.dropFirst(2).map { TrackedValue(name: $0.0, value: $0.1) })
  }
}

struct TrackerFilesTests {
  private let folder: TemporaryFolder
  private let run: URL

  init() throws {
    folder = try TemporaryFolder()
    run = folder.url.appendingPathComponent("one")
  }

  private func update(_ number: Int, reward: Double) -> RunEvent {
    var metrics = Metrics()
    metrics.update = number
    metrics.reward = reward
    return .updated(metrics)
  }

  private func steps() throws -> [Int] {
    let text = try String(
      contentsOf: run.appendingPathComponent(TrackerFiles.metricsName), encoding: .utf8)
    return try text.split(separator: "\n").map { line in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return try #require(object?["step"] as? Int)
    }
  }

  private func board() throws -> Data {
    let names = try FileManager.default.contentsOfDirectory(atPath: run.path)
      .filter { $0.hasPrefix(TrackerFiles.boardPrefix) }
    #expect(names.count == 1)
    return try Data(contentsOf: run.appendingPathComponent(try #require(names.first)))
  }

  @Test func `growing files are the files that the whole record makes`() throws {
    let store = try RunStore(creating: run, recipe: "", clock: { 12 })
    let first = [update(1, reward: 0.25), update(2, reward: .nan)]
    try store.append(first)
    let files = try TrackerFiles(of: store)
    let more: [RunEvent] = [update(3, reward: 0.5), .evaluated(EvaluationResult())]
    try store.append(more)
    try files.append(more, time: 12)
    let grown = (try steps(), try board())
    #expect(grown.0 == [1, 2, 3, 0])
    _ = try TrackerFiles(of: store)
    #expect(try steps() == grown.0)
    #expect(try board() == grown.1)
  }

  @Test func `updates that were given up are in neither file`() throws {
    let store = try RunStore(creating: run, recipe: "", clock: { 12 })
    try store.append([update(1, reward: 0.25), update(2, reward: 0.5)])
    _ = try TrackerFiles(of: store)
    let before = try board()
    try store.append([.rolledBack(update: 1), update(2, reward: 1)])
    _ = try TrackerFiles(of: store)
    #expect(try steps() == [1, 2])
    #expect(try board().count == before.count)
    #expect(try board() != before)
  }

  @Test func `what is no number is null`() {
    let point = TrackedPoint(
      step: 1, time: 0.5,
      values: [TrackedValue(name: "a", value: .nan), TrackedValue(name: "b", value: 3)])
    #expect(point.line == "{\"step\": 1, \"time\": 0.5, \"a\": null, \"b\": 3}\n")
  }

  @Test func `a link in place of a file is not followed`() throws {
    let store = try RunStore(creating: run, recipe: "", clock: { 12 })
    try store.append([update(1, reward: 0.25)])
    let files = try TrackerFiles(of: store)
    let elsewhere = folder.url.appendingPathComponent("mine")
    try Data("mine".utf8).write(to: elsewhere)
    let metrics = run.appendingPathComponent(TrackerFiles.metricsName)
    try FileManager.default.removeItem(at: metrics)
    try FileManager.default.createSymbolicLink(at: metrics, withDestinationURL: elsewhere)
    #expect(throws: RecordsError.self) {
      try files.append([update(2, reward: 1)], time: 12)
    }
    #expect(try String(contentsOf: elsewhere, encoding: .utf8) == "mine")
    _ = try TrackerFiles(of: store)
    #expect(try steps() == [1])
    #expect(try String(contentsOf: elsewhere, encoding: .utf8) == "mine")
  }
}
