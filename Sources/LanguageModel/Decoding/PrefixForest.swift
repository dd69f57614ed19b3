import Foundation
import Tensors

/// The prefixes of a call, each token of their common beginnings computed once.
///
/// Prefixes are sorted. One that begins the next is a view of it; the others are strands, each
/// forked from the earlier strand that shares most of it. Strands of one level do not need each
/// other and are read side by side.
final class PrefixForest {
  /// A prefix and where to fork from.
  struct Prefix {
    var strand: Int
    var length: Int
  }

  /// A prefix that no other one continues.
  private final class Strand {
    let tokens: [Token]
    /// Tokens shared with the parent.
    let shared: Int
    let parent: Int?
    let level: Int
    /// Lengths after which logits are wanted, and which prefix wants them.
    var ends: [(length: Int, prefix: Int)] = []
    var cache: KeyValueCache?

    init(tokens: [Token], shared: Int, parent: Int?, level: Int) {
      self.tokens = tokens
      self.shared = shared
      self.parent = parent
      self.level = level
    }
  }

  private let model: Transformer
  private let weights: PackedWeights
  private var strands: [Strand] = []
  private(set) var prefixes: [Prefix] = []
  private let logits: FloatBuffer
  private let logitStride: Int

  /// Reads all prefixes; each has at least one token, none appears twice.
  init(_ tokens: [[Token]], _ model: Transformer, _ weights: PackedWeights) {
    self.model = model
    self.weights = weights
    logitStride = rowStride(model.vocabulary)
    logits = FloatBuffer(tokens.count * logitStride)
    prefixes = Array(repeating: Prefix(strand: 0, length: 0), count: tokens.count)
    arrange(tokens)
    let levels = strands.reduce(0) { max($0, $1.level + 1) }
    for level in 0..<levels { read(level) }
  }

  /// A cache at the end of a prefix.
  func fork(_ prefix: Int) -> KeyValueCache {
    let place = prefixes[prefix]
    guard let cache = strands[place.strand].cache else {
      preconditionFailure("the prefix was not read")
    }
    return cache.fork(at: place.length)
  }

  /// The logits after a prefix.
  func logits(_ prefix: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(start: logits.start + prefix * logitStride, count: model.vocabulary)
  }

  private func arrange(_ tokens: [[Token]]) {
    let order = tokens.indices.sorted { tokens[$0].lexicographicallyPrecedes(tokens[$1]) }
    var views: [Int] = []
    for (place, index) in order.enumerated() {
      views.append(index)
      let next = place + 1 < order.count ? tokens[order[place + 1]] : []
      if next.starts(with: tokens[index]) { continue }
      addStrand(tokens[index])
      for view in views {
        prefixes[view] = Prefix(strand: strands.count - 1, length: tokens[view].count)
        strands[strands.count - 1].ends.append((tokens[view].count, view))
      }
      views = []
    }
  }

  private func addStrand(_ tokens: [Token]) {
    let shared = strands.last.map { Self.common($0.tokens, tokens) } ?? 0
    guard shared > 0 else {
      return strands.append(Strand(tokens: tokens, shared: 0, parent: nil, level: 0))
    }
    // The strand that computes the last of the shared tokens.
    var owner = strands.count - 1
    while strands[owner].shared >= shared, let parent = strands[owner].parent { owner = parent }
    strands.append(
      Strand(tokens: tokens, shared: shared, parent: owner, level: strands[owner].level + 1))
  }

  private static func common(_ a: [Token], _ b: [Token]) -> Int {
    zip(a, b).prefix { $0 == $1 }.count
  }

  /// Reads the strands of a level, in groups that fill a batch.
  private func read(_ level: Int) {
    var groups: [[Strand]] = []
    var size = DecodingWorkspace.capacity
    for strand in strands where strand.level == level {
      strand.cache =
        strand.parent.flatMap { strands[$0].cache?.fork(at: strand.shared) }
        ?? KeyValueCache(model.pages)
      let own = strand.tokens.count - strand.shared
      if size + own > DecodingWorkspace.capacity {
        groups.append([])
        size = 0
      }
      groups[groups.count - 1].append(strand)
      size += own
    }
    let workers = model.lanes(for: groups.count)
    Parallel.run(groups.count, workers: workers) { index, worker in
      read(groups[index], model.workspaces[worker])
    }
  }

  private func read(_ group: [Strand], _ workspace: DecodingWorkspace) {
    var entries: [DecodingWorkspace.Entry] = []
    var wanted: [Int: [Int]] = [:]
    func flush() {
      workspace.read(entries, model, weights)
      for (row, views) in wanted {
        workspace.computeLogits(rows: row..<row + 1, weights)
        for view in views {
          (logits.start + view * logitStride).update(
            from: workspace.logits.start, count: logitStride)
        }
      }
      entries = []
      wanted = [:]
    }
    for strand in group {
      guard let cache = strand.cache else { continue }
      for position in strand.shared..<strand.tokens.count {
        cache.extend()
        let views = strand.ends.filter { $0.length == position + 1 }.map(\.prefix)
        if !views.isEmpty { wanted[entries.count] = views }
        entries.append(
          DecodingWorkspace.Entry(
            token: strand.tokens[position], position: position, cache: cache))
        if entries.count == DecodingWorkspace.capacity { flush() }
      }
    }
    if !entries.isEmpty { flush() }
  }
}
