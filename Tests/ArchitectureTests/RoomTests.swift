import Foundation
import Testing

/// What each room may import; the same table stands in `Sources/README.md`.
private let doors: [String: Set<String>] = [
  "Tensors": ["CKernels", "COpenBLAS", "Dispatch", "Glibc", "Synchronization"],
  "LanguageModel": ["Foundation", "Glibc", "Tensors", "Synchronization"],
  "ModelFiles": ["Foundation", "Glibc", "LanguageModel", "Tensors", "Synchronization"],
  "ServedPolicy": ["Foundation", "FoundationNetworking", "LanguageModel", "Tensors"],
  "Trajectories": [],
  "Grading": ["BigInt", "Foundation", "Trajectories"],
  "Learning": ["Foundation", "Grading", "Tensors", "LanguageModel", "Trajectories"],
  "Records": ["CCompression", "Foundation", "GRDB", "Trajectories", "Glibc"],
  "Workbench": ["Trajectories"],
  "Terminal": ["CTerminal", "Glibc", "Workbench", "Synchronization"],
  "Session": [
    "CProcess", "Foundation", "Glibc", "Grading", "LanguageModel", "Learning", "ModelFiles",
    "Records", "ServedPolicy", "Synchronization", "Tensors", "Trajectories", "Workbench",
  ],
  "Crux": [
    "ArgumentParser", "Foundation", "Glibc", "Grading", "LanguageModel", "Learning", "ModelFiles",
    "Records", "ServedPolicy", "Session", "Synchronization", "Tensors", "Terminal",
    "Trajectories", "Workbench",
  ],
]

struct RoomTests {
  @Test func `every room imports only what its door lets in`() throws {
    for file in try swiftFiles(in: "Sources") {
      let allowed = try #require(doors[file.room], "\(file.room) is not in the table of rooms")
      for module in file.imports where !allowed.contains(module) {
        Issue.record("\(file) imports \(module), which \(file.room) may not")
      }
    }
  }

  private static let page = root.appendingPathComponent("Sources/README.md")

  @Test func `the page's table of rooms names what the rooms may import`() throws {
    let page = try String(contentsOf: Self.page, encoding: .utf8)
    for (room, modules) in doors where room != "Crux" {
      let row = page.split(separator: "\n").first { $0.hasPrefix("| `\(room)` |") }
      let text = try #require(row, "the page's table has no row for \(room)")
      for module in modules { #expect(text.contains(module), "\(room) may import \(module)") }
    }
  }

  @Test func `the files that the page names are there`() throws {
    let files = try (swiftFiles(in: "Sources") + swiftFiles(in: "Tests")).map(\.url.path)
    let page = try String(contentsOf: Self.page, encoding: .utf8)
    let names = page.split(separator: "`").filter { $0.hasSuffix(".swift") }
    #expect(names.count > 60)
    for name in names {
      let isThere = files.contains { $0.hasSuffix("/\(name)") }
      #expect(isThere, "there is no \(name)")
    }
  }

  @Test func `nothing prints outside Crux`() throws {
    for file in try swiftFiles(in: "Sources") where file.room != "Crux" {
      for (number, line) in file.lines.enumerated() {
        let code = line.drop { $0 == " " }
        #expect(!code.hasPrefix("print("), "\(file):\(number + 1) prints")
      }
    }
  }

  @Test func `what Crux and a session write passes through the diagnostics`() throws {
    // The clipboard's sequence is Crux's own, and what it carries is in base 64.
    let doors: Set = ["Diagnostics.swift", "Clipboard.swift"]
    let writers = [
      " print(", "FileHandle.standardOutput", "FileHandle.standardError", "write(STD", "fputs(",
      "putchar(", "fwrite(",
    ]
    for file in try swiftFiles(in: "Sources") where ["Crux", "Session"].contains(file.room) {
      guard !doors.contains(where: { "\(file)".hasSuffix($0) }) else { continue }
      for (number, line) in file.lines.enumerated() where !line.contains("//") {
        for writer in writers {
          #expect(!line.contains(writer), "\(file):\(number + 1) writes past show and tell")
        }
      }
    }
  }

  @Test func `the fuzzers' package names files that are there`() throws {
    let package = root.appendingPathComponent("Tests/Fuzz/Package.swift")
    let text = try String(contentsOf: package, encoding: .utf8)
    var named = 0
    for target in text.components(separatedBy: "path: \"Rooms/").dropFirst() {
      let room = target.prefix { $0 != "\"" && $0 != "\\" }
      guard !room.isEmpty, let list = target.range(of: "sources: [") else { continue }
      let files = target[list.upperBound...].prefix { $0 != "]" }.split(separator: "\"")
      for file in files where file.hasSuffix(".swift") {
        let place = root.appendingPathComponent("Sources/\(room)/\(file)")
        #expect(FileManager.default.fileExists(atPath: place.path), "\(place.path)")
        named += 1
      }
    }
    #expect(named > 0)
  }

  @Test func `the top level holds only what was agreed`() throws {
    let agreed: Set = ["Package.swift", "Sources", "Tests", "themes", "samples", "README.md"]
    // `runs` is written by Crux and `Package.resolved` by the package manager; git ignores both.
    let written: Set = ["runs", "Package.resolved"]
    for name in try FileManager.default.contentsOfDirectory(atPath: root.path) {
      let known = name.hasPrefix(".") || agreed.contains(name) || written.contains(name)
      #expect(known, "\(name) does not belong at the top level")
    }
  }
}
