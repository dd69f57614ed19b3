/// Says that whoever waits for some work wants no more of it.
///
/// It travels from where a report was heard to whoever began the work. What was finished before is
/// kept where a function says so; whoever wants it otherwise takes it from the reports.
public struct Stopped: Error, Equatable, CustomStringConvertible {
  /// Work that was stopped.
  public init() {}

  /// A sentence.
  public var description: String { "The work was stopped." }
}

/// How far some work is, for whoever waits for it.
///
/// It is handed down to where the work is done and called there with each report. The call returns
/// where the work is to go on and throws `Stopped` where no more of it is wanted. It is heard on the
/// thread that works.
public struct WorkProgress<Report> {
  private let hear: (Report) throws(Stopped) -> Void

  /// Progress that is heard by a function, which may throw `Stopped`.
  public init(_ hear: @escaping (Report) throws(Stopped) -> Void) { self.hear = hear }

  /// Reports, and goes on unless it throws.
  public func callAsFunction(_ report: Report) throws(Stopped) { try hear(report) }

  /// Progress that nobody hears; the work goes on to its end.
  public static var unheard: Self { Self { _ in } }

  /// Work of which nothing is heard and that ends at the first report after that is wanted.
  public static func until(_ isStopWanted: @escaping () -> Bool) -> Self {
    Self { _ throws(Stopped) in if isStopWanted() { throw Stopped() } }
  }

  /// The progress of a part of the work, whose reports become reports of the whole.
  public func reporting<Part>(_ whole: @escaping (Part) -> Report) -> WorkProgress<Part> {
    WorkProgress<Part> { [hear] part throws(Stopped) in try hear(whole(part)) }
  }
}

/// How many parts of some work are done.
public struct PartsDone: Equatable, Sendable {
  /// Parts that are done.
  public var done: Int
  /// Parts in all.
  public var total: Int

  /// So many parts of so many.
  public init(_ done: Int, of total: Int) {
    self.done = done
    self.total = total
  }
}

extension WorkProgress where Report == PartsDone {
  /// Reports so many parts of so many.
  public func callAsFunction(_ done: Int, of total: Int) throws(Stopped) {
    try self(PartsDone(done, of: total))
  }

  /// The same where the parts are the rollouts of one call of a policy.
  public var ofRollouts: WorkProgress<RolloutReport> {
    reporting { PartsDone($0.finished, of: $0.total) }
  }
}
