import Foundation
import LanguageModel

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// One question to whichever of the replicas suits it.
struct Job<Answer> {
  /// Jobs of one key go to one replica.
  var key: UInt64
  /// Below the server's root, or below its API where it begins with `/v1/`.
  var path: String
  /// Writes the body in JSON when it is sent, or many long prompts would lie in memory at once; nil
  /// asks with GET.
  var body: (() -> Data)?
  /// Reads the answer, afresh for each attempt.
  var reader: () -> any AnswerReader<Answer>
}

/// Sends jobs to replicas, as many at once as they bear, and hears each answer exactly once.
///
/// All of it happens on the thread that calls `run`. A job is at any time in one place: waiting for
/// a replica, under way, or put off; what still arrives of a request that was given up is dropped.
final class Dispatch<Answer> {
  /// What went wrong, where `run` ended before its time for that reason.
  private(set) var failure: ServerFailure?
  /// Requests that were sent, attempts that failed among them.
  private(set) var sent = 0

  private let link: ServerLink
  private let jobs: [Job<Answer>]
  private let rule: RetryRule
  private var replicas: [Replica]
  private var flights: [Int: Flight] = [:]
  private var putOff: [(job: Int, replica: Int, until: Double)] = []
  private var attempts: [Int]
  private var lastFailures: [ServerFailure?]
  private var open: Int

  private struct Flight {
    var job: Int
    var replica: Int
    var generation: Int
    var reader: any AnswerReader<Answer>
    var status = 0
    var headers: [String: String] = [:]
    var errorBody = Data()
  }

  /// Jobs for the servers of a link.
  init(_ link: ServerLink, jobs: [Job<Answer>], rule: RetryRule) {
    self.link = link
    self.jobs = jobs
    self.rule = rule
    replicas = link.addresses.map { Replica($0, limit: link.atOnce) }
    attempts = jobs.map { _ in 0 }
    lastFailures = jobs.map { _ in nil }
    open = jobs.count
  }

  /// Works until all jobs are answered.
  ///
  /// - Parameters:
  ///   - isStopWanted: Asked at every event and ten times a second; ends the work.
  ///   - heard: Called with the index of a job and its answer.
  /// - Throws: `Stopped` where somebody wanted it, and where `failure` says why. No request is under
  ///   way afterwards.
  func run(
    isStopWanted: () -> Bool, heard: (Int, Answer) throws(Stopped) -> Void
  ) throws(Stopped) {
    defer { for number in flights.keys { link.transport.cancel(number) } }
    for job in jobs.indices { assign(job) }
    while open > 0 {
      if isStopWanted() || failure != nil { throw Stopped() }
      sendWhatMayBeSent()
      guard let event = nextEvent(), let (job, answer) = take(event) else { continue }
      open -= 1
      try heard(job, answer)
    }
  }

  // MARK: Sending

  /// Puts a job where its key belongs among the replicas that are left.
  private func assign(_ job: Int) {
    let left = replicas.indices.filter { !replicas[$0].isLost }
    let best = left.max { first, second in
      replicas[first].weight(of: jobs[job].key) < replicas[second].weight(of: jobs[job].key)
    }
    if let best { replicas[best].waiting.append(job) }
  }

  private func sendWhatMayBeSent() {
    let now = link.timing.now()
    for late in putOff where late.until <= now {
      replicas[late.replica].waiting.insert(late.job, at: 0)
    }
    putOff.removeAll { $0.until <= now }
    for replica in replicas.indices {
      while failure == nil, replicas[replica].isFree(at: now) { send(to: replica) }
    }
  }

  private func send(to replica: Int) {
    let job = replicas[replica].waiting.removeFirst()
    do {
      let request = try link.request(
        jobs[job].path, body: jobs[job].body?(), at: replicas[replica].address)
      sent += 1
      replicas[replica].underWay += 1
      flights[link.transport.send(request)] = Flight(
        job: job, replica: replica, generation: replicas[replica].generation,
        reader: jobs[job].reader())
    } catch {
      failure = error
    }
  }

