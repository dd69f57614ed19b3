import CKernels
import Foundation
import Grading
import LanguageModel
import Learning
import ModelFiles
import Terminal
import Trajectories
import Workbench

@testable import Judging
@testable import Records

/// Whatever bytes come, a reader gives a value or throws a sentence; it never ends the process.
///
/// `CRUX_FUZZ` names the reader; libFuzzer calls it with one input after another.
enum Readers {
  /// Every reader by its name.
  static let all: [String: @Sendable ([UInt8]) throws -> Void] = [
    "safetensors": safetensors, "gguf": gguf, "tokenizer": tokenizer, "config": config,
    "template": template, "conversation": conversation, "recipe": recipe, "theme": theme,
    "study": study, "problems": problems, "benchmark": benchmark, "labels": labels,
    "step-labels": stepLabels, "values": values, "score": score, "events": events,
    "rollouts": rollouts, "state": state, "database": database, "judge": judge, "keys": keys,
    "answers": answers, "dump": dump,
  ]

  /// The one that is tried.
  static let chosen: @Sendable ([UInt8]) throws -> Void = {
    let name = ProcessInfo.processInfo.environment["CRUX_FUZZ"] ?? ""
    guard let reader = all[name] else {
      fatalError("CRUX_FUZZ is none of \(all.keys.sorted().joined(separator: " "))")
    }
    return reader
  }()

  // MARK: Models

  static func safetensors(_ bytes: [UInt8]) throws {
    let file = try SafeTensors(parsing: bytes, file: "x.safetensors")
    for name in file.names { _ = try? file.floats(of: name) }
  }

  static func gguf(_ bytes: [UInt8]) throws {
    let file = try GGUF(parsing: bytes, file: "x.gguf")
    for name in file.names { _ = try? file.floats(of: name) }
    check(try Tokenizer(file))
  }

  static func tokenizer(_ bytes: [UInt8]) throws {
    check(try Tokenizer(parsing: bytes, file: "tokenizer.json"))
  }

  private static func check(_ tokenizer: Tokenizer) {
    let tokens = tokenizer.encode("the hello 12 <|im_end|>\n ab<e>$", addSpecialTokens: true)
    precondition(tokens.allSatisfy { $0 >= 0 && $0 < Token(tokenizer.vocabularySize) })
    _ = tokenizer.decode(tokens, skipSpecial: true)
  }

  static func config(_ bytes: [UInt8]) throws {
    let read = try Configuration(parsing: bytes, file: "config.json")
    let again = try Configuration(parsing: Array(read.text.utf8), file: "config.json")
    precondition(again.architecture == read.architecture, "written and read again it is another")
  }

  static func template(_ bytes: [UInt8]) throws {
    let template = try ChatTemplate(String(decoding: bytes, as: UTF8.self))
    let talk: [ChatMessage] = [.system("s"), .user("a"), .init(role: "assistant", content: "b\n")]
    _ = try? template.render(talk, addGenerationPrompt: true)
    _ = try? template.render([.user("<|im_end|>é")], addGenerationPrompt: false)
  }

  static func conversation(_ bytes: [UInt8]) throws {
    _ = try ChatConversation(parsing: bytes, file: "c.json")
  }

  // MARK: What people write

  static func recipe(_ bytes: [UInt8]) throws {
    _ = try RecipeFile.recipe(from: text(bytes), name: "r.toml")
  }

  static func theme(_ bytes: [UInt8]) throws {
    let roles: Set = ["text", "bar.positive", "border", "border.focused"]
    let source = try text(bytes)
    let base = "[palette]\nsky = \"cyan\"\n[roles]\nborder = \"sky\"\n"
    _ = try ThemeFile.resolve("mine", roles: roles) { ["mine": source, "base": base][$0] }
  }

  static func study(_ bytes: [UInt8]) throws {
    let folder = FileManager.default.temporaryDirectory
    _ = try StudyFile.study(from: text(bytes), name: "s.toml", in: folder)
  }

  static func problems(_ bytes: [UInt8]) throws {
    _ = try ProblemFile.entries(from: Data(bytes), name: "p.jsonl")
  }

  static func benchmark(_ bytes: [UInt8]) throws {
    let set = try BenchmarkFile.read(Data(bytes), name: bytes.first == 0x2C ? "b.csv" : "b.jsonl")
    precondition(!set.problems.isEmpty)
  }

  static func labels(_ bytes: [UInt8]) throws {
    for solution in try PRM800KFile.solutions(from: Data(bytes), name: "l.jsonl") {
      precondition(solution.steps.count == solution.ratings.count)
      _ = solution.critical
    }
  }

  static func stepLabels(_ bytes: [UInt8]) throws {
    _ = try StepLabelFile.read(Data(bytes), name: "s.jsonl")
  }

  static func values(_ bytes: [UInt8]) throws {
    _ = try ValueDump.answers(from: Data(bytes), name: "v.jsonl")
  }

  static func score(_ bytes: [UInt8]) throws {
    _ = try ScoreInput.inputs(from: Data(bytes), name: "s.jsonl")
  }

