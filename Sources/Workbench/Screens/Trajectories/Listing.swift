public import Trajectories

/// The trajectories as they are listed, filtered and ordered, kept up as the run goes on.
///
/// What changes is looked at again and put in its place by halving; a new wish is worked out a slice
/// at a time, so that no key waits for a hundred thousand trajectories. While it is worked out, what
/// was found so far is listed.
struct Listing: Equatable, Sendable {
  /// What decides which are listed, and in which order.
  struct Wish: Equatable, Sendable {
    var sorting = TrajectoryList.Sorting.order
    var words = ""
    /// Those to judge, in order, which are listed whatever the words say; empty for all.
    var judged: [String] = []
    /// What decides whether values are seen, and which answers are lucky.
    var isBlind = false
    var floor = 0.0
  }

  /// A listed trajectory.
  private struct Entry: Equatable, Comparable, Sendable {
    var key: UInt64
    var place: Int

    static func < (one: Entry, other: Entry) -> Bool {
      one.key == other.key ? one.place < other.place : one.key < other.key
    }
  }

  private var wish = Wish()
  private var filter = ListFilter("")
  /// The rank of each of those to judge.
  private(set) var ranks: [String: Int] = [:]
  /// From the smallest; equal ones in the order in which they came.
  private var entries: [Entry] = []
  /// The key that each trajectory is listed by, by its place in the run; 0 where it is not.
  private var keys: [UInt64] = []
  /// Whether each has a critical step, by its place.
  private var criticals: [Bool] = []
  /// Places to look at before all others.
  private var touched: [Int] = []
  /// Where a wish is narrower than the one before it, what was listed by that.
  private var candidates: ArraySlice<Int> = []
  /// From there on nothing was looked at yet, candidates aside.
  private var nextPlace = 0
  private var count = 0

  /// Whether all there is was looked at.
  private(set) var isComplete = true

  /// How many are listed.
  var listedCount: Int { entries.count }

  /// The share that was looked at, in whole hundredths.
  var percent: Int {
    let left = touched.count + candidates.count + (count - nextPlace)
    return isComplete ? 100 : min(99, max(0, (count - left) * 100 / max(1, count)))
  }

  /// The place within the run of the trajectory in a row.
  func place(atRow row: Int, descending: Bool) -> Int {
    entries[descending ? entries.count - 1 - row : row].place
  }

  /// The row of the trajectory at that place within the run; nil where it is not listed.
  func row(of place: Int, descending: Bool) -> Int? {
    guard keys.indices.contains(place), keys[place] != 0 else { return nil }
    let row = index(of: Entry(key: keys[place], place: place))
    return descending ? entries.count - 1 - row : row
  }

  /// The next row after another, in a direction, whose trajectory has a critical step.
  func criticalRow(after row: Int, by offset: Int, descending: Bool) -> Int? {
    var row = row + offset
    while entries.indices.contains(row) {
      if criticals[place(atRow: row, descending: descending)] { return row }
      row += offset
    }
    return nil
  }

  /// Notes that what is known of a trajectory changed.
  mutating func touch(_ place: Int) {
    // What was not looked at yet will be.
    guard place < nextPlace else { return }
    touched.append(place)
    isComplete = false
  }

  /// Notes that what is known of all changed.
  mutating func touchAll() {
    candidates = []
    begin()
  }

  private mutating func begin() {
    entries = []
    keys = Array(repeating: 0, count: keys.count)
    touched = []
    nextPlace = 0
    isComplete = false
  }

