import Foundation
import LanguageModel
import Synchronization
import Testing

@testable import ServedPolicy
@testable import ServerTesting

@Suite(.timeLimit(.minutes(2)))
struct ReplicaTests {
  private let states = (0..<20).map { request([1, Token($0)], 0..<3) }

  @Test func `the rollouts of one state go to one replica, and every replica has some`() throws {
    let servers = try (0..<2).map { _ in
      try ScriptedServer { request, connection in connection.stream([request.seed]) }
    }
    _ = try draw(try served(servers), states)
    let asked = servers.map { Set($0.completions.compactMap(\.prompt)) }
    #expect(asked[0].isDisjoint(with: asked[1]))
    #expect(asked.allSatisfy { $0.count >= 3 })
    #expect(servers.reduce(0) { $0 + $1.completions.count } == 60)
  }

  @Test func `what a lost replica had not finished is drawn elsewhere, each rollout once`() throws {
    let served60 = Mutex(0)
    let dying = try ScriptedServer { request, connection in
      let number = served60.withLock { count in
        count += 1
        return count
      }
      guard number > 4 else { return connection.stream([request.seed]) }
      connection.beginStream()
      connection.event(Connection.part(50))
    }
    let living = try ScriptedServer { request, connection in connection.stream([request.seed]) }
    let policy = try served([dying, living], atOnce: 8)
    let (answers, reports) = try draw(policy, states)
    #expect(answers.allSatisfy { $0.map(\.tokens) == [[0], [1], [2]] })
    let places = reports.map { [$0.request, $0.rollout] }
    #expect(Set(places).count == 60)
    #expect(places.count == 60)
    #expect(dying.completions.count > 4)
  }

  @Test func `a replica that nobody hears is lost as well`() throws {
    let gone = try ScriptedServer { _, _ in }
    gone.stop()
    let living = try ScriptedServer { request, connection in connection.stream([request.seed]) }
    let (answers, reports) = try draw(try served([gone, living]), states)
    #expect(answers.allSatisfy { $0.map(\.tokens) == [[0], [1], [2]] })
    #expect(reports.count == 60)
  }

  @Test func `when all are lost it is said`() throws {
    let servers = try (0..<2).map { _ in try ScriptedServer { _, _ in } }
    let policy = try served(servers)
    #expect(throws: Stopped.self) { try draw(policy, states) }
    #expect(policy.failure?.description.contains("cannot be reached") == true)
  }

  @Test func `a burst of refusals halves once, and rounds that go well add one`() throws {
    var replica = Replica(try ServerAddress("http://a:1"), limit: 32)
    let busy = ServerFailure(.status(503), "busy")
    for _ in 0..<28 { replica.failed(busy, sentIn: 0, resume: nil) }
    #expect(replica.limit == 16)
    replica.failed(busy, sentIn: 1, resume: 5)
    #expect(replica.limit == 8)
    #expect(replica.pausedUntil == 5)
    for _ in 0..<9 { replica.succeeded(atMost: 64) }
    #expect(Int(replica.limit) == 9)
    for _ in 0..<10_000 { replica.succeeded(atMost: 64) }
    #expect(replica.limit == 64)
  }

  @Test func `a server that takes four at once gets all of its work done`() throws {
    let open = Mutex(0)
    let server = try ScriptedServer { request, connection in
      let isIn = open.withLock { count in
        if count < 4 { count += 1 }
        return count < 4
      }
      guard isIn else { return connection.answer(503, #"{"error":"full"}"#) }
      connection.stream([request.seed])
      open.withLock { $0 -= 1 }
    }
    let (answers, reports) = try draw(try served([server]), [request([1], 0..<60)])
    #expect(answers[0].map(\.tokens) == (0..<60).map { [Token($0)] })
    #expect(reports.count == 60)
  }
}
