import Testing
import Trajectories

@testable import Session

/// Whom prompts and keys go to.
struct ServerConsentTests {
  @Test func `a server that only a file names is not asked`() throws {
    let strange = ServerChoice(urls: ["http://127.0.0.1:8000", "https://gpu.example:8000"])
    let error = try #require(throws: Complaint.self) { try ServerConsent.check(strange) }
    #expect(error.description.contains("--server https://gpu.example:8000"))
    ServerConsent.grant(ServerChoice(urls: ["https://gpu.example:8000"]))
    try ServerConsent.check(strange)
  }

  @Test(arguments: ["http://localhost:1/v1", "http://[::1]:80", "http://127.0.0.1"])
  func `a server on this machine may be asked`(_ address: String) throws {
    try ServerConsent.check(ServerChoice(urls: [address]))
  }

  @Test(arguments: [
    "http://127.0.0.1.example", "http://localhost.example:1", "http://127.0.0.1@example:80",
    "no address",
  ])
  func `what only looks like this machine may not`(_ address: String) {
    #expect(throws: Complaint.self) { try ServerConsent.check(ServerChoice(urls: [address])) }
  }
}
