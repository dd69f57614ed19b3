import Foundation
import LanguageModel
import Testing

@testable import ModelFiles

@Suite struct ModelCacheTests {
  private static let first = "0123456789abcdef0123456789abcdef01234567"
  private static let second = "0123ffffffffffffffffffffffffffffffffffff"

  /// A cache as huggingface_hub lays it out: files are links to blobs.
  private func withCache(
    _ files: [(commit: String, name: String)], refs: [String: String],
    _ body: (ModelCache, URL) throws -> Void
  ) throws {
    try Fixtures.withFolder { folder in
      let model = folder.appendingPathComponent("models--org--name")
      for folder in ["blobs", "refs/pr", "snapshots"] {
        try FileManager.default.createDirectory(
          at: model.appendingPathComponent(folder), withIntermediateDirectories: true)
      }
      for (ref, commit) in refs {
        try Data(commit.utf8).write(to: model.appendingPathComponent("refs/\(ref)"))
      }
      for (index, file) in files.enumerated() {
        let blob = model.appendingPathComponent("blobs/\(index)")
        try Data().write(to: blob)
        let snapshot = model.appendingPathComponent("snapshots/\(file.commit)")
        try FileManager.default.createDirectory(at: snapshot, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
          atPath: snapshot.appendingPathComponent(file.name).path,
          withDestinationPath: "../../blobs/\(index)")
      }
      try body(ModelCache(folder: folder), model)
    }
  }

  private func place(_ name: String, in cache: ModelCache) -> String? {
    ModelName(name).flatMap { try? cache.place(of: $0).lastPathComponent }
  }

  private func problem(_ name: String, in cache: ModelCache) -> String {
    Fixtures.problem { _ = try cache.place(of: #require(ModelName(name))) }
  }

  private static func whole(_ commit: String) -> [(String, String)] {
    [(commit, "config.json"), (commit, "model.safetensors")]
  }

  @Test func `a revision is a branch, a tag, a commit or the beginning of one`() throws {
    let refs = ["main": Self.first, "v1": Self.second, "pr/1": Self.second]
    try withCache(Self.whole(Self.first) + Self.whole(Self.second), refs: refs) { cache, _ in
      #expect(place("org/name", in: cache) == Self.first)
      #expect(place("org/name@v1", in: cache) == Self.second)
      #expect(place("org/name@pr/1", in: cache) == Self.second)
      #expect(place("org/name@\(Self.second)", in: cache) == Self.second)
      #expect(place("org/name@0123f", in: cache) == Self.second)
      #expect(problem("org/name@0123", in: cache).contains("the beginning of several"))
      let gone = problem("org/name@v2", in: cache)
      #expect(gone.contains("not its revision v2; there it has @0123456789"))
      #expect(gone.contains("hf download org/name --revision 'v2' --include '*.safetensors'"))
    }
  }

  @Test func `a GGUF file is named, or is the only one`() throws {
    let files = [(Self.first, "config.json"), (Self.first, "a.gguf")]
    try withCache(files, refs: ["main": Self.first]) { cache, model in
      #expect(place("org/name", in: cache) == "a.gguf")
      #expect(place("org/name:a.gguf", in: cache) == "a.gguf")
      let gone = problem("org/name@main:b.gguf", in: cache)
      #expect(gone.hasSuffix("Fetch it with: hf download org/name 'b.gguf' --revision 'main'"))
      let snapshot = model.appendingPathComponent("snapshots/\(Self.first)")
      try Data().write(to: snapshot.appendingPathComponent("b.gguf"))
      #expect(
        problem("org/name", in: cache).contains("org/name:a.gguf; there are ‘a.gguf’, ‘b.gguf’"))
    }
  }

  @Test func `what is not whole is not there`() throws {
    try withCache(Self.whole(Self.first), refs: ["main": Self.first]) { cache, model in
      try FileManager.default.removeItem(at: model.appendingPathComponent("blobs/1"))
      #expect(problem("org/name", in: cache).contains("lacks config.json or the weights"))
      #expect(
        problem("org/other", in: cache).contains("it is not in the cache \(cache.folder.path)"))
      try Data("../../../etc".utf8).write(to: model.appendingPathComponent("refs/main"))
      #expect(problem("org/name", in: cache).contains("should name a commit"))
    }
  }

  @Test(arguments: [
    "name", "a/b/c", "org/na--me", "org/..", ".org/name", "org/name.git", "org/name@",
    "org/name@../x",
    "org/name:/etc/passwd", "org/name:a/../../b", "org/name@a'b", "org/na me", "örg/name", "",
  ])
  func `what is no name of a model is refused`(_ text: String) {
    #expect(ModelName(text) == nil)
  }

  @Test(arguments: [
    (["HOME": "/h"], "/h/.cache/huggingface/hub"),
    (["HOME": "/h", "XDG_CACHE_HOME": "/x"], "/x/huggingface/hub"),
    (["HOME": "/h", "XDG_CACHE_HOME": "/x", "HF_HOME": "~/f"], "/h/f/hub"),
    (["HOME": "/h", "HF_HOME": "/f", "HUGGINGFACE_HUB_CACHE": "/g"], "/g"),
    (["HOME": "/h", "HF_HUB_CACHE": "$HF_HOME/${V}x$W", "HF_HOME": "/f", "V": "v"], "/f/vx$W"),
    (["HOME": "/h", "HF_HUB_CACHE": "", "HUGGINGFACE_HUB_CACHE": "/g"], "/g"),
  ])
  func `the cache is where huggingface_hub has it`(_ environment: [String: String], _ path: String)
  {
    #expect(ModelCache(environment: environment).folder.path == path)
  }

  @Test func `any reference and any name is answered or refused with a sentence`() throws {
    let refs = ["main": Self.first]
    try withCache(Self.whole(Self.first), refs: refs) { cache, model in
      var mutator = Mutator(seed: 5)
      let name = Array("org/name@refs/pr/1:sub/model-q8_0.gguf".utf8)
      for _ in 0..<50_000 {
        let text = String(decoding: mutator.mutated(name), as: UTF8.self)
        guard let name = ModelName(text) else { continue }
        #expect(name.description == text && !name.download.contains("../"))
      }
      let ref = model.appendingPathComponent("refs/main")
      for _ in 0..<500 {
        try Data(mutator.mutated(Array(Self.first.utf8))).write(to: ref)
        let isFound = place("org/name", in: cache) != nil
        #expect(isFound != (problem("org/name", in: cache).count > 0))
      }
    }
  }
}
