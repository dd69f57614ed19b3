import Foundation
import LanguageModel
import Learning
import ModelFiles
import Records
import Trajectories
import Workbench

// New answers: to problems of a file, of the task, and of the reader's own.
extension Engine {
  /// Problems of a file that are answered in one call of the policy, at most.
  private static let batch = 16

  /// Answers the problems of a file while nothing else is asked for; of many the first, where each
  /// answer takes a reader's time.
  func answerFile(_ problems: [AskedProblem]) {
    guard !problems.isEmpty else { return }
    let isLong = trainer?.isLarge == true && problems.count(where: \.needsPolicy) > Self.batch
    leftOut = (0, "")
    unanswered = isLong ? problems.prefix(Self.batch) : problems[...]
    if isLong {
      inbox.post(
        .message(
          "The first \(Self.batch) of \(problems.count) problems are answered; d draws more.",
          .information))
    }
    setBackground()
  }

  /// Answers the next problems of the file.
  func answerNext() {
    let batch = Array(unanswered.prefix(Self.batch))
    let (before, total) = (unanswered.startIndex, unanswered.endIndex)
    do {
      server?.begin()
      try answer(batch, before: before, total: total)
      try checkStop()
      if let failure = server?.failure { throw Complaint(failure) }
      unanswered = unanswered.dropFirst(batch.count)
      if unanswered.isEmpty { try tellLeftOut(of: total) }
    } catch {
      // The rest would fail alike, or is not wanted any more.
      unanswered = []
      // A server that fails may answer the next time.
      let isUseless = server?.failure == nil && (before == 0 || leftOut.count == total)
      if !thread.isCancelled { refuse(error, isUseless: isUseless) }
    }
    guard unanswered.isEmpty else { return }
    inbox.post(.progress(nil))
    if failure == nil { inbox.post(.engine(restingState)) }
  }

  /// Tells what of a dump this policy cannot have written.
  ///
  /// - Throws: The reason, where it can have written nothing of it.
  private func tellLeftOut(of total: Int) throws {
    guard leftOut.count > 0 else { return }
    guard leftOut.count < total else { throw Complaint(leftOut.first) }
    inbox.post(
      .message("\(leftOut.count) answers are left out; the first: \(leftOut.first)", .warning))
  }

  private func answer(_ batch: [AskedProblem], before: Int, total: Int) throws {
    let sampler = try sampler()
    watch()
    let report = progress("answering the problems")
    _ = report(before, total, 0)
    var questions: [Question] = []
    var events: [RunEvent] = []
    for (place, asked) in batch.enumerated() {
      let problem = try sampler.problem(of: asked)
      let given: Trajectory?
      do { given = try sampler.given(asked, problem) } catch let error as Complaint
        where asked.dumped != nil
      {
        if leftOut.count == 0 { leftOut.first = error.description }
        leftOut.count += 1
        continue
      }
      if let given {
        events.append(.sampled(given))
        events += [asked.label(of: given)].compactMap { $0 }.map { .labelled($0) }
        _ = report(before + place + 1, total, 0)
      } else {
        let seed = sampler.recipe.seed(for: .drawn, [sampler.version, before + place])
        questions.append(Question(problem: problem, seed: seed, id: asked.id))
      }
    }
    try append(events)
    guard !questions.isEmpty else { return }
    try sample(questions, sampler) { report(before + $0, total, 0) }
  }

  /// Draws new problems of the task and answers them.
  func draw(_ count: Int) {
    work("answering \(count) new problems") { room in
      let sampler = try room.sampler()
      let first = Int(try room.newestEvent())
      let questions = (0..<count).map { number in
        Question(
          problem: sampler.problem(.drawn, [sampler.version, first, number]),
          seed: sampler.recipe.seed(for: .drawn, [sampler.version, first, number, 1]),
          id: "drawn-\(first)/\(number + 1)")
      }
      let progress = room.progress()
      try room.sample(questions, sampler) { progress($0, count, $0) }
    }
  }

  /// What answers to problems of the reader's own are called, before their number.
  static let askedName = "asked-"

