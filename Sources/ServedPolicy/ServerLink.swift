import Foundation

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// What all requests to the servers of one policy share.
final class ServerLink {
  /// The servers, all of which hold the same weights.
  let addresses: [ServerAddress]
  /// Connections.
  let transport: Transport
  /// Where the key is.
  let key: APIKey
  /// The clock and the dice of waiting.
  let timing: RetryTiming
  /// What kind of servers they are, as soon as that is known.
  var family = ServerFamily.other
  /// Requests at once to each server at first, and at most.
  var atOnce = 32
  var mostAtOnce = 256
  /// Asked while a single question waits for its answer; true ends that.
  var isStopWanted: () -> Bool = { false }

  init(
    _ addresses: [ServerAddress], key: APIKey = APIKey(), timing: RetryTiming = RetryTiming(),
    transport: Transport = Transport()
  ) {
    self.addresses = addresses
    self.transport = transport
    self.key = key
    self.timing = timing
  }

  /// A request with the key, which is read for this one alone.
  func request(
    _ path: String, body: Data?, at address: ServerAddress
  ) throws(ServerFailure) -> URLRequest {
    var request = URLRequest(url: try address.url(path))
    request.httpMethod = body == nil ? "GET" : "POST"
    request.httpBody = body
    if body != nil { request.setValue("application/json", forHTTPHeaderField: "Content-Type") }
    if let value = key.value(for: family) {
      request.setValue("Bearer \(value)", forHTTPHeaderField: "Authorization")
    }
    return request
  }

  /// The failure of a status; one that is about a key says where it is looked for.
  func failure(
    status: Int, body: Data, headers: [String: String], host: String
  ) -> ServerFailure {
    var failure = ServerFailure(status: status, body: body, headers: headers, host: host)
    guard status == 401 || status == 403 else { return failure }
    if let variable = key.variable(for: family) {
      failure.description += " (the key was taken from \(variable))"
    } else {
      let names = APIKey.names(for: family).joined(separator: " or ")
      failure.description += " (set \(names) in the environment)"
    }
    return failure
  }

  /// Asks one server one thing and waits for the answer.
  func ask(
    _ path: String, _ body: [String: Any]? = nil, of address: ServerAddress
  ) throws(ServerFailure) -> Data {
    try ask(path, body, of: address) { WholeReader() }
  }

  /// Asks one server one thing and reads the answer in some way.
  func ask<Answer>(
    _ path: String, _ body: [String: Any]?, of address: ServerAddress,
    reader: @escaping () -> any AnswerReader<Answer>
  ) throws(ServerFailure) -> Answer {
    let one = ServerLink([address], key: key, timing: timing, transport: transport)
    (one.family, one.isStopWanted) = (family, isStopWanted)
    let data = body.map(Self.json)
    let job = Job(key: 0, path: path, body: data.map { data in { data } }, reader: reader)
    let dispatch = Dispatch(one, jobs: [job], rule: RetryRule())
    var answer: Answer?
    do {
      try dispatch.run(isStopWanted: isStopWanted) { _, got in answer = got }
    } catch {
      if dispatch.failure == nil, isStopWanted() {
        throw ServerFailure(.unusable, "Asking \(address.host) was stopped.")
      }
      throw dispatch.failure ?? ServerFailure(.cut, "\(address.host) did not answer.")
    }
    guard let answer else { throw ServerFailure(.cut, "\(address.host) did not answer.") }
    return answer
  }

  /// The bytes of a body; none where JSON cannot say it, as a number that is none.
  static func json(_ body: [String: Any]) -> Data {
    guard JSONSerialization.isValidJSONObject(body) else { return Data() }
    return (try? JSONSerialization.data(withJSONObject: body, options: [.sortedKeys])) ?? Data()
  }
}