  /// The first row not before an entry.
  private func index(of entry: Entry) -> Int {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle] < entry { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

// Working it out.
extension Listing {
  /// What a look at a trajectory costs beside the reading of its text, in bytes read.
  private static let lookCost = 256

  /// Takes a wish and looks at trajectories until a slice of work is done.
  ///
  /// - Parameters:
  ///   - wish: What to list.
  ///   - selection: The place of the trajectory that the screens speak of, which is looked at first.
  ///   - state: The state, from which this listing was taken out.
  ///   - budget: How much to do, in bytes of text that are read, or as long.
  mutating func goOn(
    _ wish: Wish, selection: Int?, of state: WorkbenchState, budget: Int
  ) {
    if wish != self.wish { begin(wish, selection: selection) }
    let trajectories = state.history.trajectories
    count = trajectories.count
    guard !isComplete || nextPlace < count else { return }
    if keys.count < count {
      keys += Array(repeating: 0, count: count - keys.count)
      criticals += Array(repeating: false, count: count - criticals.count)
    }
    var left = budget
    var added: [Entry] = []
    var removed: [Entry] = []
    while left > 0, let place = next() {
      // In place: a copy of a trajectory costs more than the look at it.
      let key = key(of: trajectories[place], in: state)
      left -= Self.lookCost + (filter.readsTexts ? trajectories[place].textSize : 0)
      criticals[place] = state.criticalStep(of: trajectories[place].id) != nil
      guard key != keys[place] else { continue }
      if keys[place] != 0 { removed.append(Entry(key: keys[place], place: place)) }
      if key != 0 { added.append(Entry(key: key, place: place)) }
      keys[place] = key
    }
    isComplete = touched.isEmpty && candidates.isEmpty && nextPlace == count
    put(added, removing: removed)
  }

  private mutating func begin(_ wish: Wish, selection: Int?) {
    let filter = ListFilter(wish.words)
    let isNarrower =
      isComplete && wish.judged.isEmpty && self.wish.judged.isEmpty
      && wish.isBlind == self.wish.isBlind && wish.floor == self.wish.floor
      && filter.implies(self.filter)
    // Nothing else than what was listed can be.
    let (places, looked) = (entries.map(\.place), nextPlace)
    candidates = isNarrower && places.count < looked ? places[...] : []
    begin()
    if !candidates.isEmpty || (isNarrower && places.isEmpty) { nextPlace = looked }
    if let selection, selection < looked { touched = [selection] }
    self.wish = wish
    self.filter = filter
    ranks = Dictionary(
      wish.judged.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
  }

  private mutating func next() -> Int? {
    if let place = touched.popLast() { return place }
    if let place = candidates.popFirst() { return place }
    guard nextPlace < count else { return nil }
    defer { nextPlace += 1 }
    return nextPlace
  }

  /// Takes entries out and puts others in, each in its place.
  private mutating func put(_ added: [Entry], removing removed: [Entry]) {
    guard !added.isEmpty || !removed.isEmpty else { return }
    if added.count + removed.count <= 8 {
      for entry in removed { entries.remove(at: index(of: entry)) }
      for entry in added { entries.insert(entry, at: index(of: entry)) }
      return
    }
    let added = added.sorted()
    if removed.isEmpty, entries.last.map({ $0 < added[0] }) ?? true {
      entries += added
      return
    }
    var merged: [Entry] = []
    merged.reserveCapacity(entries.count + added.count)
    var rest = added[...]
    // An entry whose key is another by now is one of those to remove.
    for entry in entries where keys[entry.place] == entry.key {
      while let first = rest.first, first < entry { merged.append(rest.removeFirst()) }
      merged.append(entry)
    }
    entries = merged + rest
  }

  /// The key that a trajectory is listed by; 0 where it is not listed.
  private func key(of trajectory: Trajectory, in state: WorkbenchState) -> UInt64 {
    guard wish.judged.isEmpty else {
      return ranks[trajectory.id].map { Self.key(Double($0)) } ?? 0
    }
    guard filter.holds(for: trajectory, in: state) else { return 0 }
    return switch wish.sorting {
    case .order: Self.key(0)
    case .reward: Self.key(trajectory.reward)
    case .steps: Self.key(Double(trajectory.steps.count))
    case .length: Self.key(Double(trajectory.length))
    case .critical: Self.key(state.criticalSize(of: trajectory.id))
    case .update: Self.key(Double(trajectory.policyVersion))
    }
  }

  /// A number from 1 on that is ordered as the value is; what is no number comes first.
  private static func key(_ value: Double) -> UInt64 {
    guard !value.isNaN else { return 1 }
    // Of the two zeros the same.
    let bits = (value + 0).bitPattern
    return bits >> 63 == 1 ? ~bits : bits | 1 << 63
  }
}

/// The trajectories as they are listed, row by row, without a copy of any.
public struct ListedTrajectories: RandomAccessCollection, Sendable {
  let listing: Listing
  let trajectories: [Trajectory]
  let descending: Bool

  /// The first row.
  public var startIndex: Int { 0 }
  /// The row after the last.
  public var endIndex: Int { listing.listedCount }
  /// The trajectory in a row.
  public subscript(row: Int) -> Trajectory {
    trajectories[listing.place(atRow: row, descending: descending)]
  }
}

extension WorkbenchState {
  /// The trajectories as they are listed: filtered and ordered.
  public var listed: ListedTrajectories {
    ListedTrajectories(
      listing: list.listing, trajectories: history.trajectories, descending: isListedDown)
  }

  /// Whether the list is turned round; what is to be judged has an order of its own.
  private var isListedDown: Bool {
    list.descending && (!blind.isOn || blind.trajectories.isEmpty)
  }

  /// The row of a trajectory in the list; nil where it is not listed.
  func row(of id: String) -> Int? {
    history.place(of: id).flatMap { list.listing.row(of: $0, descending: isListedDown) }
  }

  /// The next row after another, in a direction, whose trajectory has a critical step.
  func criticalRow(after row: Int, by offset: Int) -> Int? {
    list.listing.criticalRow(after: row, by: offset, descending: isListedDown)
  }

  private var listingWish: Listing.Wish {
    Listing.Wish(
      sorting: list.sorting, words: list.filter, judged: blind.isOn ? blind.trajectories : [],
      isBlind: blind.isOn, floor: floor)
  }

  /// Works a slice of the list out.
  mutating func relist() {
    var listing = Listing()
    swap(&listing, &list.listing)
    listing.goOn(
      listingWish, selection: selection.flatMap { history.place(of: $0) }, of: self,
      budget: slice)
    swap(&listing, &list.listing)
  }

  /// Lists only what fulfils the words.
  mutating func applyFilter(_ words: String) {
    list.filter = words
    tellCount(.filtered)
  }

  /// Lists what is wished now, and tells how many they are once that is known.
  mutating func tellCount(_ awaited: AwaitedCount) {
    list.awaited = awaited
    relist()
    tellAwaited()
  }

  mutating func tellAwaited() {
    guard let awaited = list.awaited, list.listing.isComplete else { return }
    list.awaited = nil
    let (count, all) = (list.listing.listedCount, history.trajectories.count)
    switch awaited {
    case .ofUpdate(let update):
      if count == 0 { tell("No trajectory of update \(update) was written down.") }
    case .filtered where list.filter.isEmpty: tell("All \(count) are listed.")
    case .filtered: tell("\(count) of \(all) are listed.", count == 0 ? .warning : .information)
    }
  }

  /// Lists all where a trajectory would not be listed.
  mutating func reveal(_ id: String) {
    guard let wanted = history.trajectory(id) else { return }
    if !ListFilter(list.filter).holds(for: wanted, in: self) { list.filter = "" }
    relist()
  }

  /// The size of the advantage that a trajectory is ordered by.
  func criticalSize(of id: String) -> Double {
    guard let step = criticalStep(of: id) ?? proposal(for: id)?.leader,
      let credit = credit(of: step, in: id)
    else { return -1 }
    return abs(credit.advantage)
  }

  /// The number a trajectory is called by, such as `#17`.
  func number(of id: String) -> String {
    history.place(of: id).map { "#\($0 + 1)" } ?? "#?"
  }
}

/// Of what the number is told, once the list is worked out.
enum AwaitedCount: Equatable, Sendable {
  /// Of what fulfils a filter that was typed.
  case filtered
  /// Of what an update learnt from, where there is none.
  case ofUpdate(Int)
}

extension Trajectory {
  /// Bytes of its problem and answer.
  var textSize: Int {
    steps.reduce(problem.prompt.utf8.count) { $0 + $1.text.utf8.count }
  }
}
