import Foundation
import Glibc
import Synchronization

/// A server on a port of its own whose every answer a test writes.
///
/// Each connection serves one request on a thread of its own, and a script may wait there for
/// whatever it likes; so nothing depends on a clock.
final class ScriptedServer: Sendable {
  /// A request as it came.
  struct Request: Sendable {
    var method: String
    var path: String
    /// By names in lower case.
    var headers: [String: String]
    var body: Data

    var json: [String: Any] {
      (try? JSONSerialization.jsonObject(with: body)) as? [String: Any] ?? [:]
    }
    var prompt: [Int]? { json["prompt"] as? [Int] }
    var seed: Int { json["seed"] as? Int ?? -1 }
  }

  typealias Script = @Sendable (Request, Connection) -> Void

  let port: Int
  private let listener: Int32
  private let log = Log()

  private final class Log: Sendable {
    let requests = Mutex<[Request]>([])
  }

  init(_ script: @escaping Script) throws {
    signal(SIGPIPE, SIG_IGN)
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var yes: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic -> Int32 in
        let result = bind(listener, generic, length)
        getsockname(listener, generic, &length)
        return result
      }
    }
    guard bound == 0, listen(listener, 256) == 0 else { throw POSIXError(.EADDRINUSE) }
    self.listener = listener
    port = Int(UInt16(bigEndian: address.sin_port))
    Thread { [log] in
      while true {
        let descriptor = accept(listener, nil, nil)
        guard descriptor >= 0 else { return }
        Thread {
          let connection = Connection(descriptor)
          defer { connection.close() }
          guard let request = connection.receive() else { return }
          log.requests.withLock { $0.append(request) }
          script(request, connection)
        }.start()
      }
    }.start()
  }

  deinit { stop() }

  /// Takes no more connections.
  func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  var url: String { "http://127.0.0.1:\(port)" }
  var requests: [Request] { log.requests.withLock { $0 } }
  var completions: [Request] { requests.filter { $0.path == "/v1/completions" } }
}

/// The server's end of a connection.
final class Connection: Sendable {
  private let descriptor: Int32
  private let isOpen = Mutex(true)

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  func close() {
    isOpen.withLock { open in
      if open { Glibc.close(descriptor) }
      open = false
    }
  }

  func send(_ text: String) { send(Data(text.utf8)) }

  func send(_ data: Data) {
    data.withUnsafeBytes { bytes in
      var sent = 0
      while sent < bytes.count {
        let count = Glibc.send(
          descriptor, bytes.baseAddress?.advanced(by: sent), bytes.count - sent,
          Int32(MSG_NOSIGNAL))
        guard count > 0 else { return }
        sent += count
      }
    }
  }

  /// A whole answer.
  func answer(_ status: Int, _ body: String, headers: [String: String] = [:]) {
    let lines = headers.map { "\($0): \($1)\r\n" }.joined()
    send(
      "HTTP/1.1 \(status) Scripted\r\nContent-Type: application/json\r\n\(lines)"
        + "Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)")
  }

  /// The head of a stream, whose chunks follow.
  func beginStream() {
    send(
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"
        + "Connection: close\r\n\r\n")
  }

  func chunk(_ text: String) {
    send("\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n")
  }

  func event(_ json: String) { chunk("data: \(json)\n\n") }

  func endStream() {
    event("[DONE]")
    send("0\r\n\r\n")
  }

  /// A whole stream of one choice with these tokens.
  func stream(_ tokens: [Int], finish: String = "length") {
    beginStream()
    for token in tokens { event(Self.part(token)) }
    event(Self.finish(finish))
    endStream()
  }

  static func part(_ token: Int, index: Int = 0) -> String {
    """
    {"choices":[{"index":\(index),"text":"t\(token) ","finish_reason":null,"token_ids":[\(token)],\
    "logprobs":{"token_logprobs":[-0.\(token)],"tokens":["t\(token) "]}}]}
    """
  }

  static func finish(_ reason: String, index: Int = 0) -> String {
    """
    {"choices":[{"index":\(index),"text":"","finish_reason":"\(reason)"}]}
    """
  }

  /// Waits until the other end closes.
  func waitForClose() {
    var byte: UInt8 = 0
    while recv(descriptor, &byte, 1, 0) > 0 {}
  }

  fileprivate func receive() -> ScriptedServer.Request? {
    var bytes = Data()
    guard let end = fill(&bytes, until: { $0.range(of: Data("\r\n\r\n".utf8))?.upperBound }) else {
      return nil
    }
    let head = String(decoding: bytes[..<end], as: UTF8.self).components(separatedBy: "\r\n")
    let words = head[0].split(separator: " ").map(String.init)
    var headers: [String: String] = [:]
    for line in head.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      headers[line[..<colon].lowercased()] =
        line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    let length = headers["content-length"].flatMap { Int($0) } ?? 0
    guard fill(&bytes, until: { $0.count >= end + length ? end + length : nil }) != nil,
      words.count > 1
    else { return nil }
    return ScriptedServer.Request(
      method: words[0], path: words[1], headers: headers, body: Data(bytes[end..<(end + length)]))
  }

  private func fill(_ bytes: inout Data, until found: (Data) -> Int?) -> Int? {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      if let place = found(bytes) { return place }
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 else { return nil }
      bytes += buffer[..<count]
    }
  }
}
