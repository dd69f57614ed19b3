/// Events of a record that are passed over, counted, with the first of them in words.
public struct SkippedEvents: Equatable, Sendable {
  /// Events of kinds that only a newer Crux knows.
  public private(set) var unknown = 0
  /// Events that are damaged or do not fit what came before them.
  public private(set) var damaged = 0
  /// What is wrong with the first of the damaged ones.
  public private(set) var firstFault: String?
  private var kinds: Set<String> = []

  /// A record can hold as many kinds as rows; more than these are not named.
  private static let mostKinds = 8

  mutating func add(unknown kind: String) {
    unknown += 1
    if kinds.count < SkippedEvents.mostKinds { kinds.insert(kind) }
  }

  mutating func add(_ fault: String) {
    damaged += 1
    if firstFault == nil { firstFault = fault }
  }

  /// What was passed over, in sentences; nil where nothing was.
  public var words: String? {
    var sentences: [String] = []
    if let firstFault {
      let count = damaged == 1 ? "1 damaged event" : "\(damaged) damaged events"
      sentences.append("\(count) passed over: \(firstFault).")
    }
    if unknown > 0 {
      let names = kinds.sorted().map { "“\($0)”" }.joined(separator: ", ")
      sentences.append(
        "\(unknown) event\(unknown == 1 ? "" : "s") of a newer Crux (\(names)) kept, but not shown."
      )
    }
    return sentences.isEmpty ? nil : sentences.joined(separator: " ")
  }
}
