import Foundation
import Testing

@testable import Session

/// Commands that are printed mean the same when a shell reads them.
struct ShellWordTests {
  @Test(arguments: ["runs/gpo-2", "/a/b.jsonl", "Qwen/Qwen2.5-0.5B@main", "x=1,y:2%+_"])
  func `plain words stay bare`(word: String) { #expect(shellWord(word) == word) }

  @Test func `a shell reads back what was meant`() throws {
    var words = [
      "", " ", "a b", "it's", "''", "$HOME", "`id`", "\"", "\\", "a\nb", "*", "~", "#x", "!", "é ü",
      "-n", "(a)", "a;b", "a&b", "<>", "{a,b}", "\u{1F600}",
    ]
    var state: UInt64 = 3
    for _ in 0..<60 {
      words.append(
        String(
          (0..<8).map { _ -> Character in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Character(Unicode.Scalar(UInt8(32 + (state >> 40) % 95)))
          }))
    }
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    shell.arguments = ["-c", "printf '%s\\001' " + words.map(shellWord).joined(separator: " ")]
    let pipe = Pipe()
    shell.standardOutput = pipe
    try shell.run()
    let heard = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    shell.waitUntilExit()
    let parts = heard.split(separator: "\u{1}", omittingEmptySubsequences: false).map(String.init)
    #expect(parts.dropLast() == words[...])
  }
}
