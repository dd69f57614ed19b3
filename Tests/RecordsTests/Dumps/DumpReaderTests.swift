import Foundation
import Testing
import Trajectories

@testable import Records

struct DumpReaderTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func file(_ name: String, _ text: String) throws -> URL {
    let url = folder.url.appendingPathComponent(name)
    try Data(text.utf8).write(to: url)
    return url
  }

  private func row(_ output: String, score: String = "1.0") -> String {
    "{\"input\": \"q\", \"output\": \"\(output)\", \"gts\": \"4\", \"score\": \(score)}\n"
  }

  @Test func `a folder of steps is one dump in the order of its steps`() throws {
    for step in [10, 9, 1] { _ = try file("\(step).jsonl", row("a") + row("b")) }
    _ = try file("notes.txt", "nothing")
    let reader = try DumpReader(opening: folder.url.path)
    #expect(reader.files.map(\.trainingStep) == [1, 9, 10])
    #expect(reader.passedOver.map(\.file) == ["notes.txt"])
    let all = try Dumps.all(reader)
    #expect(all.map(\.trainingStep) == [1, 1, 9, 9, 10, 10])
    #expect(Set(all.compactMap(\.group)).count == 3)
    let some = try DumpReader(opening: folder.url.path + "/1*.jsonl")
    #expect(some.files.map(\.trainingStep) == [1, 10])
  }

  @Test func `traces that prime-rl wrote twice are read once`() throws {
    let traces = Dumps.fixture("prime_rl/rollouts/step_3/train/all/traces.jsonl")
    for name in ["all", "effective"] {
      let inner = folder.url.appendingPathComponent("step_3/train/\(name)")
      try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        at: traces, to: inner.appendingPathComponent("traces.jsonl"))
    }
    let reader = try DumpReader(opening: folder.url.path)
    #expect(try Dumps.all(reader).count == 2)
    #expect(reader.passedOver.map(\.file) == ["step_3/train/effective/traces.jsonl"])
  }

  @Test func `numbers that JSON lacks, and numbers beyond 64 bits, are read`() throws {
    let scores = ["NaN", "-Infinity", "1e999", "123456789012345678901234567890", "true"]
    let url = try file("1.jsonl", scores.map { row("a", score: $0) }.joined())
    let all = try Dumps.all(try DumpReader(opening: url.path))
    #expect(all[0].reward?.isNaN == true)
    // In Crux's own files they are none.
    #expect(throws: StoredFault.self) { try StoredJSON(Array("[NaN]".utf8)) }
    #expect(all[1...].map(\.reward) == [-.infinity, .infinity, 1.2345678901234568e29, 1])
  }

  @Test func `a row that cannot be read is told with its line, and what follows is read`() throws {
    let text = row("a") + "\n  \n{\"input\": 1}\n" + row("b") + "{\"input\": \"q\", \"outp"
    let cursor = try DumpReader(opening: try file("2.jsonl", text).path).cursor()
    #expect(try cursor.next()?.response == "a")
    #expect(throws: RecordsError("2.jsonl:4: “input” is of the wrong kind.")) { try cursor.next() }
    #expect(try cursor.next()?.response == "b")
    let torn = RecordsError(
      "2.jsonl:6: it ends in the middle of a row; it may still be written.")
    #expect(throws: torn) { try cursor.next() }
    #expect(try cursor.next() == nil)
  }

  @Test(arguments: [
    ("{\"input\": \"a\", \"output\": \"b\"}\n", "nearest to verl's rollouts without uid"),
    ("{\"prompt\": \"a\", \"completion\": \"b\"}\n", "nearest to "),
    ("{\"a\": 1}\n", "no key of a dump that is known"), ("", "is empty"), ("[1]", "no objects"),
    ("words", "not valid JSON"), (" \n\n", "nothing but white space"),
    ("PAR1 and more", "no whole parquet file"), ("PK\u{3}\u{4} and more", "no whole zip archive"),
  ])
  func `what is no dump is told with what it is nearest to`(text: String, why: String) throws {
    let url = try file("x.jsonl", text)
    let error = #expect(throws: RecordsError.self) { try DumpReader(opening: url.path) }
    let sentence = error?.description ?? ""
    #expect(sentence.hasPrefix("x.jsonl: ") && sentence.contains(why), "\(sentence)")
    #expect(sentence.hasSuffix("."))
  }

  @Test func `what is not there, and what is no file, is told`() throws {
    let missing = folder.url.appendingPathComponent("none").path
    #expect(throws: RecordsError("\(missing) does not exist.")) {
      try DumpReader(opening: missing)
    }
    let pipe = folder.url.appendingPathComponent("pipe").path
    #expect(mkfifo(pipe, 0o600) == 0)
    #expect(throws: RecordsError("pipe: it is no plain file.")) { try DumpReader(opening: pipe) }
  }

  @Test func `a long line and many pieces are read from their places`() throws {
    let long = String(repeating: "x", count: 700_000)
    let url = try file("1.jsonl", row(long) + (0..<900).map { row("\($0)") }.joined())
    let all = try Dumps.all(try DumpReader(opening: url.path))
    #expect(all.count == 901)
    #expect(all[0].response.count == 700_000 && all[900].response == "899")
  }

  @Test func `compressed dumps are the same, found by content`() throws {
    let plain = try Dumps.all(try DumpReader(opening: Dumps.fixture("verl_v1").path))
    for name in ["3.jsonl.gz", "4.jsonl.zst"] {
      let reader = try DumpReader(opening: Dumps.fixture("compressed/\(name)").path)
      #expect(try Dumps.all(reader).map(\.response) == plain.map(\.response))
    }
    let parquet = Dumps.fixture("compressed/completions_00001.parquet.gz")
    #expect(try Dumps.all(try DumpReader(opening: parquet.path)).count == 4)
  }

  @Test func `compressed bytes that end too early are told`() throws {
    let whole = try Data(contentsOf: Dumps.fixture("compressed/4.jsonl.zst"))
    let url = folder.url.appendingPathComponent("4.jsonl")
    try whole.dropLast(20).write(to: url)
    #expect(throws: RecordsError("4.jsonl: its compressed bytes end too early.")) {
      try DumpReader(opening: url.path)
    }
    let gzip = try Data(contentsOf: Dumps.fixture("compressed/3.jsonl.gz"))
    try gzip.dropLast(60).write(to: url)
    let cursor = try DumpReader(opening: url.path).cursor()
    #expect(try cursor.next() != nil)
    let end = RecordsError("4.jsonl:3: its compressed bytes end too early.")
    #expect(throws: end) { while try cursor.next() != nil {} }
    #expect(throws: DumpFault.self) {
      try Compressed.bytes(.zstandard, Array(whole), limit: 100)
    }
  }

  @Test(arguments: ["snappy", "zstd", "gzip", "none"])
  func `parquet is read as pyarrow reads it`(compression: String) throws {
    let table = try ParquetFile(
      try DumpBytes(Dumps.fixture("parquet/\(compression).parquet")))
    let expected = try DumpValue(
      parsing: Data(contentsOf: Dumps.fixture("parquet/expected.json")))
    let rows = try #require(expected.list)
    #expect(table.count == 120 && rows.count == 120)
    for (index, values) in rows.enumerated() {
      let row = try table.row(index)
      let wanted = try #require(values.list)
      #expect(row["fmt"]?.number == wanted[0].number)
      #expect(row["ok"]?.flag == wanted[1].flag)
      #expect(row["f32"]?.number == wanted[2].number)
      #expect(row["tags"]?.list?.map(\.texts) == wanted[3].list?.map(\.texts))
      let contents = row["completion"]?.list?.map { $0["content"]?.text ?? "" }
      #expect(contents?.joined(separator: "\n") == wanted[4].text)
    }
  }

  @Test func `a pickle that names what could run is refused`() throws {
    var evil = PickleReader(
      Array("\u{80}".unicodeScalars.map { UInt8($0.value) })
        + Array("\u{2}cos\nsystem\n(X\u{2}\0\0\0lstR.".utf8))
    let fault = #expect(throws: DumpFault.self) { try evil.value() }
    #expect(fault?.reason.contains("“os system”") == true)
    // A list that holds itself, and a chain of a million tuples.
    var ring = PickleReader(Array("]q\0h\0a.".utf8))
    #expect(throws: DumpFault.self) { try ring.value() }
    var chain = PickleReader(Array("N".utf8) + Array(repeating: 0x85, count: 1_000_000) + [0x2E])
    #expect(throws: DumpFault.self) { try chain.value() }
  }

  @Test func `inspect's archives are read with Zstandard`() throws {
    let reader = try DumpReader(opening: Dumps.fixture("inspect/chain_sum_4epochs.eval").path)
    let all = try Dumps.all(reader)
    #expect(all.count == 24 && Set(all.map(\.group)).count == 6)
    #expect(all.allSatisfy { $0.model == "tiny/chain_sum" && $0.truncated == false })
    #expect(all[0].reward == 1 && all[0].prompt == "2+6+3+4+0=" && all[0].reference == "15")
  }

  @Test func `no change of a fixture ends the process`() throws {
    let names = [
      "verl_v1/3.jsonl", "trl_conversational/completions_00001.parquet", "slime/7.pt",
      "trl_text/completions_00001.parquet", "prime_rl/rollouts/step_3/train/all/traces.jsonl",
      "nemo_rl/train_data_step3.jsonl", "inspect/chain_sum_4epochs.eval", "parquet/zstd.parquet",
      "parquet/snappy.parquet", "compressed/3.jsonl.gz", "compressed/4.jsonl.zst",
      "openai_batch/output.jsonl",
    ]
    var mutations = Mutations(seed: 14, words: ["\"traces\"", "null", "NaN", "\n", "PK", "PAR1"])
    let url = folder.url.appendingPathComponent("x")
    var counts = (read: 0, refused: 0)
    for name in names {
      let original = Array(try Data(contentsOf: Dumps.fixture(name)))
      for _ in 0..<(original.count > 20_000 ? 40 : 200) {
        try Data(mutations.spoil(original)).write(to: url)
        readAll(url, &counts)
      }
    }
    #expect(counts.read > 500 && counts.refused > 500)
  }

  private func readAll(_ url: URL, _ counts: inout (read: Int, refused: Int)) {
    guard let cursor = try? DumpReader(opening: url.path).cursor() else {
      counts.refused += 1
      return
    }
    for _ in 0..<50 {
      do {
        guard try cursor.next() != nil else { break }
        counts.read += 1
      } catch {
        if !"\(error)".hasSuffix(".") { Issue.record("\(error)") }
        counts.refused += 1
      }
    }
  }
}
