/// What people chose as critical steps, beside a rule and beside each other.
public struct AgreementReport: Codable, Equatable, Sendable {
  /// One trajectory with what is said of it.
  public struct Answer: Equatable, Sendable {
    /// The trajectory, cut as it is now.
    public var trajectory: Trajectory
    /// What the rule says of it; nil where it is not valued.
    public var proposal: CriticalStep?
    /// What people chose, in order.
    public var labels: [StepLabel]

    /// An answer with every field given.
    public init(trajectory: Trajectory, proposal: CriticalStep?, labels: [StepLabel]) {
      self.trajectory = trajectory
      self.proposal = proposal
      self.labels = labels
    }
  }

  /// One person's choices.
  public struct Person: Codable, Equatable, Sendable {
    /// Who.
    public var name: String
    /// Trajectories judged.
    public var labels: Int
    /// Of these, judged blind.
    public var blind: Int
    /// Of these, those of which the person holds no step to be critical.
    public var none: Int
    /// Median seconds a trajectory; nil where nobody measured.
    public var medianSeconds: Double?
    /// Beside the step that leads by the rule, where person and rule both name one.
    public var rule: StepAgreement
    /// The same where the rule itself calls its step clear.
    public var clear: StepAgreement
    /// The same, by the kind of the person's step.
    public var kinds: [Kind]
  }

  /// Agreement on one kind of step.
  public struct Kind: Codable, Equatable, Sendable {
    /// The kind.
    public var kind: StepKind
    /// Steps of that kind that the person chose.
    public var chosen: Int
    /// Steps of that kind that lead by the rule.
    public var led: Int
    /// Steps of that kind that are both.
    public var same: Int

    /// Counts with every field given.
    public init(kind: StepKind, chosen: Int, led: Int, same: Int) {
      self.kind = kind
      self.chosen = chosen
      self.led = led
      self.same = same
    }
  }

  /// Two people beside each other.
  public struct Pair: Codable, Equatable, Sendable {
    /// The one.
    public var first: String
    /// The other.
    public var second: String
    /// Their agreement on the trajectories that both judged.
    public var agreement: StepAgreement
  }

  /// The rules that spoke, by name, in alphabetical order.
  public var rules: [String]
  /// The people, in the order in which they first chose.
  public var people: [Person]
  /// Every two people who judged the same trajectory.
  public var pairs: [Pair]

  /// The report of what was said of some trajectories.
  ///
  /// - Parameters:
  ///   - answers: Each trajectory once.
  ///   - includingOpen: Whether choices count that were made with the values in sight. Of several
  ///     choices of one person on one trajectory the first that counts is taken.
  public init(_ answers: [Answer], includingOpen: Bool = false) {
    let judged = answers.map { Judged($0, includingOpen: includingOpen) }
    var names: [String] = []
    for label in judged.flatMap(\.labels) where !names.contains(label.person) {
      names.append(label.person)
    }
    let spoken = judged.filter { !$0.labels.isEmpty }.compactMap {
      $0.answer.proposal?.rule.rawValue
    }
    rules = Set(spoken).sorted()
    people = names.map { name in Person(name, judged) }
    pairs = names.indices.flatMap { first in
      names[(first + 1)...].compactMap { Pair(names[first], $0, judged) }
    }
  }
}

/// A trajectory with the labels that count: one a person.
private struct Judged {
  var answer: AgreementReport.Answer
  var labels: [StepLabel]

  init(_ answer: AgreementReport.Answer, includingOpen: Bool) {
    self.answer = answer
    labels = []
    for label in answer.labels where label.blind || includingOpen {
      if !labels.contains(where: { $0.person == label.person }) { labels.append(label) }
    }
  }

  var steps: [Step] { answer.trajectory.steps }

  func label(of person: String) -> StepLabel? { labels.first { $0.person == person } }

  /// The person's step and the rule's, where both name one.
  func beside(rule name: String) -> StepAgreement.Choice? {
    guard let label = label(of: name), let step = label.step(in: steps),
      let proposal = answer.proposal
    else { return nil }
    return StepAgreement.Choice(first: step, second: proposal.leader, steps: steps.count)
  }
}

extension AgreementReport.Person {
  fileprivate init(_ name: String, _ judged: [Judged]) {
    self.name = name
    let own = judged.compactMap { $0.label(of: name) }
    labels = own.count
    blind = own.count { $0.blind }
    none = own.count { $0.step == nil }
    medianSeconds = Self.median(own.compactMap(\.seconds))
    rule = StepAgreement(judged.compactMap { $0.beside(rule: name) })
    clear = StepAgreement(
      judged.filter { $0.answer.proposal?.step != nil }.compactMap { $0.beside(rule: name) })
    kinds = Self.kinds(of: name, judged)
  }

  private static func median(_ values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let half = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
  }

  private static func kinds(of name: String, _ judged: [Judged]) -> [AgreementReport.Kind] {
    var counts: [StepKind: AgreementReport.Kind] = [:]
    func count(_ kind: StepKind, _ path: WritableKeyPath<AgreementReport.Kind, Int>) {
      var one = counts[kind] ?? AgreementReport.Kind(kind: kind, chosen: 0, led: 0, same: 0)
      one[keyPath: path] += 1
      counts[kind] = one
    }
    for one in judged {
      guard let choice = one.beside(rule: name), let chosen = choice.first,
        let led = choice.second
      else { continue }
      count(one.answer.trajectory.kind(of: chosen), \.chosen)
      count(one.answer.trajectory.kind(of: led), \.led)
      if chosen == led { count(one.answer.trajectory.kind(of: led), \.same) }
    }
    return StepKind.allCases.compactMap { counts[$0] }
  }
}

extension AgreementReport.Pair {
  fileprivate init?(_ first: String, _ second: String, _ judged: [Judged]) {
    let choices = judged.compactMap { one -> StepAgreement.Choice? in
      guard let mine = one.label(of: first), let other = one.label(of: second) else { return nil }
      return StepAgreement.Choice(
        first: mine.step(in: one.steps), second: other.step(in: one.steps),
        steps: one.steps.count)
    }
    guard !choices.isEmpty else { return nil }
    self.init(first: first, second: second, agreement: StepAgreement(choices))
  }
}
