import Foundation
import Tensors

/// How keys and values of 16 tokens lie in one page, all layers together.
struct PageLayout {
  /// Tokens of a page.
  static let tokens = 16
  /// Floats of the keys, and of the values, of one layer.
  let side: Int
  /// Floats of a page.
  let floats: Int

  init(_ architecture: Architecture) {
    side = architecture.keyHeads * architecture.headWidth * PageLayout.tokens
    floats = 2 * side * architecture.layers
  }

  func keys(_ layer: Int) -> Int { 2 * side * layer }
  func values(_ layer: Int) -> Int { 2 * side * layer + side }
}

/// Pages that are not in use, shared by all threads.
final class PagePool: @unchecked Sendable {
  let layout: PageLayout
  private let lock = NSLock()
  private var free: [UnsafeMutablePointer<Float>] = []
  private var slabs: [FloatBuffer] = []

  init(_ layout: PageLayout) { self.layout = layout }

  func take() -> UnsafeMutablePointer<Float> {
    lock.lock()
    defer { lock.unlock() }
    if let page = free.popLast() { return page }
    // From 1 to 16 MiB, as much again as there is; a few pages of a large model lie on huge pages.
    let wanted = min(max(slabs.reduce(0) { $0 + $1.capacity }, 1 << 18), 1 << 22)
    let count = max(8, wanted / layout.floats)
    let slab = FloatBuffer(count * layout.floats)
    slabs.append(slab)
    for index in 1..<max(count, 1) { free.append(slab.start + index * layout.floats) }
    return slab.start
  }

  func give(_ pages: ArraySlice<UnsafeMutablePointer<Float>>) {
    lock.lock()
    defer { lock.unlock() }
    free += pages
  }

  /// Returns the memory to the system where it is more than the limit and no page is in use.
  func trim(floats limit: Int) {
    lock.lock()
    defer { lock.unlock() }
    let total = slabs.reduce(0) { $0 + $1.capacity }
    guard total > limit, free.count == total / layout.floats else { return }
    free = []
    slabs = []
  }
}

/// Keys and values of one sequence, as a list of pages.
///
/// `fork(at:)` is the reset: the new sequence shares all whole pages with the old one and copies
/// the tokens of the page it splits. A cache keeps those it was forked from alive.
final class KeyValueCache {
  /// Tokens whose keys and values are stored.
  private(set) var count: Int
  private let pool: PagePool
  private let parent: KeyValueCache?
  private let shared: Int
  private var pages: [UnsafeMutablePointer<Float>]

  /// An empty sequence.
  init(_ pool: PagePool) {
    self.pool = pool
    parent = nil
    shared = 0
    count = 0
    pages = []
  }

  private init(_ parent: KeyValueCache, at length: Int) {
    let (whole, rest) = length.quotientAndRemainder(dividingBy: PageLayout.tokens)
    pool = parent.pool
    self.parent = parent
    shared = whole
    count = length
    pages = Array(parent.pages[..<whole])
    guard rest > 0 else { return }
    let page = pool.take()
    page.update(from: parent.pages[whole], count: pool.layout.floats)
    pages.append(page)
  }

  deinit { pool.give(pages[shared...]) }

  /// A sequence with the same first tokens that goes its own way.
  func fork(at length: Int) -> KeyValueCache {
    precondition(length <= count, "a fork at \(length) of a cache of \(count) tokens")
    return KeyValueCache(self, at: length)
  }

  /// Makes room for one more token, whose place is `count - 1` afterwards.
  func extend() {
    if count == pages.count * PageLayout.tokens { pages.append(pool.take()) }
    count += 1
  }

  /// The page of a position.
  func page(at position: Int) -> UnsafeMutablePointer<Float> {
    pages[position / PageLayout.tokens]
  }

  /// Gives the list of pages as attention reads it.
  func withPages(_ body: (UnsafePointer<UnsafePointer<Float>?>) -> Void) {
    pages.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      body(base.assumingMemoryBound(to: UnsafePointer<Float>?.self))
    }
  }
}