  /// Answers a problem that the reader typed; `asked` is the largest number of such answers in the
  /// run's record.
  func ask(_ prompt: String, reference: String, asked: Int) {
    work("answering “\(prompt.prefix(40))”") { room in
      let sampler = try room.sampler()
      if let unknown = sampler.codec.unknownPieces(in: prompt).first {
        throw Complaint("The policy does not know “\(unknown)”, so it cannot be asked that.")
      }
      let newest = Int(try room.newestEvent())
      let seed = sampler.recipe.seed(for: .drawn, [sampler.version, newest, 0])
      // Another problem may have waited before this one.
      let number = max(room.asked, asked) + 1
      room.watch(room.partialAnswers(to: prompt, try room.ready().model.tokenizer))
      defer { room.inbox.post(.partialAnswer(nil)) }
      let began = Date()
      let answer = try sampler.answer(
        prompt, reference: reference, id: "\(Self.askedName)\(number)", seed: seed,
        progress: .until { [thread = room.thread] in thread.isCancelled })
      guard let answer else { return }
      try room.append([.sampled(answer.timed(Date().timeIntervalSince(began)))])
      room.asked = number
      try room.lengthen(after: [answer])
    }
  }

  /// Posts the answer on the way, at most ten times a second; a character of several tokens appears
  /// when it is whole.
  private func partialAnswers(
    to prompt: String, _ tokenizer: Tokenizer
  ) -> ([Token]) -> Void {
    var last = Date.distantPast
    var stream = TextStream(tokenizer)
    var text = ""
    var read = 0
    return { [self] tokens in
      let now = Date()
      guard tokens.count > read, now.timeIntervalSince(last) > 0.1 else { return }
      last = now
      text += tokens[read...].map { stream.append($0) }.joined()
      read = tokens.count
      inbox.post(.partialAnswer(PartialAnswer(prompt: prompt, text: text, tokens: read)))
    }
  }

  /// Answers questions in one call and writes each answer down once all before it are there, so
  /// that the same run has them in the same order.
  private func sample(
    _ questions: [Question], _ sampler: RolloutSampler, progress: @escaping (Int) -> Bool
  ) throws {
    var finished: [String: Trajectory] = [:]
    var written = 0
    var problem: (any Error)?
    var last = Date()
    func writeDown() {
      var answers: [Trajectory] = []
      while written < questions.count, let next = finished[questions[written].id] {
        answers.append(next)
        written += 1
      }
      guard !answers.isEmpty else { return }
      // Answers are drawn together; each has its share of the time.
      let seconds = Date().timeIntervalSince(last) / Double(answers.count)
      last = Date()
      let events = answers.map { RunEvent.sampled($0.timed(seconds)) }
      do { try append(events) } catch { problem = problem ?? error }
    }
    let began = Date()
    let hear = WorkProgress<AnswerReport> { [self] report throws(Stopped) in
      finished[report.answer.id] = report.answer
      if progress(report.finished) || report.finished == questions.count { writeDown() }
      if problem != nil { throw Stopped() }
      try checkStop()
    }
    do { _ = try sampler.sample(questions, progress: hear) } catch is Stopped {
      // What was drawn is kept.
    }
    writeDown()
    if let problem { throw problem }
    if questions.count >= 4 {
      tellSpeed(finished.values.reduce(0) { $0 + $1.responseTokens.count }, since: began)
    }
    try lengthen(after: Array(finished.values))
  }

  /// Most tokens that answers are given without being asked.
  private static let longest = 4096

  /// Lets answers be longer where the limit cut most of them off and nobody chose it; else says how.
  private func lengthen(after answers: [Trajectory]) throws {
    let trainer = try ready()
    cutOff.drawn += answers.count
    cutOff.cut += answers.count { $0.truncated }
    guard 2 * cutOff.cut > cutOff.drawn else { return }
    let limit = trainer.loop.recipe.sampling.limit
    let longer = min(2 * limit, Self.longest, try sampler().policy.contextLength / 2)
    guard opening.lengthens(for: trainer.model), longer > limit else {
      inbox.post(
        .message(
          "\(cutOff.cut) of \(cutOff.drawn) answers were cut off at \(limit) tokens; "
            + ":limit \(2 * limit) lets them be longer.", .warning))
      return
    }
    try setLimit(
      longer, because: "it cut \(cutOff.cut) of \(cutOff.drawn) answers off")
  }

  /// Lets answers have that many tokens from here on.
  func limit(to tokens: Int) {
    work("changing the limit", judges: false) { try $0.setLimit(tokens, because: "asked for") }
  }

  private func setLimit(_ tokens: Int, because reason: String) throws {
    try ready().change(.limit, to: tokens, because: reason)
    cutOff = (0, 0)
    // Rollouts that may be longer are worth something else.
    values = [:]
  }

  /// Number of the newest event, of which names of new answers are made.
  private func newestEvent() throws -> Int64 { try ready().run.store.newest }
}
