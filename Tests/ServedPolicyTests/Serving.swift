import Foundation
import LanguageModel
import Synchronization
import Testing

@testable import ServedPolicy
@testable import ServerTesting

/// A clock that stands still but for waiting, which takes no time.
final class StillClock: Sendable {
  private let seconds = Mutex(0.0)
  var waited: Double { seconds.withLock { $0 } }
  var timing: RetryTiming {
    RetryTiming(
      now: { self.waited }, sleep: { wait in self.seconds.withLock { $0 += wait } }, random: { 0 })
  }
}

/// A policy of scripted servers, whose abilities are taken as known.
func served(
  _ servers: [ScriptedServer], clock: StillClock = StillClock(), family: ServerFamily = .vllm,
  meaning: ServerCapabilities.LogProbabilityMeaning = .processed, key: String? = nil,
  fidelity: ServerCapabilities.Fidelity = .ids, coding: TextCoding? = nil, atOnce: Int = 32,
  promptScores: PromptScores = .prompt
) throws -> ServedPolicy {
  var capabilities = ServerCapabilities(
    family: family, version: nil, model: "smol", contextLength: 1024, vocabulary: 100,
    fidelity: fidelity, echoesIDs: true, choices: 2, logProbabilities: meaning,
    scoresPrompts: true, tokenizer: .unavailable, refusedFields: [], promptScores: promptScores)
  if family == .llamaServer { capabilities.scoresPrompts = false }
  let link = try link(servers, clock: clock, key: key)
  link.family = family
  link.atOnce = atOnce
  return ServedPolicy(link, capabilities, coding: coding)
}

/// The link to scripted servers, with a key or without.
func link(
  _ servers: [ScriptedServer], clock: StillClock = StillClock(), key: String? = nil
) throws -> ServerLink {
  let variables = key.map { ["OPENAI_API_KEY": $0] } ?? [:]
  return ServerLink(
    try servers.map { try ServerAddress($0.url) }, key: APIKey(environment: { variables }),
    timing: clock.timing)
}

/// What a policy draws, with what was reported on the way.
func draw(
  _ policy: ServedPolicy, _ requests: [RolloutRequest], sampling: Sampling = Sampling(),
  endTokens: Set<Token> = []
) throws -> (answers: [[Continuation]], reports: [RolloutReport]) {
  var reports: [RolloutReport] = []
  let answers = try policy.continuations(
    of: requests, sampling: sampling, endTokens: endTokens,
    progress: WorkProgress { reports.append($0) })
  return (answers, reports)
}

/// A request for so many rollouts.
func request(_ prefix: [Token] = [1, 2, 3], _ seeds: Range<UInt64> = 0..<1, limit: Int = 4)
  -> RolloutRequest
{
  RolloutRequest(prefix: prefix, seeds: Array(seeds), limit: limit)
}

/// Something that happens once and can be waited for.
final class Moment: Sendable {
  private let semaphore = DispatchSemaphore(value: 0)
  func happen() { semaphore.signal() }
  func wait() { semaphore.wait() }
}
