import Foundation

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// Something that happened to a request that is under way.
enum TransportEvent {
  /// The head of the answer: status, and headers by their names in lower case.
  case head(Int, status: Int, headers: [String: String])
  /// The next bytes of the body.
  case body(Int, Data)
  /// The last of it; with a sentence where the connection failed.
  case end(Int, String?)
}

/// Requests under way, and what arrives of them in one queue for the thread that waits.
///
/// Proxies and certificates are the system's. Redirects are refused: their answer is handed on as it
/// is. Nothing is cached, no cookie is kept.
final class Transport {
  private let mailbox = Mailbox()
  private let session: URLSession
  private var tasks: [Int: URLSessionTask] = [:]

  /// `silence` is how many seconds a server may say nothing before the connection counts as dead.
  init(silence: TimeInterval = 600) {
    let configuration = URLSessionConfiguration.ephemeral
    // Six at once is the default, and the others wait without a word.
    configuration.httpMaximumConnectionsPerHost = 512
    configuration.timeoutIntervalForRequest = silence
    configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
    configuration.urlCache = nil
    configuration.httpCookieStorage = nil
    configuration.urlCredentialStorage = nil
    session = URLSession(configuration: configuration, delegate: mailbox, delegateQueue: nil)
  }

  deinit { session.invalidateAndCancel() }

  /// Sends a request; its number marks what arrives of it.
  func send(_ request: URLRequest) -> Int {
    let task = session.dataTask(with: request)
    tasks[task.taskIdentifier] = task
    task.resume()
    return task.taskIdentifier
  }

  /// Gives a request up and closes its connection, by which the server hears of it.
  func cancel(_ number: Int) { tasks.removeValue(forKey: number)?.cancel() }

  /// The next event, waiting at most so many seconds for one.
  func next(within seconds: TimeInterval) -> TransportEvent? {
    let event = mailbox.next(within: seconds)
    if case .end(let number, _)? = event { tasks[number] = nil }
    return event
  }
}

/// The delegate of the session: what it hears on its own queue waits here for the caller's thread.
private final class Mailbox: NSObject, URLSessionDataDelegate, @unchecked Sendable {
  private let condition = NSCondition()
  private var events: [TransportEvent] = []

  func next(within seconds: TimeInterval) -> TransportEvent? {
    let limit = Date(timeIntervalSinceNow: seconds)
    condition.lock()
    defer { condition.unlock() }
    while events.isEmpty {
      if !condition.wait(until: limit) { break }
    }
    return events.isEmpty ? nil : events.removeFirst()
  }

  private func post(_ event: TransportEvent) {
    condition.lock()
    events.append(event)
    condition.signal()
    condition.unlock()
  }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
  ) {
    let answer = response as? HTTPURLResponse
    var headers: [String: String] = [:]
    for (name, value) in answer?.allHeaderFields ?? [:] {
      headers["\(name)".lowercased()] = "\(value)"
    }
    post(.head(dataTask.taskIdentifier, status: answer?.statusCode ?? 0, headers: headers))
    completionHandler(.allow)
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    post(.body(dataTask.taskIdentifier, data))
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?
  ) {
    post(.end(task.taskIdentifier, error?.localizedDescription))
  }

  /// A redirect would send the body and the key on to wherever the server likes.
  func urlSession(
    _ session: URLSession, task: URLSessionTask,
    willPerformHTTPRedirection response: HTTPURLResponse, newRequest request: URLRequest,
    completionHandler: @escaping (URLRequest?) -> Void
  ) {
    completionHandler(nil)
  }
}
