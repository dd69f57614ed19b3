import Foundation

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// Why a server did not answer as it should, as a sentence that may be shown.
///
/// No key stands in it, whatever the server wrote.
public struct ServerFailure: Error, Equatable, Sendable, CustomStringConvertible {
  /// What kind of failure it is; it decides whether the same may be asked again.
  public enum Cause: Equatable, Sendable {
    /// Nobody answered at that address.
    case unreachable
    /// The answer ended before it was whole.
    case cut
    /// The server answered with a status that is no success, or with an error inside a stream.
    case status(Int)
    /// What the server answered cannot be used; asking again would not help.
    case unusable
  }

  /// What kind of failure it is.
  public var cause: Cause
  /// What happened, with the server's own words where it had any.
  public var description: String

  init(_ cause: Cause, _ description: String) {
    self.cause = cause
    self.description = description
  }

  /// The failure that a status and its body tell of.
  init(status: Int, body: Data, headers: [String: String] = [:], host: String) {
    if (300..<400).contains(status) {
      let goal = headers["location"].map { " to \(Self.shortened($0))" } ?? ""
      self.init(
        .unusable,
        "\(host) redirects\(goal); that is not followed, for it would take the request and a key"
          + " to another place. Give the address that it names.")
      return
    }
    let said = Self.sentence(in: body)
    let words = said.isEmpty ? HTTPURLResponse.localizedString(forStatusCode: status) : said
    self.init(.status(status), "\(host) answered \(status): \(words)")
  }

  /// The server's own words in the bodies of errors that servers write: OpenAI's object, a bare
  /// string, FastAPI's `detail`, the flat object of older servers, or plain text.
  static func sentence(in body: Data) -> String {
    guard let json = try? JSONSerialization.jsonObject(with: body) else {
      return shortened(String(decoding: body, as: UTF8.self))
    }
    guard let object = json as? [String: Any] else { return shortened("\(json)") }
    let error = object["error"] ?? object["detail"] ?? object
    if let words = error as? String { return shortened(words) }
    if let fields = error as? [String: Any] {
      if let words = fields["message"] as? String { return shortened(words) }
      return fields.isEmpty ? "" : shortened(text(of: fields))
    }
    return shortened(text(of: error))
  }

  private static func text(of json: Any) -> String {
    let data = try? JSONSerialization.data(
      withJSONObject: json, options: [.fragmentsAllowed, .sortedKeys])
    return String(decoding: data ?? Data(), as: UTF8.self)
  }

  /// One line of at most 400 characters; a validation error may repeat the whole prompt.
  private static func shortened(_ text: String) -> String {
    let line = text.split { $0.isWhitespace || $0.isNewline }.joined(separator: " ")
    return line.count <= 400 ? line : line.prefix(400) + "…"
  }

  /// The same failure without the key, should the server have repeated it.
  func hiding(_ key: String?) -> ServerFailure {
    guard let key, !key.isEmpty else { return self }
    return ServerFailure(
      cause, description.replacingOccurrences(of: key, with: "(the key)"))
  }
}