  /// A file of whatever format a trainer writes; each trajectory is read again by its place.
  static func dump(_ bytes: [UInt8]) throws {
    let file = place.appendingPathComponent("3.jsonl")
    try Data(bytes).write(to: file)
    let reader = try DumpReader(opening: file.path)
    let cursor = reader.cursor()
    for _ in 0..<500 {
      do {
        guard let next = try cursor.next() else { return }
        precondition(next.segments.map(\.text).joined() == next.response, "a part is missing")
        _ = try? reader.trajectory(at: next.place)
      } catch { precondition(!"\(error)".isEmpty, "an error without a sentence") }
    }
  }

  /// A reference, a zero byte and an answer.
  static func answers(_ bytes: [UInt8]) {
    let parts = bytes.split(separator: 0, maxSplits: 1)
    let texts = parts.map { String(decoding: $0, as: UTF8.self) }
    guard let reference = texts.first, let answer = texts.last else { return }
    _ = Judge.isRight(answer, reference: reference)
  }

  private static func text(_ bytes: [UInt8]) throws -> String {
    try DurableFiles.text(from: Data(bytes), name: "x.toml")
  }

  // MARK: A run

  /// Lines of a kind, a tab and a payload, as a run has them; drawn on every screen.
  static func events(_ bytes: [UInt8]) throws {
    let format = EventFormat()
    var state = WorkbenchState(
      runName: "x", policyName: "y", size: Size(columns: 80, rows: 24), readOnly: "fuzzed")
    var events: [RunEvent] = []
    for line in bytes.split(separator: 0x0A) {
      let parts = line.split(separator: 0x09, maxSplits: 1)
      guard parts.count == 2 else { continue }
      let kind = String(decoding: parts[0], as: UTF8.self)
      events.append(try format.event(kind, Data(parts[1]), schema: 2))
    }
    _ = update(&state, .events(events))
    for key in "G\r1234567jkl$" {
      _ = update(&state, .key(key == "\r" ? .enter : .character(key)))
      _ = view(state)
    }
  }

  static func rollouts(_ bytes: [UInt8]) {
    guard let records = RolloutBlob.rollouts(of: Data(bytes)) else { return }
    precondition(RolloutBlob.rollouts(of: RolloutBlob.bytes(of: records)) != nil)
  }

  static func state(_ bytes: [UInt8]) throws {
    _ = try JSONDecoder().decode(LoopState.self, from: Data(bytes))
  }

  /// A file in the place of `run.sqlite`.
  static func database(_ bytes: [UInt8]) throws {
    try Data(bytes).write(to: place.appendingPathComponent(RunStore.fileName))
    let store = try RunStore(opening: place, readOnly: true)
    defer { try? store.close() }
    for recorded in try store.events() {
      guard case .sampled(let answer) = recorded.event else { continue }
      _ = try store.sampled(answer.id)
      _ = try store.evidence(of: answer, version: answer.policyVersion)
    }
    _ = try store.progress(after: 0)
    _ = try? store.search("a")
  }

  /// A folder of this process, in memory where there is one.
  private static let place: URL = {
    let memory = URL(fileURLWithPath: "/dev/shm")
    let isThere = FileManager.default.isWritableFile(atPath: memory.path)
    let folder = (isThere ? memory : FileManager.default.temporaryDirectory)
      .appendingPathComponent("crux-fuzz-\(ProcessInfo.processInfo.processIdentifier)")
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }()

  // MARK: Others

  /// What a reward command writes, in pieces that 0xFF ends.
  static func judge(_ bytes: [UInt8]) throws {
    var output = JudgeOutput()
    for piece in bytes.split(separator: 0xFF) {
      output.take(piece)
      while !output.isFlooded, let line = try output.takeLine() {
        let number = try JudgeOutput.number(in: line)
        precondition((0...1).contains(number))
      }
    }
    try output.expectNothing()
  }

  /// Bytes of the terminal; 0xFF is a pause whose length the byte after it says.
  static func keys(_ bytes: [UInt8]) {
    var decoder = KeyDecoder()
    var clock = 0
    for part in bytes.split(separator: 0xFF) {
      clock += Int(part.first ?? 0) * 8
      _ = decoder.expire(at: clock)
      _ = decoder.decode(part.dropFirst(), at: clock)
    }
    _ = decoder.expire(at: clock + 100_000)
    precondition(decoder.deadline == nil, "something was left behind")
  }
}

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func tryOne(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  do { try Readers.chosen(bytes) } catch {
    precondition(!"\(error)".isEmpty, "an error without a sentence")
  }
  return 0
}

/// What libFuzzer's own `main` calls; the package manager gives `main` another name.
@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
  _ count: UnsafeMutablePointer<CInt>,
  _ words: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
  _ tryOne: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// Hands over to libFuzzer.
@_cdecl("Readers_main")
public func main(
  _ count: CInt, _ words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> CInt {
  var (count, words) = (count, words)
  return runFuzzer(&count, &words) { tryOne($0, $1) }
}