  /// The next event, if one arrives soon.
  ///
  /// Where nothing is under way there is only the clock to wait for.
  private func nextEvent() -> TransportEvent? {
    let poll = 0.1
    let due = replicas.filter { !$0.isLost && !$0.waiting.isEmpty }.map(\.pausedUntil)
    guard let next = (putOff.map(\.until) + due).min() else {
      return link.transport.next(within: poll)
    }
    let wait = min(max(next - link.timing.now(), 0), poll)
    guard flights.isEmpty else { return link.transport.next(within: wait > 0 ? wait : poll) }
    if wait > 0 { link.timing.sleep(wait) }
    return nil
  }

  // MARK: Hearing

  private func take(_ event: TransportEvent) -> (Int, Answer)? {
    switch event {
    case .head(let number, let status, let headers):
      flights[number]?.status = status
      flights[number]?.headers = headers
      return nil
    case .body(let number, let data): return read(data, of: number)
    case .end(let number, let problem):
      guard let flight = land(number) else { return nil }
      return end(flight, problem: problem)
    }
  }

  private func read(_ data: Data, of number: Int) -> (Int, Answer)? {
    guard let status = flights[number]?.status else { return nil }
    guard (200..<300).contains(status) else {
      // An error is a sentence; what is longer is no use.
      if (flights[number]?.errorBody.count ?? 0) < 1 << 20 { flights[number]?.errorBody += data }
      return nil
    }
    do {
      guard let answer = try flights[number]?.reader.read(data),
        let flight = giveUp(number)
      else { return nil }
      return succeed(flight, answer)
    } catch {
      if let flight = giveUp(number) { fail(flight, error) }
      return nil
    }
  }

  private func end(_ flight: Flight, problem: String?) -> (Int, Answer)? {
    var flight = flight
    let host = replicas[flight.replica].address.host
    guard flight.status != 0 else {
      let words = problem ?? "the connection was closed without an answer"
      fail(flight, ServerFailure(.unreachable, "\(host) cannot be reached: \(words)"))
      return nil
    }
    guard (200..<300).contains(flight.status) else {
      fail(
        flight,
        link.failure(
          status: flight.status, body: flight.errorBody, headers: flight.headers, host: host))
      return nil
    }
    do {
      return succeed(flight, try flight.reader.end())
    } catch {
      fail(flight, error)
      return nil
    }
  }

  private func succeed(_ flight: Flight, _ answer: Answer) -> (Int, Answer) {
    replicas[flight.replica].succeeded(atMost: link.mostAtOnce)
    return (flight.job, answer)
  }

  // MARK: Failing

  private func fail(_ flight: Flight, _ problem: ServerFailure) {
    let (job, replica) = (flight.job, flight.replica)
    let problem = problem.hiding(link.key.value(for: link.family))
    let verdict = rule.verdict(
      on: problem, attempt: attempts[job], before: lastFailures[job], headers: flight.headers,
      random: link.timing.random())
    lastFailures[job] = problem
    let now = link.timing.now()
    let asked = RetryRule.wait(askedForIn: flight.headers).map { now + $0 }
    replicas[replica].failed(problem, sentIn: flight.generation, resume: asked)
    let others = replicas.indices.contains { $0 != replica && !replicas[$0].isLost }
    switch verdict {
    case .refused: failure = problem
    case .exhausted where !others: failure = problem
    case .exhausted: lose(replica, with: job)
    case .again where others && replicas[replica].failures >= 3: lose(replica, with: job)
    case .again(let wait):
      attempts[job] += 1
      putOff.append((job, replica, now + wait))
    }
  }

  /// Gives a replica up; all that it had not finished is drawn again by the others.
  private func lose(_ replica: Int, with job: Int) {
    replicas[replica].isLost = true
    var orphans = [job] + replicas[replica].waiting
    orphans += putOff.filter { $0.replica == replica }.map(\.job)
    orphans += flights.values.filter { $0.replica == replica }.map(\.job)
    replicas[replica].waiting = []
    putOff.removeAll { $0.replica == replica }
    for number in flights.filter({ $0.value.replica == replica }).keys { giveUp(number) }
    for orphan in orphans.sorted() {
      attempts[orphan] = 0
      lastFailures[orphan] = nil
      assign(orphan)
    }
  }

  @discardableResult
  private func giveUp(_ number: Int) -> Flight? {
    link.transport.cancel(number)
    return land(number)
  }

  private func land(_ number: Int) -> Flight? {
    guard let flight = flights.removeValue(forKey: number) else { return nil }
    replicas[flight.replica].underWay -= 1
    return flight
  }
}
